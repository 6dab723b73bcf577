"""Bad input over form and JSON: a clear sentence in both languages, nothing recorded, nothing typed lost."""

import http.client
import json
import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import Any
from uuid import uuid4

import httpx
import pytest

from shared.web.error_pages import TROUBLES
from shared.web.languages import Language
from shared.web.languages.words import sentence
from tests.services.network import (
    COUNTY,
    TODAY,
    TOWN,
    VILLAGE,
    Person,
    Stage,
    petition,
    petition_form,
    text_of,
    until,
)

NOBODY = "00000000-0000-4000-8000-000000000000"
RARE = "\U00020164\U0002b81a\U00030000\U000323b0 家👨‍👩‍👧‍👦 \u202e\u0639\u0631\u0628\u064a\u202c =SUM(A1) é ﷽"
"""Hanzi of extensions B, E, G and H, a family joined with ZWJ, right to left, a formula."""

RARE_LINE = RARE.translate({0x202E: None, 0x202C: None})
"""The same in a single line, which takes no sign that turns its direction."""

MEGABYTE = "长" * 350_000


@pytest.fixture(scope="module")
def clerk(stage: Stage) -> Person:
    """A clerk of the village."""
    return stage.newcomer(VILLAGE)


def own_facts(person: Person) -> int:
    """How far the journal of the person's node has got."""
    return person.stage.host.nodes[person.node].log.last_position()


def body_of(person: Person, **changed: Any) -> dict[str, Any]:
    """A petition to this person's office."""
    return petition(unit=str(person.stage.unit(VILLAGE)), **changed)


IMPOSSIBLE = {
    "day that does not exist": {"received_on": "2026-02-30"},
    "year 1": {"received_on": "0001-01-01"},
    "seconds for a day": {"received_on": "1700000000"},
    "tomorrow": {"received_on": "2026-03-27"},
    "class that is unknown": {"matter_class": "weather"},
    "accusation": {"matter_class": "discipline"},
    "unit that is unknown": {"place": NOBODY},
    "unit that is no id": {"place": "村"},
    "number that is huge": {"persons": "9" * 30},
    "number beyond all digits": {"persons": "9" * 5000},
    "number below one": {"persons": "0"},
    "number with a fraction": {"persons": "1.5"},
    "character NUL": {"summary": "路\x00灯"},
    "bell": {"request": "修\x07好"},
    "text that is too long": {"account": "长" * 20_001},
    "line that is too long": {"summary": "长" * 201},
    "empty text": {"summary": "  "},
    "text of which nothing is seen": {"account": "\u200b\u3164"},
    "line that turns its direction": {"summary": "路\u202e灯"},
    "line that breaks": {"summary": "路\u2028灯"},
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("what", IMPOSSIBLE)
def test_a_form_with_something_impossible_comes_back_with_all_that_was_typed(stage, clerk, what, language):
    before, typed = own_facts(clerk), petition_form(account="原话" + RARE) | IMPOSSIBLE[what]
    page = clerk.submit("/matters/new", typed, language=language)
    assert page.status_code == 422
    said = re.search(r'<ul class="govuk-list govuk-error-summary__list">(.*?)</ul>', page.text, re.S)
    assert said and bool(re.search("[一-鿿]", text_of(said[1]))) == (language == "zh")
    kept = unescape(page.text).replace("\r\n", "\n")
    assert typed["account"] in kept and typed["summary"].strip() in kept
    assert own_facts(clerk) == before


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("what", IMPOSSIBLE)
def test_an_order_with_something_impossible_is_refused_with_a_code_and_a_sentence(clerk, what, language):
    before = own_facts(clerk)
    answer = clerk.order("register-matter", body_of(clerk, **IMPOSSIBLE[what]), language=language)
    assert answer.status_code == 422 and answer.json()["code"]
    said = " ".join([answer.json()["title"], *(e["says"] for e in answer.json().get("errors", []))])
    assert bool(re.search("[一-鿿]", said)) == (language == "zh")
    assert own_facts(clerk) == before


def raw_post(person: Person, path: str, body: bytes, content_type: str, **headers: str) -> tuple[int, str]:
    """A body exactly as given; gives status and text."""
    usual = {"Content-Type": content_type, "Huiyin-Form-Token": person.form_token, **person.headers}
    answer = person.http.post(person.base + path, content=body, headers=usual | headers)
    return answer.status_code, answer.text


FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def encoded_form(person: Person, **changed: str) -> bytes:
    """A petition's form as bytes, for breaking."""
    fields = {"csrf": person.form_token, **petition_form(**changed)}
    return httpx.Request("POST", "http://x", data=fields).read()


def test_half_a_character_in_a_form_is_refused_at_its_field(clerk):
    before = own_facts(clerk)
    half = encoded_form(clerk, summary="MARK").replace(b"MARK", b"%E8%B7%AF%E7%81")
    status, page = raw_post(clerk, "/matters/new", half, FORM)
    assert status == 422 and "some of its characters arrived broken" in page
    assert own_facts(clerk) == before


BROKEN_BODIES = {
    "half a character": (b'{"summary": "\xe8\xb7"}', 400),
    "half a surrogate": (b'{"unit": "\\ud800", "summary": "\\udfff"}', 422),
    "half a surrogate as a name": (b'{"\\ud800": 1}', 422),
    "a number without end": (b'{"persons": ' + b"9" * 5000 + b"}", 400),
    "infinity": (b'{"persons": 1e999}', 422),
    "not a number": (b'{"persons": NaN}', 422),
    "no JSON": (b"{", 422),
    "a list": (b"[]", 422),
    "nothing": (b"", 422),
    "deep": (b"[" * 50_000, 400),
}


@pytest.mark.parametrize("what", BROKEN_BODIES)
def test_a_body_that_cannot_be_read_is_a_problem_and_nothing_else(clerk, what):
    body, status = BROKEN_BODIES[what]
    before = own_facts(clerk)
    got, text = raw_post(clerk, "/api/orders/register-matter", body, JSON)
    assert got == status and json.loads(text)["code"], text
    assert own_facts(clerk) == before


@pytest.mark.parametrize("content_type", ["text/plain", FORM, "application/xml", "nonsense"])
def test_json_under_another_name_is_not_taken(clerk, content_type):
    body = json.dumps(body_of(clerk)).encode()
    assert raw_post(clerk, "/api/orders/register-matter", body, content_type)[0] == 422


@pytest.mark.parametrize(
    "content_type", [JSON, "text/plain", "multipart/form-data", "multipart/form-data; boundary=x"]
)
def test_a_form_under_another_name_is_refused(clerk, content_type):
    status, page = raw_post(clerk, "/matters/new", encoded_form(clerk), content_type)
    assert status in (400, 403) and "<h1" in page


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_text_of_a_megabyte_is_refused_in_the_readers_language(clerk, language, chunked):
    before = own_facts(clerk)
    head = {"Accept-Language": language}
    for path, kind, body in (
        ("/api/orders/register-matter", JSON, json.dumps(body_of(clerk, account=MEGABYTE)).encode()),
        ("/matters/new", FORM, encoded_form(clerk, account=MEGABYTE)),
    ):
        content = (body[n : n + 50_000] for n in range(0, len(body), 50_000)) if chunked else body
        status, text = raw_post(clerk, path, content, kind, **head)  # type: ignore[arg-type]
        assert status == 413 and sentence(Language(language), TROUBLES[413].title) in text
    assert own_facts(clerk) == before


def test_rare_characters_come_back_exactly_as_they_were_written(stage, clerk):
    made = clerk.submit(
        "/matters/new", petition_form(summary=RARE_LINE, name_1="𠅤" + RARE[:4], account=RARE + "\n完")
    )
    page = unescape(clerk.get(made.headers["location"].removeprefix(clerk.base)).text)
    assert made.status_code == 303 and RARE_LINE in page and RARE in page and "𠅤" + RARE[:4] in page


def test_a_form_sent_twice_at_once_is_one_matter(clerk):
    typed = petition_form(idempotency_key=uuid4().hex)
    before = own_facts(clerk)
    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(lambda _: clerk.submit("/matters/new", typed), range(2)))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert own_facts(clerk) == before + 1


def test_two_tabs_are_two_matters_but_one_report_and_the_second_is_told_so(stage):
    clerk = stage.newcomer(VILLAGE)
    keys = [re.search(r'idempotency_key" value="(.+?)"', clerk.get("/matters/new").text)[1] for _ in "ab"]
    made = [clerk.submit("/matters/new", petition_form(idempotency_key=key)) for key in keys]
    assert made[0].headers["location"] != made[1].headers["location"]
    report = {"day": "2026-03-20", "kind": "daily", "checked": "phone"}
    sent = [clerk.submit("/report", report | {"idempotency_key": uuid4().hex}) for _ in "ab"]
    assert [answer.status_code for answer in sent] == [303, 409]
    assert "already been sent" in sent[1].text and "2026-03-20" in sent[1].text


def test_an_order_whose_answer_was_lost_is_sent_again_and_counts_once(stage, clerk):
    before, key = own_facts(clerk), uuid4().hex
    body = body_of(clerk)
    cookies = "; ".join(f"{c.name}={c.value}" for c in clerk.http.cookies.jar)
    headers = {"Idempotency-Key": key, "Cookie": cookies, "Content-Type": JSON, **clerk.headers}
    headers["Huiyin-Form-Token"] = clerk.form_token
    line = http.client.HTTPConnection(stage.address.removeprefix("http://"))
    line.request("POST", f"{clerk.base}/api/orders/register-matter", json.dumps(body), headers)
    line.close()
    until(lambda: own_facts(clerk) == before + 1)
    again = clerk.order("register-matter", body, key=key)
    assert again.status_code == 201 and own_facts(clerk) == before + 1


def test_a_stale_form_is_refused_and_shows_what_was_typed(clerk):
    case = clerk.done("register-matter", body_of(clerk))["case"]
    typed = petition_form(reason="笔误", version="1", summary="只有我打的字")
    assert clerk.submit(f"/matters/{case}/correct", typed).status_code == 303
    late = clerk.submit(f"/matters/{case}/correct", typed | {"summary": "第二个窗口的字"})
    assert late.status_code == 409 and "第二个窗口的字" in late.text and "version 1, it is now 2" in late.text


@pytest.mark.parametrize("version", ["²", "9" * 5000, "-1", "x", "1e3"])
def test_a_version_that_is_no_number_is_a_fault_of_the_form_never_of_the_server(clerk, version):
    case = clerk.done("register-matter", body_of(clerk))["case"]
    sent = clerk.submit(f"/matters/{case}/assess", {"matter_class": "land", "version": version})
    assert sent.status_code == 422


ODD_ADDRESSES = (
    "/sheet?day=0001-01-01",
    "/sheet?day=9999-12-31",
    "/sheet?as_of=9999-12-31T23:59:59Z",
    "/sheet?as_of=2026-03-26T09:00:00",
    "/sheet?below=x",
    "/sheet?status=%00&flag=%EF%BF%BD",
    f"/sheet?below={NOBODY}",
    "/feed?page=0",
    "/feed?page=99999999999999999999999",
    "/matters?page=1e9",
    "/matters?number=%00",
    "/matters?number=%ED%A0%80",
    "/matters?age=%F0%28&state=none",
    "/matters/%00",
    f"/matters/{NOBODY}",
    f"/matters/{NOBODY}/refer",
    f"/referrals/{NOBODY}/accept",
    f"/supervision/{NOBODY}",
    f"/reports/{NOBODY}/0001-01-01",
    f"/reports/{NOBODY}/2026-03-26",
    "/report?day=0001-01-01&kind=%00",
    "/directory?below=x",
    f"/directory/add?parent={NOBODY}",
    f"/directory/{NOBODY}/rename",
    "/supervision?state=%00&page=-1",
    "/ask?number=%00",
    "/sign-in?next=//elsewhere.example",
    "/api/matters?limit=99999999999999999999",
    f"/api/reports/{NOBODY}?first=1949-10-01&last=2199-12-31",
    "/api/ask?number=%00&query_code=%00",
    "/nowhere",
    "",
    "/static/../../../etc/passwd",
    "/static/%00",
)


@pytest.mark.parametrize("address", ODD_ADDRESSES)
def test_no_address_however_odd_is_an_error_of_ours(stage, address):
    answer = stage.person(COUNTY).get(address)
    assert answer.status_code < 500, answer.text
    if "/api/" not in address and "/static/" not in address and answer.status_code != 307:
        assert answer.status_code == 303 or "<h1" in answer.text


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("address", ["/matters?number=1%00", "/api/matters?number=%00", "/sheet?x=%00"])
def test_a_sign_that_no_database_takes_is_refused_in_an_address(stage, address, language):
    answer = stage.person(COUNTY).get(address, language=language)
    assert answer.status_code == 422
    assert {"zh": "无法保存", "en": "cannot be stored"}[language] in answer.text


def test_a_sign_that_no_database_takes_is_refused_in_a_form_without_an_order(stage):
    answer = stage.person(COUNTY).submit("/ask", {"number": "1\0", "query_code": "2"})
    assert answer.status_code == 422
    assert "<h1" in answer.text


def test_a_form_for_a_unit_or_a_matter_that_is_elsewhere_is_refused_by_name(stage, clerk):
    elsewhere = stage.person(TOWN).done("register-matter", petition(unit=str(stage.unit(TOWN))))["case"]
    assert clerk.submit(f"/matters/{elsewhere}/keep", {}).status_code in (403, 404)
    case = clerk.done("register-matter", body_of(clerk))["case"]
    sent = clerk.submit(f"/matters/{case}/refer", {"to": NOBODY, "reason": "competent_body", "version": "1"})
    assert sent.status_code == 422 and "not in the directory" in sent.text


def test_a_zero_report_against_the_register_names_the_matter_and_keeps_the_form(stage):
    clerk = stage.newcomer(VILLAGE)
    made = clerk.done("register-matter", body_of(clerk))
    zero = {"day": TODAY.isoformat(), "kind": "zero", "checked": ["phone", "mailbox"], "version": ""}
    sent = clerk.submit("/report", zero)
    assert sent.status_code == 409
    assert made["number"] in sent.text or "already been sent" in sent.text


@pytest.mark.parametrize("wrong", ["村\x00", "村\x07", "村\ufffd"])
def test_words_that_stand_unsealed_in_the_directory_are_whole_or_refused_too(stage, wrong):
    boss, before = stage.person(COUNTY, "administrator"), stage.facts()
    place = {
        "code": "430321101277",
        "kind": "village",
        "parent": str(stage.unit(TOWN)),
        "node": "villages-101",
    }
    for name, contact in ((wrong, "1"), ("村", wrong)):
        body = place | {"name": name, "contact": contact}
        assert boss.order("open-unit", body).json()["code"] == "wrong-shape"
        assert boss.submit("/directory/add", body).status_code == 422
    assert stage.facts() == before
