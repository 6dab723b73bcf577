"""The unit's own register: its next number, and what a report signed now would say of it."""

from datetime import date, datetime

from sqlalchemy import Connection, and_, bindparam, func, or_, select, true

from shared.casework.case import numbers_before_life
from shared.casework.fact import UnitId
from shared.casework.reporting_day import RegisterState
from shared.projections.cases import CASES, REGISTRATIONS
from shared.projections.reports import REPORTS

_NO_END = 2**31 - 1

_UNIT, _YEAR = bindparam("unit", type_=CASES.c.unit.type), bindparam("year", type_=CASES.c.year.type)
_DAY = bindparam("day", type_=REPORTS.c.day.type)
_MINE = (CASES.c.unit == _UNIT, CASES.c.register_no.is_not(None))
_HIGHEST = select(func.max(CASES.c.register_no)).where(CASES.c.unit == _UNIT, CASES.c.year == _YEAR)
_TOTALS = (
    select(func.count().label("registered"), func.max(CASES.c.register_no).label("last"))
    .where(*_MINE, CASES.c.year == _YEAR)
    .subquery()
)
_OF_THE_YEAR = (REPORTS.c.unit == _UNIT, REPORTS.c.day.between(bindparam("first"), bindparam("end")))
_FIRST_VERSION = (
    select(REPORTS.c.covers_from, REPORTS.c.recorded_at)
    .where(*_OF_THE_YEAR, REPORTS.c.day == _DAY, REPORTS.c.version == 1)
    .subquery()
)
_COVERED = select(func.max(REPORTS.c.covers_to)).where(*_OF_THE_YEAR, REPORTS.c.day != _DAY)
_TAKEN_OVER = select(func.min(REPORTS.c.covers_from)).where(
    *_OF_THE_YEAR,
    REPORTS.c.day != _DAY,
    REPORTS.c.version == 1,
    REPORTS.c.recorded_at > _FIRST_VERSION.c.recorded_at,
)
_STANDING = (
    select(
        _TOTALS,
        func.coalesce(_FIRST_VERSION.c.covers_from - 1, _COVERED.scalar_subquery(), 0).label("since"),
        func.coalesce(_TAKEN_OVER.scalar_subquery() - 1, _NO_END).label("until"),
    )
    .select_from(_TOTALS.outerjoin(_FIRST_VERSION, true()))
    .cte("standing")
)
_IN_RANGE = and_(
    CASES.c.year == _YEAR,
    CASES.c.register_no > _STANDING.c.since,
    CASES.c.register_no <= _STANDING.c.until,
)
_STATE = (
    select(_STANDING, CASES.c.number)
    .select_from(_STANDING.outerjoin(CASES, and_(*_MINE, or_(_IN_RANGE, CASES.c.received_on == _DAY))))
    .order_by(CASES.c.year, CASES.c.register_no)
)
"""Every report asks this, so it is built once, and is one question because a report waits for its answer: the
register as it stands beside the numbers that the report covers."""


def last_register_no(connection: Connection, unit: UnitId, year: int) -> int:
    """The last number of the unit's register of a year that is known; 0 when there is none."""
    return connection.scalar(_HIGHEST, {"unit": unit, "year": year}) or 0


def next_register_no(connection: Connection, unit: UnitId, year: int, life: int = 1) -> int:
    """The number that the unit's next matter of the year gets: counted from 1, in a later life from where it begins."""
    return max(last_register_no(connection, unit, year), numbers_before_life(life)) + 1


def count_registered(connection: Connection, unit: UnitId, year: int, *, as_of: datetime) -> int:
    """How many matters of the unit's register of a year were known at a moment."""
    known = select(REGISTRATIONS.c.case).where(
        REGISTRATIONS.c.known_at <= as_of, REGISTRATIONS.c.version == 1
    )
    query = select(func.count()).select_from(CASES)
    query = query.where(CASES.c.unit == unit, CASES.c.year == year, CASES.c.case.in_(known))
    return connection.scalar(query) or 0


def register_state(connection: Connection, unit: UnitId, day: date) -> RegisterState:
    """The register as a report for `day` must state it, asked where the unit keeps it.

    A report covers the numbers after those of the unit's other reports of the year; a correction
    covers from where the first version did, up to where the next report took over. Matters that
    came in on the day itself count wherever their numbers lie.
    """
    year = {"first": date(day.year, 1, 1), "end": date(day.year, 12, 31)}
    rows = connection.execute(_STATE, {"unit": unit, "year": day.year, "day": day} | year).all()
    standing = rows[0]
    return RegisterState(
        count=standing.registered,
        last=standing.last or 0,
        since=standing.since,
        numbers=tuple(row.number for row in rows if row.number is not None),
    )
