"""Matters that a zero report denies, whenever they arrive: of the unit's day, or named by a petitioner."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import Connection, and_, exists, or_, select

from shared.work.common.fact import UnitId
from shared.work.matters.questions.cases import CASES, REGISTRATIONS

UnitDay = tuple[UnitId, date]


def matters_of_days(
    connection: Connection, units: Collection[UnitId], first: date, last: date, *, as_of: datetime
) -> dict[UnitDay, tuple[str, ...]]:
    """Numbers of the matters that came in at a unit on a day, by what was known at a moment.

    A matter belongs to the day on which its office received it, and to the earlier office and day
    that its petitioner names; a corrected registration counts by its newest version known then.
    """
    said, later = REGISTRATIONS.c, REGISTRATIONS.alias("later").c
    own = and_(said.unit.in_(units), said.received_on.between(first, last))
    named = and_(said.earlier_unit.in_(units), said.earlier_on.between(first, last))
    corrected = exists().where(later.case == said.case, later.version > said.version, later.known_at <= as_of)
    query = select(said.unit, said.received_on, said.earlier_unit, said.earlier_on, CASES.c.number)
    query = query.join(CASES, CASES.c.case == said.case)
    query = query.where(or_(own, named), said.known_at <= as_of, ~corrected).order_by(CASES.c.number)
    found: dict[UnitDay, list[str]] = {}
    for unit, received_on, earlier_unit, earlier_on, number in connection.execute(query):
        for key in {(unit, received_on), (earlier_unit, earlier_on)}:
            found.setdefault(key, []).append(number)
    return {key: tuple(numbers) for key, numbers in found.items()}
