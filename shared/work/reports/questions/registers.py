"""What a report signed now would say of the unit's own register."""

from collections.abc import Collection, Sequence
from datetime import date
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import CTE, Connection, Select, and_, bindparam, func, or_, select, union

from shared.database.batched_question import BatchedQuestion
from shared.work.common.fact import UnitId
from shared.work.matters.questions.cases import CASES, REGISTER_COUNTS
from shared.work.reports.questions.reports import REPORTS
from shared.work.reports.reporting_day import RegisterState

_NO_END = 2**31 - 1

MOST_TOGETHER = 64
"""Registers that one statement asks for. Unit: registers; a statement of each power of two up to it is kept."""

Asked = tuple[UnitId, date]
"""Whose register, and the day that a report is for."""


def register_state(connection: Connection, unit: UnitId, day: date) -> RegisterState:
    """The register as a report for `day` must state it, asked where the unit keeps it. As `register_states`."""
    return register_states(connection, [(unit, day)])[unit, day]


def register_question(unit: UnitId, day: date) -> BatchedQuestion:
    """`register_state` as an order foresees it."""
    return BatchedQuestion(register_states, (unit, day), about=unit)


def register_states(connection: Connection, asked: Collection[Asked]) -> dict[Asked, RegisterState]:
    """Registers as reports for a day must state them.

    A report covers the numbers after those of the unit's other reports of the year; a correction
    covers from where the first version did, up to where the next report took over. Matters that
    came in on the day itself count wherever their numbers lie.
    """
    found: dict[Asked, RegisterState] = {}
    waiting = iter(asked)
    while some := list(islice(waiting, MOST_TOGETHER)):
        places = 1 << (len(some) - 1).bit_length()
        rows = connection.execute(_states(places), _places_for(some, places)).all()
        of_each: dict[Asked, list[Any]] = {one: [] for one in some}
        for row in rows:
            of_each[row.unit, row.day].append(row)
        found |= {one: _state(of_each[one]) for one in some}
    return found


def _state(rows: Sequence[Any]) -> RegisterState:
    standing = rows[0]
    return RegisterState(
        count=standing.registered,
        last=standing.last or 0,
        since=standing.since,
        numbers=tuple(row.number for row in rows if row.number is not None),
    )


def _places_for(asked: Sequence[Asked], places: int) -> dict[str, Any]:
    """Values for a statement with so many places; those left over ask for the first register once more."""
    values: dict[str, Any] = {}
    for place, (unit, day) in enumerate([*asked, *[asked[0]] * (places - len(asked))]):
        first, end = date(day.year, 1, 1), date(day.year, 12, 31)
        values |= {f"unit_{place}": unit, f"day_{place}": day, f"year_{place}": day.year}
        values |= {f"first_{place}": first, f"end_{place}": end}
    return values


@cache
def _states(places: int) -> Select[Any]:
    """What `register_states` asks, built once a size: reports wait for the answer, and to build it took as long."""
    asked = union(*(_place(number) for number in range(places))).cte("asked")
    of_the_year = (REPORTS.c.unit == asked.c.unit, REPORTS.c.day.between(asked.c.first, asked.c.end))
    others = (*of_the_year, REPORTS.c.day != asked.c.day)
    numbered = (CASES.c.unit == asked.c.unit, CASES.c.register_no.is_not(None), CASES.c.year == asked.c.year)
    counted = (REGISTER_COUNTS.c.unit == asked.c.unit, REGISTER_COUNTS.c.year == asked.c.year)
    first = REPORTS.alias("first_version")
    covered = select(func.max(REPORTS.c.covers_to)).where(*others)
    taken_over = select(func.min(REPORTS.c.covers_from)).where(
        *others, REPORTS.c.version == 1, REPORTS.c.recorded_at > first.c.recorded_at
    )
    same_report = and_(first.c.unit == asked.c.unit, first.c.day == asked.c.day, first.c.version == 1)
    known = {
        "registered": func.coalesce(select(REGISTER_COUNTS.c.entries).where(*counted).scalar_subquery(), 0),
        "last": select(func.max(CASES.c.register_no)).where(*numbered).scalar_subquery(),
        "since": func.coalesce(first.c.covers_from - 1, covered.scalar_subquery(), 0),
        "until": func.coalesce(taken_over.scalar_subquery() - 1, _NO_END),
    }
    labelled = (column.label(name) for name, column in known.items())
    return _with_numbers(
        select(asked, *labelled).select_from(asked.outerjoin(first, same_report)).cte("standing")
    )


def _with_numbers(standing: CTE) -> Select[Any]:
    """With the numbers of the matters that a report for the day states."""
    in_range = and_(
        CASES.c.year == standing.c.year,
        CASES.c.register_no > standing.c.since,
        CASES.c.register_no <= standing.c.until,
    )
    stated = and_(
        CASES.c.unit == standing.c.unit,
        CASES.c.register_no.is_not(None),
        or_(in_range, CASES.c.received_on == standing.c.day),
    )
    return (
        select(standing, CASES.c.number)
        .select_from(standing.outerjoin(CASES, stated))
        .order_by(CASES.c.year, CASES.c.register_no)
    )


def _place(number: int) -> Select[Any]:
    kinds = {"unit": CASES.c.unit, "day": REPORTS.c.day, "year": CASES.c.year}
    kinds |= {"first": REPORTS.c.day, "end": REPORTS.c.day}
    return select(
        *(bindparam(f"{name}_{number}", type_=kind.type).label(name) for name, kind in kinds.items())
    )
