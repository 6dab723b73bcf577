"""Workdays of the published calendar, against a plain count of its own lines."""

from bisect import bisect_right
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from shared import data
from shared.settings.calendar import calendar_in_use
from shared.work.common.calendar import Calendar, Reckoned, day_of

ROWS = data.rows(data.CALENDAR)
DAYS = [date.fromisoformat(row["date"]) for row in ROWS]
WORKDAYS = [day for day, row in zip(DAYS, ROWS, strict=True) if row["is_workday"] == "1"]
CALENDAR = calendar_in_use()
LAST = date(2026, 12, 31)


def test_the_published_calendar_holds_every_day_of_its_years_once():
    whole = [date(2019, 1, 1) + timedelta(days=n) for n in range((LAST - date(2019, 1, 1)).days + 1)]
    assert whole == DAYS
    assert Counter(day.year for day in DAYS)[2024] == 366


def test_a_workday_is_a_weekday_without_a_holiday_or_a_made_up_weekend_day():
    for day, row in zip(DAYS, ROWS, strict=True):
        plain = day.weekday() < 5 and row["is_public_holiday"] == "0"
        assert CALENDAR.is_workday(day) == (plain or row["is_makeup_workday"] == "1"), day


@pytest.mark.parametrize("count", [1, 2, 5, 10])
def test_working_days_from_every_day_of_the_calendar_agree_with_a_plain_count(count):
    for day in DAYS:
        place = bisect_right(WORKDAYS, day) + count - 1
        if place < len(WORKDAYS):
            assert CALENDAR.add_working_days(day, count) == Reckoned(WORKDAYS[place], False), day


@pytest.mark.parametrize("days", [15, 60])
def test_calendar_days_from_every_day_end_on_that_day_or_the_next_workday(days):
    for start in DAYS:
        end = start + timedelta(days=days)
        place = bisect_right(WORKDAYS, end - timedelta(days=1))
        if place < len(WORKDAYS):
            assert CALENDAR.add_days(start, days, roll=True) == Reckoned(WORKDAYS[place], False), start
            assert CALENDAR.add_days(start, days, roll=False).day == end


def test_a_notice_that_amends_a_published_year_is_read_with_its_day():
    text = "date,is_workday,amended_on\n2026-03-05,1,\n2026-03-06,1,\n2026-03-06,0,2026-03-04\n"
    calendar = Calendar.parse(text)
    (first, before), (notice, after) = calendar.editions()
    assert (first, notice) == (date.min, date(2026, 3, 4))
    assert [one.is_workday(date(2026, 3, 6)) for one in (before, after, calendar)] == [True, False, False]
    assert after.is_workday(date(2026, 3, 5))


def test_a_made_up_saturday_counts_as_a_working_day_and_the_holiday_does_not():
    friday_before_spring_festival = date(2026, 2, 13)
    assert CALENDAR.is_workday(date(2026, 2, 14))
    assert not CALENDAR.is_workday(date(2026, 2, 16))
    assert CALENDAR.add_working_days(friday_before_spring_festival, 1).day == date(2026, 2, 14)
    assert CALENDAR.add_working_days(friday_before_spring_festival, 5).day == date(2026, 2, 27)


def test_a_leap_day_is_a_day_like_any_other():
    assert CALENDAR.add_days(date(2024, 2, 14), 15, roll=True) == Reckoned(date(2024, 2, 29), False)
    assert CALENDAR.add_working_days(date(2024, 2, 28), 1).day == date(2024, 2, 29)
    assert CALENDAR.add_days(date(2023, 12, 31), 60, roll=True).day == date(2024, 2, 29)


def test_a_year_without_a_published_calendar_has_monday_to_friday_and_is_provisional():
    assert not CALENDAR.covers(date(2027, 1, 1))
    assert CALENDAR.is_workday(date(2027, 1, 1))
    assert not CALENDAR.is_workday(date(2027, 1, 2))
    assert CALENDAR.add_working_days(LAST, 1) == Reckoned(date(2027, 1, 1), True)
    assert CALENDAR.add_days(date(2026, 12, 25), 15, roll=True) == Reckoned(date(2027, 1, 11), True)


def test_a_rest_day_that_moves_a_date_into_an_unpublished_year_makes_it_provisional():
    saturday_at_the_end = Calendar({date(2022, 12, 31) - timedelta(days=n): False for n in range(365)})
    moved = saturday_at_the_end.add_days(date(2022, 12, 16), 15, roll=True)
    assert moved == Reckoned(date(2023, 1, 2), True)


def test_no_days_at_all_end_on_the_start_day_itself():
    assert CALENDAR.add_working_days(DAYS[0], 0) == Reckoned(DAYS[0], False)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 3, 2, 15, 59, 59, 999999, tzinfo=UTC), date(2026, 3, 2)),
        (datetime(2026, 3, 2, 16, 0, tzinfo=UTC), date(2026, 3, 3)),
        (datetime(2024, 2, 28, 16, 0, tzinfo=UTC), date(2024, 2, 29)),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_a_day_begins_at_midnight_in_the_networks_zone(moment, day):
    assert day_of(moment) == day


def test_a_calendar_file_with_an_impossible_day_or_without_its_columns_is_not_read():
    with pytest.raises(ValueError, match="2026-02-30|day is out of range"):
        Calendar.parse("date,is_workday\n2026-02-30,1")
    with pytest.raises(KeyError):
        Calendar.parse("day,works\n2026-02-03,1")
