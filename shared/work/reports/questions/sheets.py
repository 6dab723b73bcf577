"""The sheet of a day: what each unit that owed a report did, as it was known at a moment."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, time

from sqlalchemy import Connection

from shared.projections.last_contact import last_heard
from shared.projections.timeline import heard_before
from shared.work.common.calendar import ZONE
from shared.work.common.fact import UnitId
from shared.work.reports.questions.contradictions import (
    NOTHING,
    Registers,
    UnitDay,
    registers_of_day,
    registers_of_unit,
)
from shared.work.reports.questions.excuses import ExcuseRow, excuses_of_day, excuses_of_unit
from shared.work.reports.questions.reporting_obligations import (
    Duty,
    Units,
    tier_of,
    unit_between,
    units_on,
)
from shared.work.reports.questions.reports import Report, reports_of_day, reports_of_unit
from shared.work.reports.questions.sheet_lines import Sheet, SheetLine

CutOffs = Mapping[str, time]
"""Until when a tier's report is on time (`village`, `township`, `county`); local time in Asia/Shanghai."""


Heard = tuple[datetime, datetime | None]
"""When a unit's newest fact was recorded, and when it arrived."""


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
    known = _Known(
        reports_of_day(connection, day, as_of=as_of),
        excuses_of_day(connection, day, as_of=as_of),
        registers_of_day(connection, day, as_of=as_of),
        _heard(connection, None, as_of) if heard else {},
    )
    chosen = (unit for unit in units.values() if _is_below(unit, parent, units, whole_tree))
    stand = (duty for duty in chosen if known.stands(duty, day))
    lines = (known.line(duty, day, _due_at(duty, day, units, cut_offs), as_of) for duty in stand)
    return Sheet(day, as_of, tuple(lines), units)


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
    """One unit's days, the newest first; days for which it owed nothing are absent."""
    trees = unit_between(connection, unit, first, last)
    known = _Known(
        reports_of_unit(connection, unit, first, last, as_of=as_of),
        excuses_of_unit(connection, unit, first, last, as_of=as_of),
        registers_of_unit(connection, unit, first, last, as_of=as_of),
        _heard(connection, [unit], as_of) if heard else {},
    )
    return [
        known.line(units[unit], day, _due_at(units[unit], day, units, cut_offs), as_of)
        for day, units in sorted(trees.items(), reverse=True)
        if unit in units and known.stands(units[unit], day)
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
        registers: Mapping[UnitDay, Registers],
        heard: Mapping[UnitId, Heard],
    ) -> None:
        self._versions: dict[UnitDay, list[Report]] = {}
        for report in reports:
            self._versions.setdefault((report.unit, report.day), []).append(report)
        self._excuses = {(row.unit, row.day): row for row in excuses}
        self._registers, self._heard = registers, heard

    def stands(self, duty: Duty, day: date) -> bool:
        """Whether a unit has a line: it owed a report, or sent one on its first day."""
        return duty.owes or (duty.unit, day) in self._versions

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
            self._registers.get(key, NOTHING),
            *self._heard.get(duty.unit, (None, None)),
        )


def _heard(connection: Connection, units: Collection[UnitId] | None, as_of: datetime) -> dict[UnitId, Heard]:
    """When each unit was last heard of (all when none are named); for a past moment by what had come in by then."""
    now = last_heard(connection, units)
    past = [unit for unit, heard in now.items() if heard.known_at > as_of]
    before = heard_before(connection, past, as_of) if past else {}
    latest = {unit: heard for unit, heard in now.items() if unit not in past} | before
    return {unit: (heard.recorded_at, heard.arrived_at) for unit, heard in latest.items()}
