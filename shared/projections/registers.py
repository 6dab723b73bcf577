"""The unit's own register: its next number, and what a report signed now would say of it."""

from datetime import date, datetime

from sqlalchemy import Connection, and_, func, or_, select

from shared.casework.fact import UnitId
from shared.casework.reporting_day import RegisterState
from shared.projections.cases import CASES, REGISTRATIONS
from shared.projections.reports import REPORTS

_NO_END = 2**31 - 1


def next_register_no(connection: Connection, unit: UnitId, year: int) -> int:
    """The number that the unit's next matter of the year gets, counted from 1."""
    mine = (CASES.c.unit == unit, CASES.c.year == year)
    return (connection.scalar(select(func.max(CASES.c.register_no)).where(*mine)) or 0) + 1


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
    mine = (CASES.c.unit == unit, CASES.c.register_no.is_not(None))
    this_year = CASES.c.year == day.year
    totals = select(func.count(), func.max(CASES.c.register_no)).where(*mine, this_year)
    count, last = connection.execute(totals).one()
    since, until = _range(connection, unit, day)
    in_range = and_(this_year, CASES.c.register_no > since, CASES.c.register_no <= until)
    query = select(CASES.c.number).where(*mine, or_(in_range, CASES.c.received_on == day))
    numbers = connection.scalars(query.order_by(CASES.c.year, CASES.c.register_no)).all()
    return RegisterState(count=count, last=last or 0, since=since, numbers=tuple(numbers))


def _range(connection: Connection, unit: UnitId, day: date) -> tuple[int, int]:
    """The last number before this day's report, and the last one that no report after it covers."""
    this_year = REPORTS.c.day.between(date(day.year, 1, 1), date(day.year, 12, 31))
    mine = (REPORTS.c.unit == unit, this_year)
    first = select(REPORTS.c.covers_from, REPORTS.c.recorded_at)
    sent = connection.execute(first.where(*mine, REPORTS.c.day == day, REPORTS.c.version == 1)).first()
    others = (*mine, REPORTS.c.day != day)
    if sent is None:
        covered = connection.scalar(select(func.max(REPORTS.c.covers_to)).where(*others)) or 0
        return covered, _NO_END
    later = (REPORTS.c.version == 1, REPORTS.c.recorded_at > sent.recorded_at)
    taken_over = connection.scalar(select(func.min(REPORTS.c.covers_from)).where(*others, *later))
    return sent.covers_from - 1, (taken_over or _NO_END) - 1
