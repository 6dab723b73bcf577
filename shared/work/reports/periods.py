"""The periods that reports are for, and the days that each covers (domain reference, section 7)."""

import calendar
from datetime import date, timedelta
from enum import StrEnum


class Period(StrEnum):
    """How long a reporting period is; a ten-day period ends on the 10th, the 20th and the month's last day."""

    DAY = "day"
    WEEK = "week"
    TEN_DAYS = "ten_days"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


_MONTHS = {Period.MONTH: 1, Period.QUARTER: 3, Period.HALF_YEAR: 6, Period.YEAR: 12}


def days_of(period: Period, day: date) -> tuple[date, date]:
    """The first and the last day of the period that a day lies in; weeks begin on Monday."""
    if period is Period.DAY:
        return day, day
    if period is Period.WEEK:
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=6)
    if period is Period.TEN_DAYS:
        third = min((day.day - 1) // 10, 2)
        return day.replace(day=third * 10 + 1), day.replace(day=third * 10 + 10) if third < 2 else _end(day)
    months = _MONTHS[period]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    return first, _end(first.replace(month=first.month + months - 1))


def _end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
