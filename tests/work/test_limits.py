"""The legal clocks: how long, from when, by which article, and what a due date says of itself."""

from datetime import date, timedelta

import pytest

from shared import data
from shared.settings.calendar import calendar_in_use
from shared.work.common.calendar import Calendar
from shared.work.common.limits import RULE_SETS, Due, Limit, due, rule_set_for

CALENDAR = calendar_in_use()
MONDAY = date(2026, 3, 2)


def test_every_rule_set_has_every_limit_and_names_its_source():
    for rules in RULE_SETS:
        assert set(rules.spans) == set(Limit)
        assert all(span.days > 0 and span.article for span in rules.spans.values())


@pytest.mark.parametrize(
    ("day", "key"),
    [
        (date(2005, 5, 1), "R05"),
        (date(2022, 4, 30), "R05"),
        (date(2022, 5, 1), "R22"),
        (date(2030, 1, 1), "R22"),
        (date(1995, 1, 1), "R05"),
    ],
)
def test_the_rule_set_is_the_one_in_force_on_the_day_the_clock_starts(day, key):
    assert rule_set_for(day).key == key


@pytest.mark.parametrize(
    ("limit", "last", "article"),
    [
        (Limit.ROUTE, date(2026, 3, 17), "R22 22"),
        (Limit.NOTICE, date(2026, 3, 17), "R22 23"),
        (Limit.OBJECTION, date(2026, 3, 9), "R22 23"),
        (Limit.OBJECTION_ANSWER, date(2026, 3, 9), "design"),
        (Limit.HANDLING, date(2026, 5, 6), "R22 34"),
    ],
)
def test_a_clock_that_starts_on_a_monday_in_march_ends_on_its_day(limit, last, article):
    reckoned = due(limit, MONDAY, CALENDAR)
    assert (reckoned.day, reckoned.article, reckoned.rules) == (last, article, "R22")
    assert not reckoned.provisional


def test_sixty_days_that_end_on_labour_day_move_to_the_first_workday_after_the_holidays():
    reckoned = due(Limit.HANDLING, MONDAY, CALENDAR)
    assert MONDAY + timedelta(days=60) == date(2026, 5, 1)
    assert (reckoned.day, reckoned.moved) == (date(2026, 5, 6), True)


def test_fifteen_days_that_end_on_a_made_up_sunday_stay_there():
    reckoned = due(Limit.NOTICE, date(2024, 9, 14), CALENDAR)
    assert (reckoned.day, reckoned.day.weekday(), reckoned.moved) == (date(2024, 9, 29), 6, False)


def test_five_working_days_over_the_spring_festival_count_the_made_up_saturday():
    assert due(Limit.OBJECTION, date(2026, 2, 13), CALENDAR).day == date(2026, 2, 27)


def test_a_limit_of_an_old_matter_is_that_of_the_old_rules():
    old = due(Limit.HANDLING, date(2022, 4, 30), CALENDAR)
    assert (old.rules, old.article) == ("R05", "R05 33")


def test_an_office_is_overdue_from_the_day_after_the_last_one():
    reckoned = due(Limit.NOTICE, MONDAY, CALENDAR)
    assert not reckoned.overdue(reckoned.day)
    assert reckoned.overdue(reckoned.day + timedelta(days=1))


def test_a_due_date_in_a_year_without_a_calendar_says_so():
    assert due(Limit.NOTICE, date(2026, 12, 20), CALENDAR).provisional
    assert due(Limit.OBJECTION, date(2026, 12, 29), CALENDAR).provisional
    assert not due(Limit.NOTICE, date(2026, 12, 16), CALENDAR).provisional


def _told(reckoned: Due) -> str:
    sentence, values = reckoned.explain()
    return sentence % values


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        (Limit.OBJECTION, "5 working days after 2026-03-02 (R22, article 23)"),
        (
            Limit.OBJECTION_ANSWER,
            "5 working days after 2026-03-02 (custom of this network; the Regulations give no number)",
        ),
        (Limit.NOTICE, "15 days after 2026-03-02 (R22, article 23)"),
        (
            Limit.HANDLING,
            "60 days after 2026-03-02 (R22, article 34); that day is a rest day, so it moves to the next"
            " workday",
        ),
    ],
)
def test_a_due_date_explains_itself(limit, told):
    assert _told(due(limit, MONDAY, CALENDAR)) == told


def _published_until(year: int) -> Calendar:
    kept = [row for row in data.rows(data.CALENDAR) if int(row["date"][:4]) <= year]
    return Calendar({date.fromisoformat(row["date"]): row["is_workday"] == "1" for row in kept})


@pytest.mark.parametrize("year", range(2019, 2026))
def test_a_newly_published_year_changes_only_due_dates_that_were_provisional(year):
    before, after = _published_until(year), _published_until(year + 1)
    starts = [date(year, 10, 1) + timedelta(days=n) for n in range(92)]
    reckoned = [(due(limit, start, before), due(limit, start, after)) for limit in Limit for start in starts]
    assert all(old == new for old, new in reckoned if not old.provisional)
    assert any(old.day != new.day for old, new in reckoned if old.provisional)


WEEK = {MONDAY + timedelta(days=day): day % 7 < 5 for day in range(14)}
TUESDAY_AFTER, WEDNESDAY_AFTER = MONDAY + timedelta(days=8), MONDAY + timedelta(days=9)


def amended_on(notice: date) -> Calendar:
    """Two weeks in which a notice makes the second Monday and Tuesday rest days."""
    return Calendar(WEEK, {notice: {MONDAY + timedelta(days=7): False, TUESDAY_AFTER: False}})


def test_given_a_limit_that_runs_when_a_notice_amends_the_calendar_then_its_day_moves():
    # Given five working days from a Monday, which end on the next Monday
    assert due(Limit.OBJECTION, MONDAY, Calendar(WEEK)).day == MONDAY + timedelta(days=7)
    # When a notice before that day, or of that day, makes it a rest day
    for notice in (MONDAY, MONDAY + timedelta(days=7)):
        # Then the limit ends on the next workday
        assert due(Limit.OBJECTION, MONDAY, amended_on(notice)).day == WEDNESDAY_AFTER


def test_given_a_limit_that_had_ended_when_a_notice_amends_the_calendar_then_the_verdict_stays():
    amended = amended_on(TUESDAY_AFTER)
    assert due(Limit.OBJECTION, MONDAY, amended) == due(Limit.OBJECTION, MONDAY, Calendar(WEEK))
    # And one that began later has the amended calendar
    assert due(Limit.OBJECTION, MONDAY + timedelta(days=1), amended).day == MONDAY + timedelta(days=10)


def test_given_a_duty_that_was_done_when_a_notice_amends_the_calendar_then_its_day_stays():
    # Given five working days from a Monday, and the duty done on Thursday, or at last on the day of the notice
    notice, before = MONDAY + timedelta(days=4), Calendar(WEEK)
    for done in (MONDAY + timedelta(days=3), notice):
        # When a notice of Friday makes the last day a rest day, then the last day is the one that it was
        assert due(Limit.OBJECTION, MONDAY, amended_on(notice), done) == due(Limit.OBJECTION, MONDAY, before)
    # And a duty that was done after the notice had the longer time
    assert due(Limit.OBJECTION, MONDAY, amended_on(notice), TUESDAY_AFTER).day == WEDNESDAY_AFTER


def test_given_a_duty_that_was_done_late_when_a_notice_comes_between_then_it_stays_late():
    # Given a last day that passed on Monday, a notice of Tuesday that makes it a rest day, and the duty done afterwards
    amended = amended_on(TUESDAY_AFTER)
    # Then the day had passed before the notice
    assert due(Limit.OBJECTION, MONDAY, amended, WEDNESDAY_AFTER).day == MONDAY + timedelta(days=7)


def test_given_two_notices_and_a_duty_that_was_done_between_them_then_only_the_first_counts():
    rest = MONDAY + timedelta(days=7)
    twice = Calendar(WEEK, {MONDAY: {rest: False}, TUESDAY_AFTER: {TUESDAY_AFTER: False}})
    assert due(Limit.OBJECTION, MONDAY, twice, rest).day == TUESDAY_AFTER
    # And while the duty is open, both do
    assert due(Limit.OBJECTION, MONDAY, twice).day == WEDNESDAY_AFTER


def published_on(notice: date) -> Calendar:
    """The week's calendar, whose second week nobody had published before a notice; its Monday and Tuesday are rest days."""
    (first, second) = WEEKS
    return Calendar(
        first, {notice: second | {MONDAY_OF_2027: False, MONDAY_OF_2027 + timedelta(days=1): False}}
    )


MONDAY_OF_2027 = date(2027, 1, 4)
WEEKS = (
    {MONDAY_OF_2027 - timedelta(days=day): True for day in range(4, 11)},
    {date(2027, 1, 1) + timedelta(days=day): day not in (1, 2) for day in range(14)},
)


def test_given_a_provisional_limit_that_runs_when_its_year_is_published_then_it_is_reckoned_again():
    # Given five working days from Monday, 28 December, into a year without a calendar
    start = MONDAY_OF_2027 - timedelta(days=7)
    before = due(Limit.OBJECTION, start, Calendar(WEEKS[0]))
    assert (before.day, before.provisional) == (MONDAY_OF_2027, True)
    # When the year is published before that day, or on it
    for notice in (start, MONDAY_OF_2027):
        # Then the limit has the days of the published year, and is not provisional any more
        after = due(Limit.OBJECTION, start, published_on(notice))
        assert (after.day, after.provisional) == (MONDAY_OF_2027 + timedelta(days=2), False)


def test_given_a_provisional_limit_that_had_ended_when_its_year_is_published_then_the_verdict_stays():
    start, late = MONDAY_OF_2027 - timedelta(days=7), MONDAY_OF_2027 + timedelta(days=1)
    assert due(Limit.OBJECTION, start, published_on(late)) == due(Limit.OBJECTION, start, Calendar(WEEKS[0]))


def test_a_year_that_is_new_to_the_packaged_calendar_says_when_it_was_published():
    first = min(day for day, _ in CALENDAR.editions())
    assert first == date.min
    (_, published), *_ = CALENDAR.editions()
    assert max(day.year for day in published.workdays()) == 2026, "a later year needs its day in amended_on"
