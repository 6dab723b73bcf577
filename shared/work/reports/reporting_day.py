"""The daily report and the zero report: a zero is an assertion, silence is not."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from shared.work.common.authority import Evidence, Statement, require
from shared.work.common.fact import Fact, FirstFact, Stream, UnitId, derived_id
from shared.work.common.refusals import Kind, Refusal
from shared.work.common.sentences import N_
from shared.work.common.words import CheckedSource, ExcuseReason, ReportKind
from shared.work.reports.periods import Period, days_of


class AlreadyReported(Refusal):
    """The day has a report; a change is a correction."""

    code = "already-reported"
    sentence = "The report for %(day)s has already been sent. Send a correction instead; the first one stays visible."


class NotReportedYet(Refusal):
    """There is nothing to correct."""

    code = "not-reported-yet"
    sentence = "There is no report for %(day)s yet that could be corrected."


class NothingChecked(Refusal):
    """A report says what was looked at."""

    code = "nothing-checked"
    sentence = (
        "Say what was checked (reception book, phone, mailbox, online box, dispute walk) before you sign."
    )
    kind = Kind.WRONG_INPUT


class ZeroContradictsRegister(Refusal):
    """The register shows matters that a zero report would deny."""

    code = "zero-contradicts-register"
    sentence = "A zero report is not possible: the register shows %(numbers)s. Send the daily report instead."


class NotThisDay(Refusal):
    """The day lies in the future, or so far back that nobody waits for it."""

    code = "not-this-day"
    sentence = "A report for %(day)s is not possible today. Choose a day from the list."
    kind = Kind.WRONG_INPUT


REPORT_BACK_AT_MOST_DAYS = 31
"""How far back a missing report may be sent.

Unit: days. A design default: the monthly form closes the month; older days stay silent for good.
"""


@dataclass(frozen=True)
class RegisterState:
    """The unit's own register when the report is signed.

    `count` and `last` describe the year's register; `since` is the last register number that the
    previous report covered, so the report covers the numbers `since + 1` to `last`; `numbers` are
    the matters in that range and the matters received on the day, as printed on the receipts.
    """

    count: int
    last: int
    since: int
    numbers: tuple[str, ...]


@dataclass(frozen=True)
class Figures:
    """Counts of a daily report; items, never persons' movements."""

    new: int = 0
    collective: int = 0
    due_today: int = 0
    overdue: int = 0
    disputes_found: int = 0
    disputes_settled: int = 0


@dataclass(frozen=True)
class RegisterPlace:
    """A place in a unit's register: numbers begin anew with each year."""

    year: int
    number: int


class ReportFact(Fact):
    """One version of a report.

    `day` to `until` are the days of its `period`; `version` counts from 1; `covers_from` to `covers_to` are the places
    of the register that it speaks of. Until version 1 there were days alone, and numbers without their year.
    """

    class_version = 2

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

    @staticmethod
    def upcast_v1_v2(data: dict[str, Any]) -> None:
        """A day's report, whose register is that of the day's year."""
        data["period"], data["until"] = Period.DAY.value, data["day"]
        year = int(data["day"][:4])
        for name in ("covers_from", "covers_to"):
            data[name] = {"year": year, "number": data[name]}

    def apply(self, aggregate: "ReportingDay") -> None:
        aggregate.unit = self.unit
        aggregate.day = self.day
        aggregate.versions = self.version
        aggregate.covers_from = self.covers_from


class Filed(FirstFact, ReportFact):
    """The first report for the day; it decides whether the unit was on time."""

    TOPIC = "report.filed"
    SAYS = N_("Daily report")

    @classmethod
    def stream_of(cls, said: Statement) -> UUID:
        day = date.fromisoformat(said.data["day"])
        return ReportingDay.id_for(said.unit, day, Period(said.data["period"]))


class Corrected(ReportFact):
    """A new version; the old ones stay."""

    TOPIC = "report.corrected"
    SAYS = N_("Daily report corrected")


class ReportingDay(Stream):
    """One unit's duty to report for one day."""

    STREAM: ClassVar[str] = "report"

    def __init__(self) -> None:
        super().__init__()
        self.day: date
        self.versions = 0
        self.covers_from: RegisterPlace

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
        kind: ReportKind,
        figures: Figures,
        checked: tuple[CheckedSource, ...],
        signed_by: str,
        register: RegisterState,
        today: date,
        at: datetime,
    ) -> "ReportingDay":
        """Send the day's first report.

        Errors: NothingChecked, NotThisDay, ZeroContradictsRegister.
        """
        if not 0 <= (today - day).days <= REPORT_BACK_AT_MOST_DAYS:
            raise NotThisDay(day=day.isoformat())
        _check_report(kind, checked, register)
        return cls._create(
            Filed,
            id=cls.id_for(unit, day),
            unit=unit,
            day=day,
            until=day,
            period=Period.DAY,
            kind=kind,
            figures=figures if kind is ReportKind.DAILY else Figures(),
            checked=checked,
            signed_by=signed_by,
            register_count=register.count,
            register_last=register.last,
            covers_from=RegisterPlace(day.year, register.since + 1),
            covers_to=RegisterPlace(day.year, register.last),
            version=1,
            timestamp=at,
        )

    def correct(
        self,
        *,
        kind: ReportKind,
        figures: Figures,
        checked: tuple[CheckedSource, ...],
        signed_by: str,
        register: RegisterState,
        at: datetime,
    ) -> None:
        """Send a new version; on time is still judged by the first one.

        Errors: NothingChecked, ZeroContradictsRegister.
        """
        _check_report(kind, checked, register)
        self.record(
            Corrected,
            day=self.day,
            until=self.day,
            period=Period.DAY,
            kind=kind,
            figures=figures if kind is ReportKind.DAILY else Figures(),
            checked=checked,
            signed_by=signed_by,
            register_count=register.count,
            register_last=register.last,
            covers_from=self.covers_from,
            covers_to=RegisterPlace(self.day.year, register.last),
            version=self.versions + 1,
            at=at,
        )


def _check_report(kind: ReportKind, checked: tuple[CheckedSource, ...], register: RegisterState) -> None:
    if not checked:
        raise NothingChecked()
    if kind is ReportKind.ZERO and register.numbers:
        raise ZeroContradictsRegister(numbers=", ".join(register.numbers))


class Excused(FirstFact):
    """The receiving office excused a unit from reporting for a day, with its reason."""

    TOPIC = "excuse.granted"
    SAYS = N_("Excused from reporting")

    excused: UnitId
    day: date
    reason: ExcuseReason

    @classmethod
    def stream_of(cls, said: Statement) -> UUID:
        return Excuse.id_for(UUID(said.data["excused"]), date.fromisoformat(said.data["day"]))

    @classmethod
    def require_theirs(cls, said: Statement, known: Evidence) -> None:
        """An office above excuses one below it. Errors: NotTheirs, Waits."""
        excused = UUID(said.data["excused"])
        known.require_unit(excused)
        require(excused in set(known.directory.below(said.unit)), "excuses an office that is not below it")

    def addressees(self) -> tuple[UnitId, ...]:
        return (self.excused,)

    def apply(self, aggregate: "Excuse") -> None:
        aggregate.unit = self.unit


class Excuse(Stream):
    """One excused day of one unit."""

    STREAM: ClassVar[str] = "excuse"

    @staticmethod
    def id_for(excused: UnitId, day: date) -> UUID:
        """One stream a unit and day."""
        return derived_id("excuse", excused, day)

    @classmethod
    def grant(
        cls, *, unit: UnitId, excused: UnitId, day: date, reason: ExcuseReason, at: datetime
    ) -> "Excuse":
        """Excuse a unit's day."""
        return cls._create(
            Excused,
            id=cls.id_for(excused, day),
            unit=unit,
            excused=excused,
            day=day,
            reason=reason,
            timestamp=at,
        )
