"""What registers say of a report, whenever it becomes known: the matters that it covers, and those that it denies."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    exists,
    literal,
    select,
    union_all,
)
from sqlalchemy.sql.selectable import NamedFromClause

from shared.projections.columns import value_of
from shared.work.common.fact import UnitId
from shared.work.common.words import ReportKind
from shared.work.matters.questions.cases import CASES, REGISTRATIONS
from shared.work.reports.questions.reports import REPORTS, Report
from shared.work.reports.reporting_day import begin_of, end_of

UnitDay = tuple[UnitId, date]


@dataclass(frozen=True)
class Brought:
    """A matter that came to the unit between two moments, which are the same where the hour is known.

    `registered_at` is when the unit's own register got it; none where another office's register says that it was
    brought to the unit.
    """

    number: str
    earliest: datetime
    latest: datetime
    registered_at: datetime | None


@dataclass(frozen=True)
class Registers:
    """What registers say of a report: the numbers of the matters that it covers, and what else came to the unit."""

    covered: tuple[str, ...] = ()
    brought: tuple[Brought, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What is wrong with a report.

    `denied` are matters that the unit had received before it signed and the report leaves out, `open` those of which
    only the day is known, which may have come before or after: a question to the unit. `miscounted` says that its number
    of new matters is not that of its register.
    """

    denied: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    miscounted: bool = False


NOTHING = Registers()


def finding(report: Report, registers: Registers) -> Finding:
    """Judge a report by what is known of the registers."""
    covered = len(registers.covered)
    too_low = report.figures.new < covered
    # Until version 2 of the fact a person typed the numbers, and matters of the day counted wherever they stood.
    miscounted = too_low or (report.by_register and report.figures.new > covered)
    denied = list(registers.covered) if too_low else []
    open_: list[str] = []
    for one in filter(lambda one: _may_deny(report, one), registers.brought):
        if _is_within(report, one):
            denied.append(one.number)
        elif _overlaps(report, one):
            open_.append(one.number)
    return Finding(tuple(denied), tuple(open_), miscounted)


def _may_deny(report: Report, brought: Brought) -> bool:
    """A zero is denied by all that had come, a number only by what was not even in the register when it was signed."""
    if report.kind == ReportKind.ZERO:
        return True
    return brought.registered_at is not None and brought.registered_at > report.recorded_at


def _is_within(report: Report, brought: Brought) -> bool:
    since = report.speaks_from
    return (since is None or since < brought.earliest) and brought.latest <= report.speaks_to


def _overlaps(report: Report, brought: Brought) -> bool:
    since = report.speaks_from
    return (since is None or since < brought.latest) and brought.earliest <= report.speaks_to


def registers_of_day(connection: Connection, day: date, *, as_of: datetime) -> dict[UnitDay, Registers]:
    """What registers say of each unit's newest report of a day, by what was known at a moment."""
    return _found(connection.execute(_OF_DAY, {"day": day, "as_of": as_of}))


def registers_of_unit(
    connection: Connection, unit: UnitId, first: date, last: date, *, as_of: datetime
) -> dict[UnitDay, Registers]:
    """The same of one unit's reports of a range of days."""
    values = {"unit": unit, "first": first, "last": last, "as_of": as_of}
    return _found(connection.execute(_OF_UNIT, values))


@dataclass
class _Gathered:
    covered: list[str] = field(default_factory=list[str])
    brought: list[Brought] = field(default_factory=list[Brought])


def _found(rows: Iterable[Any]) -> dict[UnitDay, Registers]:
    gathered: dict[UnitDay, _Gathered] = {}
    for row in rows:
        of_report = gathered.setdefault((row.unit, row.day), _Gathered())
        if row.how == _COVERED:
            of_report.covered.append(row.number)
        else:
            of_report.brought.append(_brought(row))
    return {key: Registers(tuple(of.covered), tuple(of.brought)) for key, of in gathered.items()}


def _brought(row: Any) -> Brought:
    moment, own = row.received_at, row.how == _OWN
    earliest = moment or begin_of(row.came_on)
    return Brought(row.number, earliest, moment or end_of(row.came_on), row.registered_at if own else None)


_COVERED, _OWN, _ELSEWHERE = "covered", "own", "elsewhere"
"""How a matter bears on a report: it stands in it; the unit registered it after it; another office says that it was there."""
_SAID = REPORTS.alias("said")
_AS_OF = bindparam("as_of", type_=REPORTS.c.known_at.type)


def _newest(*which: ColumnElement[bool]) -> CTE:
    """The newest versions of some reports that were known at a moment."""
    later = REPORTS.alias("corrected").c
    corrected = exists().where(
        later.unit == _SAID.c.unit,
        later.day == _SAID.c.day,
        later.version > _SAID.c.version,
        later.known_at <= _AS_OF,
    )
    return select(_SAID).where(*which, _SAID.c.known_at <= _AS_OF, ~corrected).cte("newest")


def _registers(*which: ColumnElement[bool]) -> Select[Any]:
    report, said = _newest(*which), REGISTRATIONS.alias("registered")
    case = CASES.c.case == said.c.case
    here = CASES.c.unit == report.c.unit
    covers = and_(here, CASES.c.register_place.between(report.c.covers_from, report.c.covers_to))
    since_then = said.c.received_on.between(report.c.looks_from, report.c.day)
    own = and_(said.c.unit == report.c.unit, since_then)
    named = and_(
        said.c.earlier_unit == report.c.unit,
        said.c.earlier_on.between(report.c.looks_from, report.c.day),
        report.c.kind == ReportKind.ZERO.value,
    )
    branches = (
        _matter(report, said, _COVERED, said.c.received_on).select_from(
            report.join(CASES, covers).join(said, case)
        ),
        _matter(report, said, _OWN, said.c.received_on)
        .select_from(report.join(said, own).join(CASES, case))
        .where(CASES.c.register_place > report.c.covers_to),
        _matter(report, said, _ELSEWHERE, said.c.earlier_on).select_from(
            report.join(said, named).join(CASES, case)
        ),
    )
    known = union_all(*(_as_known(branch, said) for branch in branches)).subquery()
    return select(known).order_by(known.c.number)


def _matter(report: CTE, said: NamedFromClause, how: str, came_on: ColumnElement[Any]) -> Select[Any]:
    elsewhere = how == _ELSEWHERE
    moment = literal(None, said.c.received_at.type) if elsewhere else said.c.received_at
    return select(
        report.c.unit,
        report.c.day,
        literal(how).label("how"),
        CASES.c.number,
        came_on.label("came_on"),
        moment.label("received_at"),
        CASES.c.registered_at,
    )


def _as_known(branch: Select[Any], said: NamedFromClause) -> Select[Any]:
    """A registration counts by its newest version known at the moment."""
    later = REGISTRATIONS.alias("later").c
    corrected = exists().where(
        later.case == said.c.case, later.version > said.c.version, later.known_at <= _AS_OF
    )
    return branch.where(said.c.known_at <= _AS_OF, ~corrected)


_UNIT, _DAY = _SAID.c.unit, _SAID.c.day
_OF_DAY = _registers(value_of(_DAY, "day") == _DAY)
_OF_UNIT = _registers(
    value_of(_UNIT, "unit") == _UNIT, _DAY.between(value_of(_DAY, "first"), value_of(_DAY, "last"))
)
