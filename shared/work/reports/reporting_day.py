"""The daily report and the zero report: a zero is an assertion, silence is not.

Reports tile time: each speaks of what came since the unit spoke last, up to its signing or the end of its day, and
the next one goes on from there, over midnight, silent days and the year's end (decision 0024).
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar
from uuid import UUID

from shared.work.common import authority
from shared.work.common.calendar import ZONE
from shared.work.common.closing import Closing
from shared.work.common.fact import Fact, FirstFact, Stream, UnitId, derived_id
from shared.work.common.refusals import Kind, Refusal
from shared.work.common.register_place import RegisterPlace
from shared.work.common.sentences import N_
from shared.work.common.words import CheckedSource, CorrectionReason, ReportKind
from shared.work.reports.periods import Period, days_of
from shared.work.reports.register import Figures, RegisterState, Waiting
from shared.work.reports.statement import Statement, figures_of


class AlreadyReported(Refusal):
    """The day has a report; a change is a correction."""

    code = "already-reported"
    sentence = "The report for %(day)s has already been sent. Send a correction instead; the first one stays visible."


class NotReportedYet(Refusal):
    """There is nothing to correct."""

    code = "not-reported-yet"
    sentence = "There is no report for %(day)s yet that could be corrected."


class NotThisDay(Refusal):
    """The day lies in the future, or so far back that nobody waits for it."""

    code = "not-this-day"
    sentence = "A report for %(day)s is not possible today. Choose a day from the list."
    kind = Kind.WRONG_INPUT


class NotInItsLife(Refusal):
    """The unit did not exist on the day."""

    code = "not-in-its-life"
    sentence = (
        "The office did not exist on %(day)s, so there is no report for that day. Choose a day from the list."
    )
    kind = Kind.WRONG_INPUT


class ReportsAreClosed(Refusal):
    """The time in which reports of the day could be put right is over."""

    code = "reports-are-closed"
    sentence = (
        "The report for %(day)s can no longer be corrected: its period was closed on %(closed)s."
        " Tell the office above what was wrong."
    )


REPORT_BACK_AT_MOST_DAYS = 31
"""How far back a missing report may be sent.

Unit: days. A design default: the monthly form closes the month; older days stay silent for good.
"""


@dataclass(frozen=True)
class Life:
    """The days on which a unit existed; `closed_on` is the last of them, none while it is open.

    `away` are closings that were undone: the last day before each, and the first one after it.
    """

    opened_on: date
    closed_on: date | None = None
    away: tuple[tuple[date, date], ...] = ()

    def has(self, day: date) -> bool:
        """Whether the unit existed on a day."""
        is_away = any(last < day < again for last, again in self.away)
        return self.opened_on <= day <= (self.closed_on or date.max) and not is_away

    def owes(self, day: date) -> bool:
        """Whether it owed a report for a day: from the day after it was opened to the day on which it was closed."""
        first_ones = {self.opened_on, *(again for last, again in self.away if last < again)}
        return self.has(day) and day not in first_ones


class ReportFact(Fact):
    """One version of a report.

    `day` to `until` are the days of its `period`; `version` counts from 1; `covers_from` to `covers_to` are the places
    of the register that it speaks of, none when the first is the greater one. It speaks of what came after the moment
    `speaks_from` (none: of all before it) up to `speaks_to`; `carried_by` are the days of the reports that already carry
    matters of its day. Until version 1 there were days alone, and numbers without their year; until version 2 a person
    typed every figure, and no moments were kept (then `speaks_to` is none).
    """

    class_version = 3

    day: date
    until: date
    period: Period
    kind: ReportKind
    figures: Figures
    checked: tuple[CheckedSource, ...]
    signed_by: str
    register_count: int
    register_last: int
    covers_from: RegisterPlace
    covers_to: RegisterPlace
    version: int
    speaks_from: datetime | None
    speaks_to: datetime | None
    carried_by: tuple[date, ...]

    @staticmethod
    def upcast_v1_v2(data: dict[str, Any]) -> None:
        """A day's report, whose register is that of the day's year."""
        data["period"], data["until"] = Period.DAY.value, data["day"]
        year = int(data["day"][:4])
        for name in ("covers_from", "covers_to"):
            data[name] = {"year": year, "number": data[name]}

    @staticmethod
    def upcast_v2_v3(data: dict[str, Any]) -> None:
        """Of its moments nothing was kept, and no report named another one."""
        data["speaks_from"] = data["speaks_to"] = None
        data["carried_by"] = []

    def apply(self, aggregate: "ReportingDay") -> None:
        aggregate.unit = self.unit
        aggregate.day = self.day
        aggregate.versions = self.version
        aggregate.covers_from = self.covers_from
        aggregate.speaks_from = self.speaks_from
        aggregate.speaks_to = self.speaks_to
        aggregate.carried_by = self.carried_by


class Filed(FirstFact, ReportFact):
    """The first report for the day; it decides whether the unit was on time."""

    TOPIC = "report.filed"
    SAYS = N_("Daily report")

    @classmethod
    def stream_of(cls, said: authority.Statement) -> UUID:
        day = date.fromisoformat(said.data["day"])
        return ReportingDay.id_for(said.unit, day, Period(said.data["period"]))


class Corrected(ReportFact):
    """A new version; the old ones stay. Until version 2 nobody said why."""

    TOPIC = "report.corrected"
    SAYS = N_("Daily report corrected")

    reason: CorrectionReason | None

    @staticmethod
    def upcast_v2_v3(data: dict[str, Any]) -> None:
        """As of every report, and without a reason."""
        ReportFact.upcast_v2_v3(data)
        data["reason"] = None


class ReportingDay(Stream):
    """One unit's duty to report for one day."""

    STREAM: ClassVar[str] = "report"

    def __init__(self) -> None:
        super().__init__()
        self.day: date
        self.versions = 0
        self.covers_from: RegisterPlace
        self.speaks_from: datetime | None
        self.speaks_to: datetime | None
        self.carried_by: tuple[date, ...]

    @staticmethod
    def id_for(unit: UnitId, day: date, period: Period = Period.DAY) -> UUID:
        """One stream a unit and period; a day's is called as it was before there were others."""
        if period is Period.DAY:
            return derived_id("report", unit, day)
        return derived_id("report", unit, period.value, days_of(period, day)[0])

    @classmethod
    def file(
        cls,
        *,
        unit: UnitId,
        day: date,
        said: Statement,
        register: RegisterState,
        waiting: Waiting,
        life: Life,
        today: date,
        at: datetime,
    ) -> "ReportingDay":
        """Send the day's first report.

        Errors: NotThisDay, NotInItsLife, and those of `figures_of`.
        """
        if not 0 <= (today - day).days <= REPORT_BACK_AT_MOST_DAYS:
            raise NotThisDay(day=day.isoformat())
        if not life.has(day):
            raise NotInItsLife(day=day.isoformat())
        spoken = register.spoken_until
        return cls._create(
            Filed,
            id=cls.id_for(unit, day),
            unit=unit,
            **_version(day, said, register, figures_of(said, register, waiting)),
            covers_from=register.since.next,
            version=1,
            speaks_from=min(spoken, begin_of(day)) if spoken else None,
            speaks_to=min(at, end_of(day)),
            carried_by=register.carried_by,
            timestamp=at,
        )

    def correct(
        self,
        *,
        said: Statement,
        reason: CorrectionReason,
        register: RegisterState,
        waiting: Waiting,
        closing: Closing,
        today: date,
        at: datetime,
    ) -> None:
        """Send a new version; on time is still judged by the first one.

        It speaks up to its own signing or the end of its day, unless a later day's report has gone on already.
        Errors: ReportsAreClosed, and those of `figures_of`.
        """
        closed = days_of(Period(closing.period), self.day)[1] + timedelta(days=closing.days_after)
        if today > closed:
            raise ReportsAreClosed(day=self.day.isoformat(), closed=closed.isoformat())
        known = self.speaks_to
        last = min(at, end_of(self.day), register.taken_over_at or at)
        self.record(
            Corrected,
            **_version(self.day, said, register, figures_of(said, register, waiting)),
            covers_from=self.covers_from,
            version=self.versions + 1,
            speaks_from=self.speaks_from if known else begin_of(self.day),
            speaks_to=max(known, last) if known else last,
            carried_by=self.carried_by,
            reason=reason,
            at=at,
        )


def begin_of(day: date) -> datetime:
    """The first moment of a day in the network's zone."""
    return datetime.combine(day, time(), ZONE)


def end_of(day: date) -> datetime:
    """The first moment after a day."""
    return begin_of(day + timedelta(days=1))


def _version(day: date, said: Statement, register: RegisterState, figures: Figures) -> dict[str, Any]:
    """What every version says of itself in the same way."""
    return {
        "day": day,
        "until": day,
        "period": Period.DAY,
        "kind": said.kind,
        "figures": figures,
        "checked": said.checked,
        "signed_by": said.signed_by,
        "register_count": register.count,
        "register_last": register.last,
        "covers_to": register.until,
    }
