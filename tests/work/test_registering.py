"""Writing a petition into the register, correcting it, and assessing what it is."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from shared.work.common.words import ConfirmedBy, Ending, MatterClass, PersonRole, Purpose
from shared.work.matters.case import Assessed, Case, CaseIsClosed, Corrected, Registered
from shared.work.matters.content import Earlier, LaterThanToday, NobodyNamed, TooManyRepresentatives
from shared.work.matters.numbers import check_digit, matter_number
from tests.work.rules import given, when
from tests.work.scene import (
    DAY,
    START,
    TOWN_A,
    VILLAGE_1,
    VILLAGE_2,
    at,
    content,
    ended,
    persons,
    registered,
    text,
)

TOMORROW = DAY + timedelta(days=1)
REPRESENTATIVE = PersonRole.REPRESENTATIVE


def test_a_petition_is_registered_under_the_next_number_of_the_units_year():
    told = when(registered).then(Registered, unit=VILLAGE_1, ending=None, offered_to=None, assessed=False)
    assert (told.year, told.register_no, told.number) == (2026, 1, matter_number("100201", 2026, 1))
    assert told.timestamp == START


def test_a_registration_concerns_its_own_case_and_is_addressed_to_nobody_but_the_tier_above():
    told = when(registered).then(Registered)
    assert told.concerns() == told.originator_id
    assert told.addressees() == ()


def test_a_register_number_can_be_used_once_because_a_second_use_is_the_same_stream():
    assert registered().id == registered(content(persons=3)).id == Case.id_for(VILLAGE_1, 2026, 1)
    others = {registered(register_no=2).id, registered(year=2027).id, registered(unit=TOWN_A).id}
    assert len(others | {registered().id}) == 4


@pytest.mark.parametrize("named", range(1, 6))
def test_a_collective_petition_may_name_up_to_five_representatives(named):
    when(lambda: registered(content(persons=40, petitioners=persons(named, REPRESENTATIVE)))).then(Registered)


def test_a_sixth_representative_is_refused():
    crowd = content(persons=40, petitioners=persons(6, REPRESENTATIVE))
    when(lambda: registered(crowd)).then_refused(TooManyRepresentatives, most=5, named=6)


def test_the_limit_counts_representatives_and_not_the_other_persons_of_a_petition():
    joint = persons(7) + persons(5, REPRESENTATIVE)
    when(lambda: registered(content(persons=12, petitioners=joint))).then(Registered)


def test_a_petition_of_which_nobody_gives_a_name_is_registered_like_any_other():
    when(lambda: registered(content(petitioners=()))).then(Registered)


def test_a_petition_of_fewer_persons_than_are_named_is_refused():
    when(lambda: registered(content(persons=2, petitioners=persons(3)))).then_refused(NobodyNamed, named=3)


def test_a_petition_may_come_in_today_or_long_ago_but_not_tomorrow():
    when(lambda: registered(content(DAY))).then(Registered)
    when(lambda: registered(content(date(1999, 1, 1)))).then(Registered)
    when(lambda: registered(content(TOMORROW))).then_refused(LaterThanToday, day="2026-03-03")


def test_an_earlier_petition_that_lies_in_the_future_is_refused():
    claims = content(earlier=Earlier(VILLAGE_2, TOMORROW))
    when(lambda: registered(claims)).then_refused(LaterThanToday, day="2026-03-03")
    when(lambda: registered(content(earlier=Earlier(VILLAGE_2, DAY)))).then(Registered)


def correct(case: Case, what=None) -> None:
    case.correct(content=what or content(persons=2), reason=text(case.id, "reason"), today=DAY, at=at(1))


def assess(case: Case) -> None:
    case.assess(matter_class=MatterClass.HEALTH, purpose=Purpose.SUGGESTION, at=at(1))


def test_a_mistyped_registration_is_corrected_and_keeps_its_number():
    case = registered()
    told = given(case).when(correct).then(Corrected, content=content(persons=2), number=case.number)
    assert told.content.persons == 2


@pytest.mark.parametrize(
    ("what", "why"),
    [
        (content(persons=9, petitioners=persons(6, REPRESENTATIVE)), TooManyRepresentatives),
        (content(persons=1, petitioners=persons(2)), NobodyNamed),
        (content(TOMORROW), LaterThanToday),
    ],
)
def test_a_correction_is_checked_like_a_registration(what, why):
    given(registered()).when(lambda case: correct(case, what)).then_refused(why)


def test_a_matter_is_assessed_and_may_be_assessed_again():
    case = registered()
    given(case).when(assess).then(Assessed, assessed=True)
    assess(case)
    assert case.assessed


def test_an_assessment_leaves_the_petitioners_own_words_as_they_are():
    given(registered()).when(assess).then(Assessed, content=content())


@pytest.mark.parametrize("order", [correct, assess])
def test_an_ended_matter_is_neither_corrected_nor_assessed(order):
    case = ended()
    given(case).when(order).then_refused(CaseIsClosed, number=case.number, ending=Ending.ANSWERED)


@pytest.mark.parametrize("order", [correct, assess])
def test_a_withdrawn_matter_is_neither_corrected_nor_assessed(order):
    case = registered()
    case.withdraw(confirmed_by=ConfirmedBy.SIGNED_PAPER, at=at(1))
    given(case).when(order).then_refused(CaseIsClosed, ending=Ending.WITHDRAWN)


def test_the_moment_of_registration_is_the_one_that_was_passed_in():
    leap = datetime(2024, 2, 29, 15, 59, 59, 999999, tzinfo=UTC)
    assert when(lambda: registered(content(date(2024, 2, 29)), at=leap)).then(Registered).timestamp == leap


def test_a_number_on_a_receipt_has_mark_year_running_number_and_check_digit():
    assert matter_number("100201", 2026, 1) == "100201-2026-00001-" + str(check_digit("100201202600001"))
    assert matter_number("100201", 2026, 123456).startswith("100201-2026-123456-")


def test_the_check_digit_is_that_of_the_standards_own_example():
    assert check_digit("0794") == 5


@for_any(st.text("0123456789", min_size=1, max_size=16), st.data())
def test_one_mistyped_digit_never_has_the_same_check_digit(digits, data):
    place = data.draw(st.integers(0, len(digits) - 1))
    other = data.draw(st.sampled_from([sign for sign in "0123456789" if sign != digits[place]]))
    assert check_digit(digits) != check_digit(digits[:place] + other + digits[place + 1 :])
