"""Anybody may ask how a matter stands, by number and code; guessing is slow and tells nothing."""

import re

import httpx
import pytest

from services.county.ask import FROM_ONE_PLACE
from tests.services.network import VILLAGE, Person, Stage, petition


@pytest.fixture
def number(stage: Stage) -> str:
    """The number of a matter that the county knows."""
    made = stage.person(VILLAGE).done("register-matter", petition(unit=str(stage.unit(VILLAGE))))
    stage.settle()
    return made["number"]


def asker(stage: Stage, address: str) -> Person:
    """Somebody who asks from an address of their own."""
    way = httpx.HTTPTransport(local_address=address)
    return Person(stage, "county", "", http=httpx.Client(base_url=stage.address, transport=way, timeout=60))


def ask(person: Person, number: str, code: str, **more: str) -> httpx.Response:
    """The public question of a program."""
    return person.send("POST", "/api/ask", json={"number": number, "query_code": code}, **more)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_wrong_code_and_an_unknown_number_get_the_same_answer(stage, number, language):
    stranger = asker(stage, "127.0.0.21" if language == "zh" else "127.0.0.22")
    answers = [
        ask(stranger, asked, "2222222222", language=language) for asked in (number, "101201-2026-99999-9")
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()


def test_who_guesses_too_often_waits_and_nobody_else_does(stage, number):
    hasty, patient = asker(stage, "127.0.0.23"), asker(stage, "127.0.0.24")
    codes = [ask(hasty, number, "2" * 10).status_code for _ in range(FROM_ONE_PLACE.free + 1)]
    assert codes == [404] * FROM_ONE_PLACE.free + [429]
    refused = ask(hasty, number, "x")
    assert refused.json()["code"] == "asked-too-often"
    assert 1 <= int(refused.json()["facts"]["seconds"]) <= 120
    page = hasty.send("POST", "/ask", data={"number": number, "query_code": "x"})
    assert page.status_code == 429 and "Seconds to wait" in page.text
    # Somebody else asks for the same number, and the same person for another one
    assert ask(patient, number, "x").status_code == 404
    assert ask(hasty, "101201-2026-99999-9", "x").status_code == 404


def test_who_knows_the_code_may_ask_as_often_as_they_like(stage):
    made = stage.person(VILLAGE).done("register-matter", petition(unit=str(stage.unit(VILLAGE))))
    stage.settle()
    receipt = stage.person(VILLAGE).get(f"/matters/{made['case']}/receipt").text
    found = re.search(r'receipt__code">[^<]*<strong>([^<]+)', receipt)
    assert found
    asking = asker(stage, "127.0.0.25")
    for _ in range(40):
        answer = ask(asking, made["number"], found[1])
        assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"


def test_a_query_code_stands_in_no_address(stage, number):
    stranger = asker(stage, "127.0.0.26")
    assert stranger.get(f"/api/ask?number={number}&query_code=2222222222").status_code == 405


def test_the_start_page_leads_to_the_question(stage):
    assert 'href="/n/county/ask"' in httpx.get(stage.address).text


@pytest.fixture
def receipt(stage: Stage) -> tuple[str, str]:
    """Number and query code as they stand on a receipt."""
    clerk = stage.person(VILLAGE)
    made = clerk.done("register-matter", petition(unit=str(stage.unit(VILLAGE))))
    stage.settle()
    page = clerk.get(f"/matters/{made['case']}/receipt").text
    code = re.search(r"\b[2-9A-HJ-NP-Z]{10}\b", page)
    assert code
    return made["number"], code[0]


WIDE = str.maketrans({sign: chr(ord(sign) + 0xFEE0) for sign in map(chr, range(0x21, 0x7F))})
SPELLINGS = {
    "as it stands": lambda text: text,
    "full-width": lambda text: text.translate(WIDE),
    "en dashes": lambda text: text.replace("-", "–"),
    "blanks for dashes": lambda text: text.replace("-", " "),
    "neither": lambda text: text.replace("-", ""),
    "small letters": lambda text: text.lower(),
    "signs that are not seen": lambda text: "\ufeff" + "\u200b".join(text) + "\u3000",
}


def test_number_and_code_are_understood_in_every_spelling_by_page_and_by_api(stage, receipt):
    petitioner, number = asker(stage, "127.0.0.25"), receipt[0]
    for way, spelt in SPELLINGS.items():
        typed = dict(zip(("number", "query_code"), map(spelt, receipt), strict=True))
        assert petitioner.send("POST", "/api/ask", json=typed).json().get("number") == number, way
        page = petitioner.send("POST", "/ask", data=typed)
        assert page.status_code == 200 and number in page.text, way


def test_a_matter_is_found_in_the_list_by_its_number_in_every_spelling(stage, receipt):
    for way, spelt in SPELLINGS.items():
        page = stage.person(VILLAGE).send("GET", "/matters", params={"number": spelt(receipt[0])})
        assert receipt[0] in re.sub(r"<input[^>]*>", "", page.text), way


def test_two_matters_of_one_number_are_told_apart_by_their_codes(stage, monkeypatch):
    twin, clerk = "101201-2026-88888-8", stage.person(VILLAGE)
    monkeypatch.setattr("shared.work.matters.case.matter_number", lambda *_: twin)
    petitioner, codes = asker(stage, "127.0.0.26"), []
    for received_on in ("2026-03-24", "2026-03-25"):
        body = petition(unit=str(stage.unit(VILLAGE)), received_on=received_on)
        page = clerk.get(f"/matters/{clerk.done('register-matter', body)['case']}/receipt").text
        codes.append((re.findall(r"\b[2-9A-HJ-NP-Z]{10}\b", page)[0], received_on))
    stage.settle()
    for code, received_on in codes:
        answer = ask(petitioner, twin, code)
        assert answer.json()["received_on"] == received_on
    assert ask(petitioner, twin, "2222222222").status_code == 404
