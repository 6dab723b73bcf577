"""The life of a supervision letter, the answers to it, and the county's override of a dead receiver."""

from datetime import timedelta
from typing import Any

import pytest

from shared.work.common.days_ahead import FurtherThanAYear
from shared.work.common.words import Answer, Trigger
from shared.work.matters.override import Overridden, Override
from shared.work.supervision.answer import AnsweredAgain, FirstAnswered, SupervisionAnswer
from shared.work.supervision.letter import (
    AnswerByInThePast,
    Issued,
    LetterNotOpen,
    Lifted,
    Repeated,
    Supervision,
)
from tests.work.rules import given, when
from tests.work.scene import COUNTY, DAY, HANDOVER, OFFER, TOWN_A, VILLAGE_1, at, text

CASE = HANDOVER.case
YESTERDAY, NEXT_YEAR, LATER = (DAY + timedelta(days=days) for days in (-1, 366, 367))


def issue(running: int = 1, answer_by=DAY, **more: Any) -> Supervision:
    return Supervision.issue(
        unit=COUNTY,
        mark="100000",
        year=2026,
        running=running,
        to=TOWN_A,
        case=CASE,
        trigger=Trigger.OVERDUE,
        demand=text(CASE, "demand"),
        answer_by=answer_by,
        today=DAY,
        at=at(),
        **more,
    )


def repeat(letter: Supervision, answer_by=DAY) -> None:
    letter.repeat(answer_by=answer_by, today=DAY, at=at(1))


def lift(letter: Supervision) -> None:
    letter.lift(at=at(2))


def lifted() -> Supervision:
    letter = issue()
    lift(letter)
    return letter


def test_the_county_asks_an_office_for_a_duty_by_a_day():
    told = when(issue).then(Issued, open=True, to=TOWN_A, case=CASE)
    assert (told.trigger, told.answer_by) == (Trigger.OVERDUE, DAY)
    assert (told.concerns(), told.addressees()) == (CASE, (TOWN_A,))


def test_letters_are_counted_by_the_office_that_writes_them_and_the_year():
    told = when(lambda: issue(7)).then(Issued)
    assert (told.number, told.year, told.running) == ("100000-2026-L0007", 2026, 7)


def test_a_letters_number_can_be_used_once_because_a_second_use_is_the_same_stream():
    assert issue(1).id == issue(1, answer_by=NEXT_YEAR).id == Supervision.id_for(COUNTY, 2026, 1)
    others = {Supervision.id_for(TOWN_A, 2026, 1), Supervision.id_for(COUNTY, 2027, 1), issue(2).id}
    assert len(others | {issue(1).id}) == 4


def test_an_answer_day_that_has_passed_is_refused():
    when(lambda: issue(answer_by=YESTERDAY)).then_refused(AnswerByInThePast, day="2026-03-01")
    given(issue()).when(lambda letter: repeat(letter, YESTERDAY)).then_refused(AnswerByInThePast)


def test_an_answer_day_more_than_a_year_away_needs_a_reason():
    when(lambda: issue(answer_by=NEXT_YEAR)).then(Issued)
    when(lambda: issue(answer_by=LATER)).then_refused(FurtherThanAYear, day="2027-03-04", field="answer_by")
    given(issue()).when(lambda letter: repeat(letter, LATER)).then_refused(FurtherThanAYear)
    why = text(CASE, "late_because")
    told = when(lambda: issue(answer_by=LATER, late_because=why)).then(Issued)
    assert told.late_because == why
    again = {"answer_by": LATER, "late_because": why, "today": DAY, "at": at(1)}
    given(issue()).when(lambda letter: letter.repeat(**again)).then(Repeated)


def test_a_demand_is_repeated_with_a_new_day_as_often_as_needed():
    letter = issue()
    repeat(letter)
    told = (
        given(letter).when(lambda letter: repeat(letter, DAY + timedelta(days=9))).then(Repeated, open=True)
    )
    assert told.answer_by == DAY + timedelta(days=9)


def test_a_letter_is_lifted_and_the_office_is_told():
    assert given(issue()).when(lift).then(Lifted, open=False).addressees() == (TOWN_A,)


@pytest.mark.parametrize("order", [repeat, lift])
def test_a_lifted_letter_asks_nothing_more(order):
    given(lifted()).when(order).then_refused(LetterNotOpen)


def answer(said: Answer = Answer.UNDER_WAY) -> SupervisionAnswer:
    letter = issue()
    words = {"supervision": letter.id, "case": CASE, "supervisor": COUNTY}
    return SupervisionAnswer.give(unit=TOWN_A, answer=said, text=text(CASE, "text"), at=at(1), **words)


@pytest.mark.parametrize("said", Answer)
def test_the_supervised_office_answers_the_office_that_asked(said):
    told = when(lambda: answer(said)).then(FirstAnswered, unit=TOWN_A)
    assert (told.answer, told.addressees(), told.concerns()) == (said, (COUNTY,), CASE)


def test_an_office_answers_again_and_its_earlier_answer_stays():
    given(answer()).when(
        lambda given: given.give_again(answer=Answer.DONE, text=text(CASE, "text"), at=at(3))
    ).then(AnsweredAgain, supervision=Supervision.id_for(COUNTY, 2026, 1), supervisor=COUNTY)


def test_the_answers_to_one_letter_are_one_stream():
    assert answer().id == SupervisionAnswer.id_for(issue().id)


def override() -> Override:
    words = {"offer": OFFER, "came_by": None, "case": CASE, "sender": VILLAGE_1, "receiver": TOWN_A}
    return Override.order(unit=COUNTY, reason=text(CASE, "reason"), at=at(4), **words)


def test_the_countys_override_of_an_offer_is_told_to_its_sender_and_its_receiver():
    told = when(override).then(Overridden, unit=COUNTY)
    assert (told.concerns(), told.addressees()) == (CASE, (VILLAGE_1, TOWN_A))


def test_an_offer_is_overridden_once_because_a_second_time_is_the_same_stream():
    assert override().id == override().id == Override.id_for(OFFER)
