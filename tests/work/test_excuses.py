"""Excused days: of the duty, numbered, and taken back."""

from datetime import date, timedelta

import pytest

from shared.event_log.names import brought_up
from shared.work.common.words import ExcuseReason
from shared.work.reports.excuses import (
    EXCUSE_AHEAD_AT_MOST_DAYS,
    Excuse,
    Excused,
    NoDutyThatDay,
    NotExcused,
    NotExcusedSoFar,
    Revoked,
    excuse_number,
)
from shared.work.reports.reporting_day import REPORT_BACK_AT_MOST_DAYS, Life
from tests.work.reporting import LIFE
from tests.work.rules import given, when
from tests.work.scene import DAY, TOWN_A, VILLAGE_1, at


def excuse(reason: ExcuseReason = ExcuseReason.MERGING, **changed) -> Excuse:
    words = {"unit": TOWN_A, "excused": VILLAGE_1, "day": DAY, "running": 3, "life": LIFE}
    words |= {"today": DAY, "at": at()}
    return Excuse.grant(reason=reason, **words | changed)


@pytest.mark.parametrize("reason", ExcuseReason)
def test_the_receiving_office_excuses_a_units_day_with_a_reason_under_a_number(reason):
    told = when(lambda: excuse(reason)).then(Excused, unit=TOWN_A, number="2026-003")
    assert (told.excused, told.day, told.reason) == (VILLAGE_1, DAY, reason)
    assert told.addressees() == (VILLAGE_1,)


def test_a_number_of_an_office_is_used_once_because_a_second_time_is_the_same_stream():
    assert excuse().id == excuse(day=DAY + timedelta(days=1)).id != excuse(running=4).id


@pytest.mark.parametrize(
    "life",
    [
        Life(DAY),
        Life(DAY + timedelta(days=1)),
        Life(date(2020, 1, 1), DAY - timedelta(days=1)),
    ],
)
def test_a_day_that_the_unit_owes_no_report_for_is_not_excused(life):
    when(lambda: excuse(life=life)).then_refused(NoDutyThatDay, day="2026-03-02")


def test_a_day_is_excused_within_a_month_of_today():
    for days in (-REPORT_BACK_AT_MOST_DAYS, EXCUSE_AHEAD_AT_MOST_DAYS):
        when(lambda days=days: excuse(day=DAY + timedelta(days=days))).then(Excused)
    for days in (-REPORT_BACK_AT_MOST_DAYS - 1, EXCUSE_AHEAD_AT_MOST_DAYS + 1):
        when(lambda days=days: excuse(day=DAY + timedelta(days=days))).then_refused(NotExcusedSoFar)


def test_an_excuse_is_taken_back_once_and_the_unit_hears_of_it():
    told = given(excuse()).when(lambda given: given.revoke(at=at(1))).then(Revoked, revoked=True)
    assert (told.excused, told.day, told.addressees()) == (VILLAGE_1, DAY, (VILLAGE_1,))
    again = excuse()
    again.revoke(at=at(1))
    given(again).when(lambda given: given.revoke(at=at(2))).then_refused(NotExcused, day="2026-03-02")


def test_given_an_excuse_of_the_first_version_when_it_is_read_then_it_has_no_number():
    assert brought_up(Excused, 1, {}) == {"year": 0, "running": 0}
    assert excuse_number(0, 0) == ""
