"""Workdays by a published calendar; a year without one is answered provisionally."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.work.common.once import Once

ZONE = ZoneInfo("Asia/Shanghai")
"""Days are days of the network's zone."""

_SATURDAY = 5
_NONE: Mapping[date, Mapping[date, bool]] = {}


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

    def __init__(
        self, workdays: Mapping[date, bool], amended: Mapping[date, Mapping[date, bool]] = _NONE
    ) -> None:
        """`workdays` says of every day of the published years whether it is a workday.

        `amended` says by the day of its publication what a later notice changed in a year already published.
        """
        self._editions: list[tuple[date, Calendar]] = []
        for notice, changed in sorted(amended.items()):
            self._editions = self._editions or [(date.min, Calendar(workdays))]
            workdays = {**workdays, **changed}
            self._editions.append((notice, Calendar(workdays)))
        self._workdays = dict(workdays)
        self._years = {day.year for day in self._workdays}

    @classmethod
    def parse(cls, text: str) -> "Calendar":
        """Read CSV with the columns `date` (ISO) and `is_workday` (0 or 1), and for what a later notice changed
        the day of that notice in the column `amended_on`. Errors: ValueError, KeyError."""
        workdays: dict[date, bool] = {}
        amended: dict[date, dict[date, bool]] = {}
        for row in csv.DictReader(text.splitlines()):
            notice = row.get("amended_on")
            said = amended.setdefault(date.fromisoformat(notice), {}) if notice else workdays
            said[date.fromisoformat(row["date"])] = row["is_workday"] == "1"
        return cls(workdays, amended)

    def editions(self) -> Sequence[tuple[date, "Calendar"]]:
        """The calendar as first published, then after each notice that amended it, with the day of that notice."""
        return self._editions or [(date.min, self)]

    def workdays(self) -> Mapping[date, bool]:
        """Every day of the published years, and whether it is a workday."""
        return self._workdays

    @Once
    def text(self) -> str:
        """All that is published, edition by edition: the same text for the same calendar."""
        return "\n".join(
            f"{notice} {day} {workday:d}"
            for notice, edition in self.editions()
            for day, workday in sorted(edition.workdays().items())
        )

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
