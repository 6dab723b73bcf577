"""The sheet of a day: what each unit that owed a report did, as it was known at a moment.

Reported, zero, excused and silent are four different words; silence is never counted as a zero, so
totals say "at least" while a unit is silent. On time is judged by when the unit's own node recorded
the first version; when it arrived here is a column of its own.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from functools import cached_property

from sqlalchemy import Connection

from shared.projections.last_contact import last_heard
from shared.projections.timeline import heard_before
from shared.work.common.calendar import ZONE
from shared.work.common.fact import UnitId
from shared.work.common.words import DayStatus, ReportKind
from shared.work.reports.questions.contradictions import UnitDay, matters_of_day, matters_of_unit
from shared.work.reports.questions.reporting_obligations import (
    Duty,
    Units,
    tier_of,
    unit_between,
    units_on,
)
from shared.work.reports.questions.reports import (
    ExcuseRow,
    Report,
    excuses_of_day,
    excuses_of_unit,
    reports_of_day,
    reports_of_unit,
)
from shared.work.reports.reporting_day import Figures

CutOffs = Mapping[str, time]
"""Until when a tier's report is on time (`village`, `township`, `county`); local time in Asia/Shanghai."""


Heard = tuple[datetime, datetime | None]
"""When a unit's newest fact was recorded, and when it arrived."""


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One unit's day by what was known `as_of` a moment: what it reported, version by version, or why it need not.

    `denied_by` are the numbers of matters that came in on the day; `heard_recorded` and `heard_arrived` are of the
    newest fact of the unit, whatever it is about.
    """

    duty: Duty
    day: date
    due_at: datetime
    as_of: datetime
    versions: Sequence[Report]
    excuse: ExcuseRow | None
    denied_by: tuple[str, ...]
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
        return DayStatus.EXCUSED if self.excuse else DayStatus.SILENT

    @property
    def due_passed(self) -> bool:
        """Whether the cut-off lies before the moment of the sheet: until then a silent unit is not late."""
        return self.as_of > self.due_at

    @property
    def minutes_late(self) -> int | None:
        """Begun minutes after the cut-off; 0 on time, none without a report. The first version counts."""
        return _minutes_after(self.due_at, self.versions[0].recorded_at) if self.versions else None

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
    def contradicted_by(self) -> tuple[str, ...]:
        """The numbers of matters that a zero denies."""
        return self.denied_by if self.status is DayStatus.ZERO else ()


@dataclass(frozen=True)
class Sheet:
    """The lines of a day, in the order of the codes; every figure here is a count of lines of it.

    `figures` are the sums of the reports that are there; while `silent` is not 0 they are "at least".
    """

    day: date
    as_of: datetime
    lines: tuple[SheetLine, ...]

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
        return Sheet(self.day, self.as_of, tuple(lines))

    @property
    def expected(self) -> int:
        """Units that owed a report: reported + zero + excused + silent."""
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
        """Units whose zero is denied by a matter."""
        return tuple(line for line in self.lines if line.contradicted_by)

    @property
    def conspicuous(self) -> tuple[SheetLine, ...]:
        """Units that somebody has to ask: silent ones, and those whose zero is denied."""
        return tuple(line for line in self.lines if line.status is DayStatus.SILENT or line.contradicted_by)

    @cached_property
    def figures(self) -> Figures:
        """Sums over the reports that are there."""
        reports = [line.report.figures for line in self.lines if line.report]
        return Figures(**{f.name: sum(getattr(each, f.name) for each in reports) for f in fields(Figures)})


def sheet(
    connection: Connection,
    parent: UnitId,
    day: date,
    *,
    as_of: datetime,
    cut_offs: CutOffs,
    whole_tree: bool = False,
    heard: bool = True,
) -> Sheet:
    """The day of the units directly below `parent`, or with `whole_tree` of all units below it.

    Whoever needs the figures alone does without when each was last `heard` of, a third of the work.
    """
    units = units_on(connection, day)
    chosen = [unit for unit in units.values() if _is_below(unit, parent, units, whole_tree)]
    known = _Known(
        reports_of_day(connection, day, as_of=as_of),
        excuses_of_day(connection, day, as_of=as_of),
        matters_of_day(connection, day, as_of=as_of),
        _heard(connection, None, as_of) if heard else {},
    )
    lines = (known.line(duty, day, _due_at(duty, day, units, cut_offs), as_of) for duty in chosen)
    return Sheet(day, as_of, tuple(lines))


def unit_days(
    connection: Connection,
    unit: UnitId,
    first: date,
    last: date,
    *,
    as_of: datetime,
    cut_offs: CutOffs,
    heard: bool = True,
) -> list[SheetLine]:
    """One unit's days, the newest first; days on which it did not exist are absent."""
    trees = unit_between(connection, unit, first, last)
    known = _Known(
        reports_of_unit(connection, unit, first, last, as_of=as_of),
        excuses_of_unit(connection, unit, first, last, as_of=as_of),
        matters_of_unit(connection, unit, first, last, as_of=as_of),
        _heard(connection, [unit], as_of) if heard else {},
    )
    return [
        known.line(units[unit], day, _due_at(units[unit], day, units, cut_offs), as_of)
        for day, units in sorted(trees.items(), reverse=True)
        if unit in units
    ]


def _is_below(unit: Duty, parent: UnitId, units: Units, whole_tree: bool) -> bool:
    above = unit.parent
    while whole_tree and above and above != parent:
        above = units[above].parent if above in units else None
    return above == parent


def _due_at(duty: Duty, day: date, units: Units, cut_offs: CutOffs) -> datetime:
    return datetime.combine(day, cut_offs[tier_of(duty, units).value], ZONE)


class _Known:
    """What is known of some units' days, by unit and day."""

    def __init__(
        self,
        reports: Iterable[Report],
        excuses: Iterable[ExcuseRow],
        matters: Mapping[UnitDay, tuple[str, ...]],
        heard: Mapping[UnitId, Heard],
    ) -> None:
        self._versions: dict[UnitDay, list[Report]] = {}
        for report in reports:
            self._versions.setdefault((report.unit, report.day), []).append(report)
        self._excuses = {(row.unit, row.day): row for row in excuses}
        self._matters, self._heard = matters, heard

    def line(self, duty: Duty, day: date, due_at: datetime, as_of: datetime) -> SheetLine:
        """A unit's day."""
        key = duty.unit, day
        return SheetLine(
            duty,
            day,
            due_at,
            as_of,
            self._versions.get(key, ()),
            self._excuses.get(key),
            self._matters.get(key, ()),
            *self._heard.get(duty.unit, (None, None)),
        )


def _minutes_after(due_at: datetime, moment: datetime) -> int:
    """Begun minutes after the cut-off; 0 at or before it."""
    return max(-((due_at - moment) // timedelta(minutes=1)), 0)


def _heard(connection: Connection, units: Collection[UnitId] | None, as_of: datetime) -> dict[UnitId, Heard]:
    """When each unit was last heard of (all when none are named); for a past moment by what had come in by then."""
    now = last_heard(connection, units)
    past = [unit for unit, heard in now.items() if heard.known_at > as_of]
    before = heard_before(connection, past, as_of) if past else {}
    latest = {unit: heard for unit, heard in now.items() if unit not in past} | before
    return {unit: (heard.recorded_at, heard.arrived_at) for unit, heard in latest.items()}
