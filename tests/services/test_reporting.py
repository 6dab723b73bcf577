"""Reporting at the doors: what a person says, what the register says, and what neither a page nor a program may say."""

import re
from datetime import date, timedelta
from typing import Any

import pytest

from tests.services.network import (
    FAR_VILLAGE,
    LONE_VILLAGE,
    NEXT_TOWN,
    TODAY,
    TOWN,
    VILLAGE,
    Person,
    Stage,
    petition,
    text_of,
)


class Clerk:
    """A village's officer who reports days."""

    def __init__(self, stage: Stage, code: str) -> None:
        self.person: Person = stage.person(code)
        self.unit = str(stage.unit(code))

    def said(self, day: date, kind: str = "daily", **more: Any) -> dict[str, Any]:
        """A report of a day."""
        return {"unit": self.unit, "day": day.isoformat(), "kind": kind, "checked": ["phone"]} | more

    def refused(self, name: str, body: dict[str, Any]) -> tuple[int, str]:
        """How an order is refused."""
        answer = self.person.order(name, body)
        return answer.status_code, answer.json()["code"]


@pytest.fixture
def clerk(stage: Stage) -> Clerk:
    return Clerk(stage, VILLAGE)


@pytest.mark.parametrize(
    ("kind", "typed", "refusal"),
    [
        ("daily", {"new": 1_000}, (409, "figures-not-of-register")),
        ("daily", {"collective": 5}, (409, "figures-not-of-register")),
        ("daily", {"overdue": 1_000_000}, (409, "figures-not-of-register")),
        ("zero", {"new": 1_000}, (422, "zero-with-numbers")),
        ("zero", {"disputes_found": 1}, (422, "zero-with-numbers")),
        ("daily", {"disputes_found": 101}, (422, "wrong-shape")),
        ("daily", {"signed_by": "somebody else"}, (422, "signed-by-another")),
    ],
)
def test_what_the_register_says_is_not_typed_and_nobody_signs_for_another(clerk, kind, typed, refusal):
    assert clerk.refused("file-report", clerk.said(TODAY - timedelta(days=20), kind, **typed)) == refusal


def test_a_program_of_an_earlier_release_may_say_what_the_register_says(clerk):
    day = TODAY - timedelta(days=21)
    asked = clerk.person.get(f"/api/register/{clerk.unit}/{day}").json()
    same = {name: asked[name] for name in ("collective", "due_today", "overdue")}
    clerk.person.done("file-report", clerk.said(day, new=len(asked["numbers"]), **same))


def test_a_correction_has_a_reason_and_is_refused_once_its_month_is_closed(stage):
    clerk = Clerk(stage, FAR_VILLAGE)
    day = date(2026, 2, 28)
    clerk.person.done("file-report", clerk.said(day))
    assert clerk.refused("correct-report", clerk.said(day)) == (422, "wrong-shape")
    late = clerk.said(day, reason="asked_by_superior")
    assert clerk.refused("correct-report", late) == (409, "reports-are-closed")
    march = date(2026, 3, 1)
    clerk.person.done("file-report", clerk.said(march))
    clerk.person.done("correct-report", clerk.said(march, reason="asked_by_superior", disputes_found=1))
    page = text_of(clerk.person.get(f"/reports/{clerk.unit}/{march}").text)
    assert "The office above asked about it" in page and "minutes after the cut-off" in page


def test_the_hour_of_receipt_has_come_and_stays_when_a_correction_does_not_name_it(clerk):
    wanted = petition(unit=clerk.unit)
    ahead = clerk.person.order("register-matter", wanted | {"received_time": "23:59"})
    assert (ahead.status_code, ahead.json()["code"]) == (422, "later-than-now")
    case = clerk.person.done("register-matter", wanted | {"received_time": "00:01"})["case"]
    plain = {name: value for name, value in wanted.items() if name != "unit"}
    clerk.person.done("correct-matter", plain | {"case": case, "reason": "写错"})
    assert "00:01" in clerk.person.get(f"/matters/{case}/correct").text


def test_an_excuse_is_numbered_not_given_twice_nor_for_a_reported_day_and_is_taken_back(stage):
    director, unit = stage.person(TOWN, "director"), str(stage.unit(LONE_VILLAGE))
    day = TODAY + timedelta(days=2)
    excuse = {"excused": unit, "day": day.isoformat(), "reason": "merging"}
    given = director.done("excuse-unit", excuse)
    assert re.fullmatch(r"2026-\d{3}", given["number"])
    again = director.order("excuse-unit", excuse).json()
    assert again["code"] == "already-excused" and given["number"] in again["title"]
    page = director.get(f"/reports/{unit}/{day}").text
    assert given["number"] in page and f"revoke-excuse?excused={unit}" in page
    form = {"excused": unit, "day": day.isoformat()}
    assert director.submit("/revoke-excuse", form).status_code == 303
    assert "Revoked on" in director.get(f"/reports/{unit}/{day}").text
    assert director.order("revoke-excuse", form).json()["code"] == "not-excused"
    assert director.done("excuse-unit", excuse)["number"] > given["number"]


def test_days_without_a_duty_and_far_away_days_are_not_excused(stage):
    director, unit = stage.person(TOWN, "director"), str(stage.unit(LONE_VILLAGE))
    for day, code in (
        (TODAY - timedelta(days=61), "no-duty-that-day"),
        (TODAY, None),
        (TODAY + timedelta(days=99), "not-excused-so-far"),
    ):
        answer = director.order("excuse-unit", {"excused": unit, "day": day.isoformat(), "reason": "merging"})
        assert answer.json().get("code") == code


def test_a_reported_day_is_not_excused(stage):
    clerk = Clerk(stage, LONE_VILLAGE)
    day = TODAY - timedelta(days=5)
    clerk.person.done("file-report", clerk.said(day))
    stage.settle()
    excuse = {"excused": clerk.unit, "day": day.isoformat(), "reason": "merging"}
    answer = stage.person(TOWN, "director").order("excuse-unit", excuse)
    assert (answer.status_code, answer.json()["code"]) == (409, "day-is-reported")


def test_a_sheet_of_a_day_that_has_not_come_says_not_yet(stage):
    person, ahead = stage.person(NEXT_TOWN), TODAY + timedelta(days=7)
    sheet = person.get(f"/api/sheet?day={ahead}").json()
    assert (sheet["silent"], sheet["not_yet"]) == (0, sheet["expected"])
    assert "has not come yet" in person.get(f"/sheet?day={ahead}").text


def test_the_form_shows_the_registers_figures_and_ticks_nothing_beforehand(stage):
    clerk = Clerk(stage, FAR_VILLAGE)
    clerk.person.done("register-matter", petition(unit=clerk.unit, persons=5))
    page = clerk.person.get("/report?kind=daily").text
    assert not re.search(r"type=\"checkbox\"[^>]*\schecked", page)
    assert 'name="new"' not in page and "of them collective" in page
    unticked = clerk.person.submit("/report", {"day": TODAY.isoformat(), "kind": "daily"})
    assert unticked.status_code == 422 and "Say what was checked" in unticked.text
    sent = clerk.person.submit("/report", {"day": TODAY.isoformat(), "kind": "daily", "looked": "usual"})
    assert sent.status_code == 303
    said = text_of(clerk.person.get(f"/reports/{clerk.unit}/{TODAY}").text)
    assert "Reception book, Phone, Mailbox, Online box" in said
