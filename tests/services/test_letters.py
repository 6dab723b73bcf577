"""Supervision letters at the county's door: to whom they may go, once each, and how they are numbered."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.services.network import (
    COUNTY,
    LONE_VILLAGE,
    TODAY,
    TOWN,
    VILLAGE,
    Person,
    Stage,
    petition,
    text_of,
)
from tests.services.test_corrections import fault_at


@pytest.fixture
def county(stage: Stage) -> Person:
    """The county's director."""
    return stage.person(COUNTY, "director")


def matter(stage: Stage) -> str:
    """A matter that the village referred to its township, and that the county knows."""
    clerk = stage.person(VILLAGE)
    case = clerk.done("register-matter", petition(unit=str(stage.unit(VILLAGE))))["case"]
    clerk.done("refer-matter", {"case": case, "to": str(stage.unit(TOWN)), "reason": "competent_body"})
    stage.settle()
    return case


def letter(stage: Stage, case: str, **changed: Any) -> dict[str, Any]:
    """A letter to the township."""
    usual = {"case": case, "to": str(stage.unit(TOWN)), "trigger": "overdue", "demand": "请说明进展"}
    return usual | {"answer_by": TODAY.isoformat()} | changed


def page_says(county: Person, case: str, body: dict[str, Any]) -> tuple[int, str]:
    """The same over the form."""
    sent = county.submit(
        f"/matters/{case}/letter", {name: value for name, value in body.items() if name != "case"}
    )
    return sent.status_code, sent.text


def test_a_letter_goes_to_an_office_that_has_or_had_the_matter_and_to_no_other(stage, county):
    case = matter(stage)
    wrong = letter(stage, case, to=str(stage.unit(LONE_VILLAGE)))
    said = county.order("issue-letter", wrong)
    assert (said.status_code, said.json()["code"]) == (422, "office-without-the-matter")
    status, page = page_says(county, case, wrong)
    assert status == 422 and fault_at(page, "to")
    for office in (TOWN, VILLAGE):
        county.done("issue-letter", letter(stage, case, to=str(stage.unit(office))))


def test_a_letter_is_about_a_matter_that_is_known_and_open(stage, county):
    said = county.order("issue-letter", letter(stage, str(uuid4())))
    assert (said.status_code, said.json()["code"]) == (404, "not-found")
    case = matter(stage)
    stage.person(VILLAGE).done("withdraw-matter", {"case": case, "confirmed_by": "signed_paper"})
    stage.settle()
    said = county.order("issue-letter", letter(stage, case))
    assert (said.status_code, said.json()["code"]) == (409, "case-is-closed")


def test_the_same_demand_is_one_letter_until_it_is_lifted(stage, county):
    case = matter(stage)
    first = county.done("issue-letter", letter(stage, case))
    again = county.order("issue-letter", letter(stage, case, demand="请再说明进展"))
    assert (again.status_code, again.json()["code"]) == (409, "letter-is-open")
    assert first["number"] in again.json()["title"]
    status, page = page_says(county, case, letter(stage, case))
    assert status == 409 and first["number"] in page
    county.done("issue-letter", letter(stage, case, trigger="shirking_or_delay"))
    county.done("lift-letter", {"supervision": first["supervision"]})
    county.done("issue-letter", letter(stage, case))


def running(number: str) -> int:
    """The running number of a letter."""
    mark, year, last = number.split("-")
    assert (mark, year, last[0]) == ("000000", "2026", "L")
    return int(last[1:])


def test_letters_that_are_sent_at_once_are_one_if_they_are_the_same_and_else_numbered_without_hole_or_twin(
    stage, county
):
    cases, people = (
        [matter(stage) for _ in range(4)],
        [stage.newcomer(COUNTY, "supervisor") for _ in range(8)],
    )
    before = running(county.done("issue-letter", letter(stage, matter(stage)))["number"])
    bodies = [letter(stage, case) for case in cases] * 2
    with ThreadPoolExecutor(8) as all_of_them:
        sent = list(
            all_of_them.map(
                lambda one: one[0].order("issue-letter", one[1]), zip(people, bodies, strict=True)
            )
        )
    assert sorted(answer.status_code for answer in sent) == [201] * 4 + [409] * 4
    numbers = sorted(running(one.json()["number"]) for one in sent if one.status_code == 201)
    assert numbers == [before + more for more in range(1, 5)]


def test_an_answer_day_more_than_a_year_away_says_why_on_its_form(stage, county):
    case, far = matter(stage), (TODAY + timedelta(days=400)).isoformat()
    status, page = page_says(county, case, letter(stage, case, answer_by=far))
    assert status == 422 and fault_at(page, "answer_by") and "more than a year away" in text_of(page)
    sent = county.done("issue-letter", letter(stage, case, answer_by=far, late_because="司法程序未结"))
    stage.settle()
    for reader in (county, stage.person(TOWN)):
        assert "司法程序未结" in reader.get(f"/supervision/{sent['supervision']}").text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_given_a_letter_that_was_lifted_when_its_office_answers_then_it_is_told_that_nothing_more_is_asked(
    stage, county, language
):
    clerk, unit = stage.person(VILLAGE), str(stage.unit(VILLAGE))
    case = clerk.done("register-matter", petition(unit=unit))["case"]
    stage.settle()
    sent = county.done("issue-letter", letter(stage, case, to=unit))["supervision"]
    stage.settle()
    answer = {"supervision": sent, "answer": "under_way", "text": "正在办"}
    clerk.done("answer-letter", answer)
    county.done("lift-letter", {"supervision": sent})
    stage.settle()
    before = stage.facts()
    refused = clerk.order("answer-letter", answer)
    assert (refused.status_code, refused.json()["code"]) == (409, "letter-not-open")
    page = clerk.submit(f"/supervision/{sent}/answer", {"answer": "done", "text": "已办"}, language=language)
    assert page.status_code == 409
    assert {"zh": "解除", "en": "has been lifted"}[language] in text_of(page.text)
    assert stage.facts() == before
