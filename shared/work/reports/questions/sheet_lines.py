"""The lines of a sheet: one unit's day each, and what is counted of them.

Reported, zero, excused and silent are four different words, and a day that has not come is "not yet"; silence is never
counted as a zero, so totals say "at least" while a unit is silent. On time is judged by when the unit's own node recorded
the first version; when it arrived here is a column of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from functools import cached_property

from shared.work.common.calendar import day_of
from shared.work.common.fact import UnitId
from shared.work.common.words import DayStatus, ReportKind
from shared.work.reports.questions.contradictions import Finding, Registers, finding
from shared.work.reports.questions.excuses import ExcuseRow
from shared.work.reports.questions.reporting_obligations import Duty, Units
from shared.work.reports.questions.reports import Report
from shared.work.reports.register import Figures


@dataclass(frozen=True)
class SheetLine:
    """One unit's day by what was known `as_of` a moment: what it reported, version by version, or why it need not.

    `registers` are what registers say of its newest version; `heard_recorded` and `heard_arrived` are of the
    newest fact of the unit, whatever it is about.
    """

    duty: Duty
    day: date
    due_at: datetime
    as_of: datetime
    versions: Sequence[Report]
    excuse: ExcuseRow | None
    registers: Registers
    heard_recorded: datetime | None
    heard_arrived: datetime | None

    @property
    def unit(self) -> UnitId:
        return self.duty.unit

    @property
    def report(self) -> Report | None:
        """The newest version."""
        return self.versions[-1] if self.versions else None

    @property
    def status(self) -> DayStatus:
        """What the unit did."""
        if report := self.report:
            return DayStatus.ZERO if report.kind == ReportKind.ZERO else DayStatus.REPORTED
        if self.excuse:
            return DayStatus.EXCUSED
        return DayStatus.NOT_YET if self.day > day_of(self.as_of) else DayStatus.SILENT

    @property
    def due_passed(self) -> bool:
        """Whether the cut-off lies before the moment of the sheet: until then a silent unit is not late."""
        return self.as_of > self.due_at

    @property
    def minutes_late(self) -> int | None:
        """Begun minutes after the cut-off; 0 on time, none without a report. The first version counts."""
        return minutes_after(self.due_at, self.versions[0].recorded_at) if self.versions else None

    @property
    def late(self) -> bool:
        """Whether the first version was recorded after the cut-off."""
        return bool(self.versions) and self.versions[0].recorded_at > self.due_at

    @property
    def first_recorded_at(self) -> datetime | None:
        return self.versions[0].recorded_at if self.versions else None

    @property
    def first_arrived_at(self) -> datetime | None:
        return self.versions[0].arrived_at if self.versions else None

    @property
    def corrections(self) -> int:
        """How many versions came after the first."""
        return max(len(self.versions) - 1, 0)

    @property
    def correction_minutes_late(self) -> int | None:
        """Begun minutes from the cut-off to the newest correction; none without one."""
        return minutes_after(self.due_at, self.versions[-1].recorded_at) if self.corrections else None

    @cached_property
    def finding(self) -> Finding:
        """What registers say against the newest version."""
        return finding(self.report, self.registers) if self.report else Finding()

    @property
    def contradicted_by(self) -> tuple[str, ...]:
        """The numbers of matters that the report leaves out though the unit had received them."""
        return self.finding.denied

    @property
    def asked_about(self) -> tuple[str, ...]:
        """The numbers of matters of which only the day is known: a question to the unit, and no contradiction."""
        return self.finding.open

    @property
    def contradicted(self) -> bool:
        """Whether matters or the count of the unit's own register contradict the report."""
        return bool(self.finding.denied) or self.finding.miscounted

    @property
    def register_new(self) -> int | None:
        """How many matters the register has where the report speaks of it; none without a report."""
        return len(self.registers.covered) if self.report else None


@dataclass(frozen=True)
class Sheet:
    """The lines of a day, in the order of the codes; every figure here is a count of lines of it.

    `figures` are the sums of the reports that are there; while `silent` is not 0 they are "at least". `units` is the tree
    of the day, with its names.
    """

    day: date
    as_of: datetime
    lines: tuple[SheetLine, ...]
    units: Units = field(default_factory=Units)

    @property
    def is_ahead(self) -> bool:
        """Whether the day has not come yet at the moment of the sheet."""
        return self.day > day_of(self.as_of)

    @cached_property
    def _by_status(self) -> dict[DayStatus, tuple[SheetLine, ...]]:
        found: dict[DayStatus, list[SheetLine]] = {status: [] for status in DayStatus}
        for line in self.lines:
            found[line.status].append(line)
        return {status: tuple(lines) for status, lines in found.items()}

    def with_status(self, status: DayStatus) -> tuple[SheetLine, ...]:
        """The lines that `count` counts."""
        return self._by_status[DayStatus(status)]

    def count(self, status: DayStatus) -> int:
        """How many units have a status."""
        return len(self.with_status(status))

    def below(self, parent: UnitId) -> "Sheet":
        """The part of the sheet for the units directly below one unit."""
        lines = (line for line in self.lines if line.duty.parent == parent)
        return Sheet(self.day, self.as_of, tuple(lines), self.units)

    @property
    def expected(self) -> int:
        """Units that owed a report: reported + zero + excused + silent, or not yet."""
        return len(self.lines)

    @property
    def silent(self) -> int:
        """Units of which nothing is known for the day."""
        return self.count(DayStatus.SILENT)

    @cached_property
    def late(self) -> tuple[SheetLine, ...]:
        """Units whose first version was recorded after the cut-off."""
        return tuple(line for line in self.lines if line.late)

    @cached_property
    def contradicted(self) -> tuple[SheetLine, ...]:
        """Units whose report is contradicted by the registers."""
        return tuple(line for line in self.lines if line.contradicted)

    @cached_property
    def questions(self) -> tuple[SheetLine, ...]:
        """Units that have to say whether a matter came before their report or after it."""
        return tuple(line for line in self.lines if line.asked_about)

    @property
    def conspicuous(self) -> tuple[SheetLine, ...]:
        """Units that somebody has to ask: silent ones, and those whose report the registers deny or question."""
        return tuple(
            line
            for line in self.lines
            if line.status is DayStatus.SILENT or line.contradicted or line.asked_about
        )

    @cached_property
    def figures(self) -> Figures:
        """Sums over the reports that are there."""
        reports = [line.report.figures for line in self.lines if line.report]
        return Figures(**{f.name: sum(getattr(each, f.name) for each in reports) for f in fields(Figures)})


def minutes_after(due_at: datetime, moment: datetime) -> int:
    """Begun minutes after the cut-off; 0 at or before it."""
    return max(-((due_at - moment) // timedelta(minutes=1)), 0)
