"""The days of a reporting period."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.work.reports.periods import Period, days_of
from shared.work.reports.reporting_day import ReportingDay
from tests.work.scene import VILLAGE_1


@pytest.mark.parametrize(
    ("period", "day", "first", "last"),
    [
        (Period.DAY, "2026-03-26", "2026-03-26", "2026-03-26"),
        (Period.WEEK, "2026-01-01", "2025-12-29", "2026-01-04"),
        (Period.TEN_DAYS, "2026-02-10", "2026-02-01", "2026-02-10"),
        (Period.TEN_DAYS, "2026-02-11", "2026-02-11", "2026-02-20"),
        (Period.TEN_DAYS, "2026-02-28", "2026-02-21", "2026-02-28"),
        (Period.TEN_DAYS, "2026-03-31", "2026-03-21", "2026-03-31"),
        (Period.MONTH, "2024-02-03", "2024-02-01", "2024-02-29"),
        (Period.QUARTER, "2026-05-20", "2026-04-01", "2026-06-30"),
        (Period.HALF_YEAR, "2026-12-31", "2026-07-01", "2026-12-31"),
        (Period.YEAR, "2026-06-15", "2026-01-01", "2026-12-31"),
    ],
)
def test_given_a_day_when_its_period_is_asked_then_it_has_these_days(period, day, first, last):
    assert days_of(period, date.fromisoformat(day)) == (date.fromisoformat(first), date.fromisoformat(last))


@given(st.sampled_from(Period), st.dates(date(2020, 1, 1), date(2035, 12, 31)))
def test_periods_tile_time_without_gap_or_overlap(period, day):
    first, last = days_of(period, day)
    assert first <= day <= last
    assert days_of(period, first) == days_of(period, last) == (first, last)
    assert days_of(period, last + timedelta(days=1))[0] == last + timedelta(days=1)


def test_a_day_keeps_its_stream_and_every_other_period_has_its_own():
    day = date(2026, 1, 1)
    ids = {ReportingDay.id_for(VILLAGE_1, day, period) for period in Period}
    assert len(ids) == len(Period) and ReportingDay.id_for(VILLAGE_1, day) in ids
    inside = ReportingDay.id_for(VILLAGE_1, date(2026, 1, 20), Period.MONTH)
    assert inside == ReportingDay.id_for(VILLAGE_1, day, Period.MONTH)
