"""Workdays by a published calendar; a year without one is answered provisionally."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
"""Days are days of the network's zone."""

_SATURDAY = 5


def day_of(moment: datetime) -> date:
    """The day on which a moment falls in Asia/Shanghai."""
    return moment.astimezone(ZONE).date()


@dataclass(frozen=True)
class Reckoned:
    """A day that was counted out; provisional when a year without a published calendar was crossed."""

    day: date
    provisional: bool


class Calendar:
    """Published workdays and public holidays, and Monday to Friday where nothing is published."""

    def __init__(self, workdays: Mapping[date, bool]) -> None:
        """`workdays` says of every day of the published years whether it is a workday."""
        self._workdays = dict(workdays)
        self._years = {day.year for day in self._workdays}

    @classmethod
    def parse(cls, text: str) -> "Calendar":
        """Read CSV with the columns `date` (ISO) and `is_workday` (0 or 1). Errors: ValueError, KeyError."""
        rows = csv.DictReader(text.splitlines())
        return cls({date.fromisoformat(row["date"]): row["is_workday"] == "1" for row in rows})

    def covers(self, day: date) -> bool:
        """Whether a calendar has been published for the day's year."""
        return day.year in self._years

    def is_workday(self, day: date) -> bool:
        """Whether offices work; Monday to Friday where no calendar is published."""
        return self._workdays.get(day, day.weekday() < _SATURDAY)

    def add_days(self, start: date, days: int, *, roll: bool) -> Reckoned:
        """Calendar days after `start`, which is not counted; `roll` moves a rest day to the next workday."""
        day = start + timedelta(days=days)
        while roll and not self.is_workday(day):
            day += timedelta(days=1)
        return Reckoned(day, not self.covers(day))

    def add_working_days(self, start: date, days: int) -> Reckoned:
        """Working days after `start`, which is not counted."""
        day, left, provisional = start, days, False
        while left > 0:
            day += timedelta(days=1)
            provisional = provisional or not self.covers(day)
            left -= self.is_workday(day)
        return Reckoned(day, provisional)

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; negative when `end` is earlier."""
        if end < start:
            return -self.working_days_between(end, start)
        span = (end - start).days
        return sum(self.is_workday(start + timedelta(days=n)) for n in range(1, span + 1))
