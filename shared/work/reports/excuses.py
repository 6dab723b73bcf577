"""Days that an office excused a unit from reporting for: numbered, and revocable."""

from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from shared.work.common.authority import Evidence, Statement, require
from shared.work.common.fact import Fact, FirstFact, Stream, UnitId, derived_id
from shared.work.common.refusals import Kind, Refusal
from shared.work.common.sentences import N_
from shared.work.common.words import ExcuseReason
from shared.work.reports.reporting_day import REPORT_BACK_AT_MOST_DAYS, Life

EXCUSE_AHEAD_AT_MOST_DAYS = 31
"""How far ahead a day may be excused.

Unit: days. A design default: what is known of a later month is excused in that month.
"""


class NoDutyThatDay(Refusal):
    """The unit owes no report for the day, so there is nothing to be excused from."""

    code = "no-duty-that-day"
    sentence = "The office owes no report for %(day)s: it owes one from the day after it was opened to the day on which it is closed."
    kind = Kind.WRONG_INPUT


class NotExcusedSoFar(Refusal):
    """The day is so far away that nobody excuses it today."""

    code = "not-excused-so-far"
    sentence = "Choose a day between %(first)s and %(last)s; no other day is excused today."
    kind = Kind.WRONG_INPUT


class DayIsReported(Refusal):
    """The unit has reported, so its day is not excused."""

    code = "day-is-reported"
    sentence = "The office has sent its report for %(day)s; a day that was reported is not excused."


class AlreadyExcused(Refusal):
    """The day is excused by this office already."""

    code = "already-excused"
    sentence = "The day is excused already, under number %(number)s. Revoke that excuse first."


class NotExcused(Refusal):
    """There is no excuse of this office that could be taken back."""

    code = "not-excused"
    sentence = "This office has not excused the day %(day)s, or has taken its excuse back already."


class Excused(FirstFact):
    """The receiving office excused a unit from reporting for a day, with its reason.

    Its number counts the office's excuses of a year from 1; until version 1 there were none (then both are 0).
    """

    TOPIC = "excuse.granted"
    SAYS = N_("Excused from reporting")
    class_version = 2

    excused: UnitId
    day: date
    reason: ExcuseReason
    year: int
    running: int

    @staticmethod
    def upcast_v1_v2(data: dict[str, Any]) -> None:
        """Without a number."""
        data["year"] = data["running"] = 0

    @classmethod
    def stream_of(cls, said: Statement) -> UUID:
        """Of the office and its number; until version 1 of the excused unit and its day."""
        data = said.data
        if data["running"]:
            return Excuse.id_for(said.unit, data["year"], data["running"])
        return derived_id("excuse", UUID(data["excused"]), date.fromisoformat(data["day"]))

    @classmethod
    def require_theirs(cls, said: Statement, known: Evidence) -> None:
        """An office above excuses one below it. Errors: NotTheirs, Waits."""
        excused = UUID(said.data["excused"])
        known.require_unit(excused)
        require(known.directory.was_below(excused, said.unit), "excuses an office that was never below it")

    def addressees(self) -> tuple[UnitId, ...]:
        return (self.excused,)

    def apply(self, aggregate: "Excuse") -> None:
        aggregate.unit = self.unit
        aggregate.excused = self.excused
        aggregate.day = self.day
        aggregate.number = excuse_number(self.year, self.running)


class Revoked(Fact):
    """The office took its excuse back: the unit owes its report again."""

    TOPIC = "excuse.revoked"
    SAYS = N_("Excuse revoked")

    excused: UnitId
    day: date

    @classmethod
    def require_theirs(cls, said: Statement, known: Evidence) -> None:
        """It is the excuse that the record began with. Errors: NotTheirs."""
        begun = known.beginning(said, UUID(said.data["excused"]))
        same = ("excused", "day")
        require(begun is None or all(said.data[n] == begun.data[n] for n in same), "revokes another excuse")

    def addressees(self) -> tuple[UnitId, ...]:
        return (self.excused,)

    def apply(self, aggregate: "Excuse") -> None:
        aggregate.revoked = True


class Excuse(Stream):
    """One excused day of one unit."""

    STREAM: ClassVar[str] = "excuse"

    def __init__(self) -> None:
        super().__init__()
        self.excused: UnitId
        self.day: date
        self.number = ""
        self.revoked = False

    @staticmethod
    def id_for(unit: UnitId, year: int, running: int) -> UUID:
        """The id that makes a number of the office usable once: a second use is the same stream."""
        return derived_id("excuse", unit, year, running)

    @classmethod
    def grant(
        cls,
        *,
        unit: UnitId,
        excused: UnitId,
        day: date,
        reason: ExcuseReason,
        running: int,
        life: Life,
        today: date,
        at: datetime,
    ) -> "Excuse":
        """Excuse a unit's day, under the office's next number of the year. Errors: NoDutyThatDay, NotExcusedSoFar."""
        if not life.owes(day):
            raise NoDutyThatDay(day=day.isoformat())
        first = today - timedelta(days=REPORT_BACK_AT_MOST_DAYS)
        last = today + timedelta(days=EXCUSE_AHEAD_AT_MOST_DAYS)
        if not first <= day <= last:
            raise NotExcusedSoFar(first=first.isoformat(), last=last.isoformat())
        return cls._create(
            Excused,
            id=cls.id_for(unit, today.year, running),
            unit=unit,
            excused=excused,
            day=day,
            reason=reason,
            year=today.year,
            running=running,
            timestamp=at,
        )

    def revoke(self, *, at: datetime) -> None:
        """Take the excuse back. Errors: NotExcused."""
        if self.revoked:
            raise NotExcused(day=self.day.isoformat())
        self.record(Revoked, excused=self.excused, day=self.day, at=at)


def excuse_number(year: int, running: int) -> str:
    """The number as people say it; empty for an excuse of an earlier release."""
    return f"{year}-{running:03d}" if running else ""
