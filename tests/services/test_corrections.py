"""Registering and correcting at the doors: half an answer stands at its field, and what no form shows stays as it was."""

import re
from html import unescape
from typing import Any
from uuid import UUID

import pytest

from shared.work.common.sealed import person_key
from tests.services.network import COUNTY, TOWN, VILLAGE, Person, Stage, petition, petition_form, text_of


@pytest.fixture
def clerk(stage: Stage) -> Person:
    """A clerk of the village."""
    return stage.newcomer(VILLAGE)


SEVEN = [
    {"name": f"甲{n}", "contact": str(n), "role": "representative" if n < 4 else "petitioner"}
    for n in range(1, 8)
]


def registered(clerk: Person, **changed: Any) -> str:
    """A matter of the village; gives its id."""
    return clerk.done("register-matter", petition(unit=str(clerk.stage.unit(VILLAGE)), **changed))["case"]


def fields_of(page: str) -> dict[str, str]:
    """What a page's form would send as it stands."""
    form = page[page.index("<form") :]
    typed = re.findall(
        r'<input(?=[^>]* name="([^"]+)")(?=[^>]*type="(?:text|date|hidden)")(?=[^>]* value="([^"]*)")', form
    )
    ticked = re.findall(r'<input(?=[^>]* name="([^"]+)")(?=[^>]* value="([^"]*)")(?=[^>]* checked)', form)
    areas = re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.S)
    chosen = re.findall(r'<select[^>]* name="([^"]+)".*?</select>', form, re.S)
    picked = {
        name: (re.findall(r'<option value="([^"]*)"[^>]* selected', part) or [""])[0]
        for name, part in re.findall(r'<select[^>]* name="([^"]+)"(.*?)</select>', form, re.S)
        if name in chosen
    }
    found = {name: unescape(value).lstrip("\n") for name, value in (*typed, *ticked, *areas)}
    return found | picked


def told(clerk: Person, case: str) -> dict[str, Any]:
    """The petition as JSON tells it."""
    return clerk.get(f"/api/matters/{case}").json()["content"]


def test_a_registration_that_is_saved_again_as_its_form_shows_it_has_not_changed(stage, clerk):
    # Given a petition with everything that a program can give
    town = str(stage.unit(TOWN))
    case = registered(
        clerk,
        place=str(stage.unit(VILLAGE)),
        earlier_unit=town,
        earlier_on="2026-03-01",
        persons=40,
        petitioners=SEVEN,
    )
    before, page = told(clerk, case), clerk.get(f"/matters/{case}/correct").text
    # When its form is sent as it stands, with a reason
    sent = clerk.submit(f"/matters/{case}/correct", fields_of(page) | {"reason": "未改"})
    assert sent.status_code == 303, text_of(sent.text)
    # Then everything is as it was, also what the form does not show
    after = told(clerk, case)
    sealed = ("summary", "request", "account", "petitioners")
    assert {k: v for k, v in after.items() if k not in sealed} == {
        k: v for k, v in before.items() if k not in sealed
    }
    assert [person["role"] for person in after["petitioners"]] == [
        person["role"] for person in before["petitioners"]
    ]
    shown = text_of(clerk.get(f"/matters/{case}").text)
    for person in SEVEN:
        assert f"{person['name']}, {person['contact']}" in shown


def test_an_earlier_office_is_taken_out_on_the_form_that_shows_it(stage, clerk):
    case = registered(clerk, earlier_unit=str(stage.unit(TOWN)), earlier_on="2026-03-01")
    typed = fields_of(clerk.get(f"/matters/{case}/correct").text)
    assert (typed["earlier_unit"], typed["earlier_on"]) == (str(stage.unit(TOWN)), "2026-03-01")
    clerk.submit(f"/matters/{case}/correct", typed | {"earlier_unit": "", "earlier_on": "", "reason": "误填"})
    assert told(clerk, case)["earlier"] is None


def test_a_program_that_corrects_one_thing_loses_nothing_else(stage, clerk):
    place = str(stage.unit(VILLAGE))
    case = registered(clerk, place=place, earlier_unit=str(stage.unit(TOWN)), earlier_on="2026-03-01")
    clerk.done("correct-matter", petition(case=case, summary="两盏路灯不亮", reason="漏写"))
    assert (told(clerk, case)["place"], told(clerk, case)["earlier"]["on"]) == (place, "2026-03-01")
    clerk.done("correct-matter", petition(case=case, place=None, reason="误填"))
    assert told(clerk, case)["place"] is None


def test_a_person_whose_name_cannot_be_read_any_more_stays_registered(stage, clerk):
    case = registered(clerk, persons=3, petitioners=[{"name": name} for name in ("甲某", "乙某", "丙某")])
    stage.settle()
    stage.host.nodes["villages-101"].ring.destroy([person_key_of(case, 2)])
    page = clerk.get(f"/matters/{case}/correct").text
    assert "甲某" in page and "丙某" in page and "stays as registered" in page
    before = told(clerk, case)["petitioners"]
    sent = clerk.submit(f"/matters/{case}/correct", fields_of(page) | {"name_2": "丁某", "reason": "笔误"})
    assert sent.status_code == 303, text_of(sent.text)
    after = told(clerk, case)["petitioners"]
    assert [person["person"] for person in after] == [1, 2, 3] and after[1] == before[1]
    assert (
        "甲某" in (shown := text_of(clerk.get(f"/matters/{case}").text))
        and "丁某" in shown
        and "丙某" not in shown
    )
    unknown = clerk.order("correct-matter", petition(case=case, kept=[9], reason="笔误"))
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not-found")


def person_key_of(case: str, person: int) -> str:
    """The name of the key of a person of a case."""
    return person_key(UUID(case), person)


def fault_at(page: str, field: str) -> bool:
    """Whether a page leads to a field's error from its summary, and says it there."""
    return f'href="#{field}"' in page and f'id="{field}-error"' in page


HALVES = {"earlier_on": {"earlier_unit": TOWN}, "earlier_unit": {"earlier_on": "2026-03-01"}}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("field", HALVES)
def test_half_of_an_earlier_petition_is_refused_at_its_field_by_page_and_by_api(
    stage, clerk, field, language
):
    half = {
        name: str(stage.unit(value)) if name == "earlier_unit" else value
        for name, value in HALVES[field].items()
    }
    page = clerk.submit("/matters/new", petition_form(**half), language=language)
    assert page.status_code == 422 and fault_at(page.text, field)
    said = clerk.order(
        "register-matter", petition(unit=str(stage.unit(VILLAGE)), **half), language=language
    ).json()
    assert (said["code"], said["facts"]["field"]) == ("earlier-incomplete", field)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name_1": ""}, "name_1"),
        ({"name_1": "", "contact_1": ""}, "name_1"),
        ({"contact_3": "555"}, "name_3"),
        ({"name_4": "\u200b"}, "name_4"),
        ({"name_2": "乙\u202e"}, "name_2"),
        ({"name_1": "匿名"}, "name_1"),
        ({"anonymous": "true"}, "anonymous"),
        ({"persons": "0"}, "persons"),
        ({"received_on": "2026-03-27"}, "received_on"),
        ({"earlier_unit": "x", "earlier_on": "2026-03-01"}, "earlier_unit"),
        ({"name_2": "乙", "persons": "1"}, "persons"),
    ],
)
def test_whatever_is_wrong_with_a_form_is_said_at_its_field(clerk, typed, field):
    page = clerk.submit("/matters/new", petition_form(**typed))
    assert page.status_code == 422 and fault_at(page.text, field), text_of(page.text)


@pytest.mark.parametrize(("language", "said"), [("zh", "姓名 3"), ("en", "Name 3: Fill in this field")])
def test_the_summary_of_what_is_wrong_says_where_it_is_wrong(clerk, language, said):
    page = clerk.submit("/matters/new", petition_form(contact_3="555"), language=language).text
    assert said in text_of(page.partition("govuk-error-summary__list")[2].partition("</ul>")[0])


def test_a_petition_of_which_nobody_gives_a_name_is_registered_by_page_and_by_api(stage, clerk):
    made = clerk.submit("/matters/new", petition_form(anonymous="true", name_1="", contact_1=""))
    assert made.status_code == 303
    by_page = made.headers["location"].removeprefix(clerk.base).removeprefix("/matters/").partition("?")[0]
    by_api = registered(clerk, anonymous=True, petitioners=[])
    for case in (by_page, by_api):
        assert told(clerk, case)["petitioners"] == []
        assert "No name was given" in text_of(clerk.get(f"/matters/{case}").text)
        assert "checked" in clerk.get(f"/matters/{case}/correct").text.partition('name="anonymous"')[2][:200]


def test_an_office_that_was_closed_is_offered_and_taken_for_a_day_on_which_it_was_there(stage, clerk):
    administrator = stage.person(COUNTY, "administrator")
    entry = {"code": "430321101277", "name": "并走村", "kind": "village", "parent": str(stage.unit(TOWN))}
    unit = administrator.done("open-unit", entry | {"node": "villages-101"})["unit"]
    administrator.done("close-unit", {"unit": unit})
    stage.settle()
    assert "并走村 (closed on 26 March 2026)" in text_of(clerk.get("/matters/new").text)
    made = clerk.submit("/matters/new", petition_form(earlier_unit=unit, earlier_on="2026-03-20"))
    assert made.status_code == 303, text_of(made.text)
