"""The sheet of a day: what each unit that owed a report did, as it was known at a moment.

Reported, zero, excused and silent are four different words; silence is never counted as a zero, so
totals say "at least" while a unit is silent. On time is judged by when the unit's own node recorded
the first version; when it arrived here is a column of its own.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection

from shared.projections.last_contact import last_heard
from shared.projections.timeline import heard_before
from shared.work.common.calendar import ZONE
from shared.work.common.fact import UnitId
from shared.work.common.words import DayStatus, ReportKind
from shared.work.reports.questions.contradictions import UnitDay, matters_of_days
from shared.work.reports.questions.reporting_obligations import Duty, tier_of, units_between
from shared.work.reports.questions.reports import ExcuseRow, Report, excuses_between, reports_between
from shared.work.reports.reporting_day import Figures

CutOffs = Mapping[str, time]
"""Until when a tier's report is on time (`village`, `township`, `county`); local time in Asia/Shanghai."""


@dataclass(frozen=True)
class SheetLine:
    """One unit's day. `report` is the newest version; `minutes_late` is 0 on time, none without a report.

    `due_passed` says whether the cut-off lies before the moment of the sheet: until then a silent
    unit is not late. `contradicted_by` are the numbers of matters that a zero denies.
    `heard_recorded` and `heard_arrived` are of the newest fact of the unit, whatever it is about.
    """

    duty: Duty
    day: date
    status: DayStatus
    due_at: datetime
    due_passed: bool
    minutes_late: int | None
    first_recorded_at: datetime | None
    first_arrived_at: datetime | None
    corrections: int
    report: Report | None
    excuse: ExcuseRow | None
    contradicted_by: tuple[str, ...]
    heard_recorded: datetime | None
    heard_arrived: datetime | None

    @property
    def unit(self) -> UnitId:
        return self.duty.unit

    @property
    def late(self) -> bool:
        """Whether the first version was recorded after the cut-off."""
        return bool(self.minutes_late)


@dataclass(frozen=True)
class Sheet:
    """The lines of a day, in the order of the codes; every figure here is a count of lines of it.

    `figures` are the sums of the reports that are there; while `silent` is not 0 they are "at least".
    """

    day: date
    as_of: datetime
    lines: tuple[SheetLine, ...]

    def with_status(self, status: DayStatus) -> tuple[SheetLine, ...]:
        """The lines that `count` counts."""
        return tuple(line for line in self.lines if line.status == status)

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

    @property
    def late(self) -> tuple[SheetLine, ...]:
        """Units whose first version was recorded after the cut-off."""
        return tuple(line for line in self.lines if line.late)

    @property
    def contradicted(self) -> tuple[SheetLine, ...]:
        """Units whose zero is denied by a matter."""
        return tuple(line for line in self.lines if line.contradicted_by)

    @property
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
) -> Sheet:
    """The day of the units directly below `parent`, or with `whole_tree` of all units below it."""
    units = units_between(connection, day, day)[day]
    chosen = [unit for unit in units.values() if _is_below(unit, parent, units, whole_tree)]
    return Sheet(day, as_of, tuple(_lines(connection, {day: units}, {day: chosen}, as_of, cut_offs)))


def unit_days(
    connection: Connection, unit: UnitId, first: date, last: date, *, as_of: datetime, cut_offs: CutOffs
) -> list[SheetLine]:
    """One unit's days, the newest first; days on which it did not exist are absent."""
    trees = units_between(connection, first, last)
    chosen = {day: [units[unit]] if unit in units else [] for day, units in trees.items()}
    lines = _lines(connection, trees, chosen, as_of, cut_offs)
    return sorted(lines, key=lambda line: line.day, reverse=True)


def _is_below(unit: Duty, parent: UnitId, units: Mapping[UnitId, Duty], whole_tree: bool) -> bool:
    above = unit.parent
    while whole_tree and above and above != parent:
        above = units[above].parent if above in units else None
    return above == parent


def _lines(
    connection: Connection,
    trees: Mapping[date, dict[UnitId, Duty]],
    chosen: Mapping[date, Collection[Duty]],
    as_of: datetime,
    cut_offs: CutOffs,
) -> Iterable[SheetLine]:
    ids = {duty.unit for obligations in chosen.values() for duty in obligations}
    first, last = min(chosen), max(chosen)
    versions: dict[UnitDay, list[Report]] = {}
    for report in reports_between(connection, ids, first, last, as_of=as_of):
        versions.setdefault((report.unit, report.day), []).append(report)
    excuses = {(row.unit, row.day): row for row in excuses_between(connection, ids, first, last, as_of=as_of)}
    matters = matters_of_days(connection, ids, first, last, as_of=as_of)
    heard = _heard(connection, ids, as_of)
    for day, obligations in chosen.items():
        for duty in obligations:
            due_at = datetime.combine(day, cut_offs[tier_of(duty, trees[day]).value], ZONE)
            key = duty.unit, day
            found = versions.get(key, []), excuses.get(key), matters.get(key, ()), heard.get(duty.unit)
            yield _line(duty, day, due_at, as_of, *found)


def _line(
    duty: Duty,
    day: date,
    due_at: datetime,
    as_of: datetime,
    versions: list[Report],
    excuse: ExcuseRow | None,
    matters: tuple[str, ...],
    heard: tuple[datetime, datetime | None] | None,
) -> SheetLine:
    first, report = (versions[0], versions[-1]) if versions else (None, None)
    recorded, arrived = heard or (None, None)
    return SheetLine(
        duty=duty,
        day=day,
        status=_status(report, excuse),
        due_at=due_at,
        due_passed=as_of > due_at,
        minutes_late=_minutes_after(due_at, first.recorded_at) if first else None,
        first_recorded_at=first.recorded_at if first else None,
        first_arrived_at=first.arrived_at if first else None,
        corrections=max(len(versions) - 1, 0),
        report=report,
        excuse=excuse,
        contradicted_by=matters if report and report.kind == ReportKind.ZERO else (),
        heard_recorded=recorded,
        heard_arrived=arrived,
    )


def _status(report: Report | None, excuse: ExcuseRow | None) -> DayStatus:
    if report:
        return DayStatus.ZERO if report.kind == ReportKind.ZERO else DayStatus.REPORTED
    return DayStatus.EXCUSED if excuse else DayStatus.SILENT


def _minutes_after(due_at: datetime, moment: datetime) -> int:
    """Begun minutes after the cut-off; 0 at or before it."""
    return max(-((due_at - moment) // timedelta(minutes=1)), 0)


def _heard(
    connection: Connection, units: Collection[UnitId], as_of: datetime
) -> dict[UnitId, tuple[datetime, datetime | None]]:
    """When each unit was last heard of; for a past moment by what had come in by then."""
    now = last_heard(connection, units)
    past = [unit for unit, heard in now.items() if heard.known_at > as_of]
    before = heard_before(connection, past, as_of) if past else {}
    latest = {unit: heard for unit, heard in now.items() if unit not in past} | before
    return {unit: (heard.recorded_at, heard.arrived_at) for unit, heard in latest.items()}
