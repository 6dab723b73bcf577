"""A limit that ended keeps its day and its verdict, whatever calendar is published afterwards."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest

from shared.projections import due_dates
from shared.settings.calendar import calendar_in_use
from shared.work.common.calendar import Calendar
from shared.work.common.limits import Limit
from shared.work.common.words import ConfirmedBy, ObjectionGround, Outcome, ServiceWay
from shared.work.matters.override import Override
from shared.work.matters.questions.limits_of_matter import DueDate
from shared.work.matters.questions.matter import Matter, matter
from tests.projections.world import COUNTY, DAY, TOWN_A, VILLAGE_1, Reader, World, at, text

LAST_DAY, DAY_AFTER = date(2026, 3, 17), date(2026, 3, 18)
"""Fifteen days after the Monday on which a matter came in and was received: a Tuesday, and the day after."""

Published = Callable[..., None]


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Published:
    """From now on nodes run a release with a notice of a day, which makes another one a day of rest or of work."""

    def publish(notice: date, day: date = LAST_DAY, *, workday: bool = False) -> None:
        (_, first), *_ = calendar_in_use().editions()
        calendar = Calendar(dict(first.workdays()), {notice: {day: workday}})
        monkeypatch.setattr(due_dates, "calendar_in_use", lambda: calendar)

    return publish


def told(county: Reader, world: World, case: UUID) -> Matter:
    """A matter after what is new of the world has come."""
    county.take(world.facts)
    world.facts.clear()
    return found(county, case)


def found(county: Reader, case: UUID) -> Matter:
    shown = matter(county.connection, case, as_of=at(40))
    assert shown is not None
    return shown


def ended(shown: Matter) -> dict[Limit, tuple[date, date | None, bool | None]]:
    """Day, end and verdict of each duty that ended."""
    return {due.limit: (due.day, due.ended, due.in_time) for due in shown.ended_dues}


def runs(shown: Matter) -> dict[Limit, date]:
    return {due.limit: due.day for due in shown.dues}


def test_given_a_duty_done_before_a_notice_then_its_day_and_verdict_stay(world, county, published):
    # Given a matter that was referred and accepted within its days, and one that waits at both places
    case, waiting = world.case(), world.case()
    referral = world.refer(case, TOWN_A, at(0, 1))
    referral.accept(at=at(8))
    world.keep(TOWN_A, referral)
    unread = world.case()
    world.refer(unread, TOWN_A, at(0, 1))
    before = told(county, world, case.id)
    assert ended(before) == {
        Limit.ROUTE: (LAST_DAY, DAY, True),
        Limit.NOTICE: (LAST_DAY, date(2026, 3, 10), True),
    }
    # When a notice of two days later makes the last day one of rest
    published(date(2026, 3, 12))
    # Then what was done keeps its day and verdict, and what still ran has one day more
    assert ended(found(county, case.id)) == ended(before)
    assert runs(found(county, unread.id))[Limit.NOTICE] == DAY_AFTER
    assert runs(found(county, waiting.id)) == {Limit.ROUTE: DAY_AFTER}


def test_given_a_duty_done_late_then_a_later_notice_does_not_make_it_timely(world, county, published):
    case = world.case()
    referral = world.refer(case, TOWN_A, at(0, 1))
    referral.accept(at=at(16))
    world.keep(TOWN_A, referral)
    late = (LAST_DAY, DAY_AFTER, False)
    assert ended(told(county, world, case.id))[Limit.NOTICE] == late
    # A notice of the day on which it was done, or later, came when the day had passed
    for notice in (DAY_AFTER, date(2026, 3, 25)):
        published(notice)
        assert ended(found(county, case.id))[Limit.NOTICE] == late
    # One of the day before that counts
    published(LAST_DAY)
    assert ended(found(county, case.id))[Limit.NOTICE] == (DAY_AFTER, DAY_AFTER, True)


def test_given_a_day_that_passed_in_silence_then_a_later_notice_leaves_the_office_late(
    world, county, published
):
    case = world.case()
    world.refer(case, TOWN_A, at(0, 1))
    shown = told(county, world, case.id)
    published(DAY_AFTER)
    assert runs(found(county, case.id)) == runs(shown)
    assert (shown.line.due, shown.line.overdue) == (LAST_DAY, True)


def test_given_a_notice_that_takes_a_day_of_rest_then_a_duty_done_before_does_not_become_late(
    world, county, published
):
    # Given a limit that ends on a Saturday and so on Monday, and the duty done on that Monday
    case = world.case()
    referral = world.refer(case, TOWN_A, at(4, 1))
    referral.accept(at=at(21))
    world.keep(TOWN_A, referral)
    saturday, monday = date(2026, 3, 21), date(2026, 3, 23)
    in_time = (monday, monday, True)
    assert ended(told(county, world, case.id))[Limit.NOTICE] == in_time
    # When a notice of that Monday says that the Saturday was a workday
    published(monday, saturday, workday=True)
    # Then the office is in time, as it was when it did its duty
    assert ended(found(county, case.id))[Limit.NOTICE] == in_time


def test_given_a_matter_that_comes_back_then_its_limits_run_again(world, county, published):
    case = world.case()
    referral = world.refer(case, TOWN_A, at(0, 1))
    assert ended(told(county, world, case.id)) == {Limit.ROUTE: (LAST_DAY, DAY, True)}
    # When the office objects, it is over with the notice there, and a right that nobody used has no verdict
    referral.object(
        ground=ObjectionGround.OTHER_PLACE,
        reason=text(TOWN_A, "reason"),
        object_by=date(2026, 3, 9),
        today=DAY,
        at=at(1),
    )
    world.keep(TOWN_A, referral)
    shown = told(county, world, case.id)
    assert set(ended(shown)) == {Limit.ROUTE, Limit.NOTICE}
    assert runs(shown) == {Limit.OBJECTION_ANSWER: date(2026, 3, 10)}
    assert {due.in_time for due in shown.hands[0].dues if due.limit is Limit.OBJECTION} == {None}
    # When the sender agrees and has it again, then its own limit runs, also by a notice of later
    case.take_objection(offer=case.offer, at=at(2))
    case.answer_objection(offer=case.offer, agreed=True, at=at(2))
    world.keep(VILLAGE_1, case)
    referral.take_answer(agreed=True, at=at(2))
    world.keep(TOWN_A, referral)
    published(date(2026, 3, 5))
    shown = told(county, world, case.id)
    assert runs(shown) == {Limit.ROUTE: DAY_AFTER}
    assert ended(shown)[Limit.OBJECTION_ANSWER] == (date(2026, 3, 10), date(2026, 3, 4), True)


def all_of_a_life(world: World) -> UUID:
    """A matter from its register to the service of an opinion, and its withdrawal."""
    case = world.case()
    referral = world.refer(case, TOWN_A, at(0, 1))
    referral.accept(at=at(1))
    referral.give_opinion(
        outcome=Outcome.SUPPORTED,
        findings=text(TOWN_A, "findings"),
        legal_basis="R22 32",
        review_at=COUNTY,
        perform_by=None,
        at=at(2),
    )
    referral.serve(way=ServiceWay.IN_PERSON, served_on=date(2026, 3, 5), at=at(3))
    world.keep(TOWN_A, referral)
    case.withdraw(confirmed_by=ConfirmedBy.SIGNED_PAPER, at=at(30))
    world.keep(VILLAGE_1, case)
    return case.id


def test_given_facts_in_any_order_then_the_first_deed_ends_a_limit(world, county):
    case = all_of_a_life(world)
    world.facts.reverse()
    shown = told(county, world, case)
    assert {limit: day for limit, (_, day, _) in ended(shown).items()} == {
        Limit.ROUTE: DAY,
        Limit.NOTICE: date(2026, 3, 3),
        Limit.HANDLING: date(2026, 3, 5),
    }
    assert runs(shown) == {}


def test_given_an_override_that_the_sender_has_not_noted_then_its_limit_runs_again(world, county):
    case = world.case()
    world.refer(case, TOWN_A, at(0, 1))
    hands = {"sender": VILLAGE_1, "receiver": TOWN_A, "offer": case.offer, "came_by": None, "case": case.id}
    world.keep(COUNTY, Override.order(unit=COUNTY, reason=text(COUNTY, "reason"), at=at(3), **hands))
    shown = told(county, world, case.id)
    assert (runs(shown)[Limit.ROUTE], ended(shown)) == (LAST_DAY, {})


def test_given_a_duty_that_runs_then_it_has_neither_end_nor_verdict(world, county):
    case = world.case()
    world.refer(case, TOWN_A, at(0, 1))
    running: tuple[DueDate, ...] = told(county, world, case.id).dues
    assert {(due.runs, due.ended, due.in_time) for due in running} == {(True, None, None)}
