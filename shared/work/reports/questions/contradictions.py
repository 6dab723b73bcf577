"""Matters that a zero report denies, whenever they arrive: of the unit's day, or named by a petitioner."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, exists, or_, select

from shared.projections.columns import value_of
from shared.work.common.fact import UnitId
from shared.work.matters.questions.cases import CASES, REGISTRATIONS

UnitDay = tuple[UnitId, date]
_SAID = REGISTRATIONS.c


def matters_of_day(connection: Connection, day: date, *, as_of: datetime) -> dict[UnitDay, tuple[str, ...]]:
    """Numbers of the matters that came in at each unit on a day, by what was known at a moment.

    A matter belongs to the day on which its office received it, and to the earlier office and day
    that its petitioner names; a corrected registration counts by its newest version known then.
    """
    return _numbers(connection.execute(_OF_DAY, {"day": day, "as_of": as_of}))


def matters_of_unit(
    connection: Connection, unit: UnitId, first: date, last: date, *, as_of: datetime
) -> dict[UnitDay, tuple[str, ...]]:
    """The same of one unit on each day of a range."""
    values = {"unit": unit, "first": first, "last": last, "as_of": as_of}
    return _numbers(connection.execute(_OF_UNIT, values))


def _numbers(rows: Iterable[Row[Any]]) -> dict[UnitDay, tuple[str, ...]]:
    found: dict[UnitDay, list[str]] = {}
    for unit, received_on, earlier_unit, earlier_on, number in rows:
        for key in {(unit, received_on), (earlier_unit, earlier_on)}:
            found.setdefault(key, []).append(number)
    return {key: tuple(numbers) for key, numbers in found.items()}


def _known(*either: ColumnElement[bool]) -> Select[Any]:
    later, as_of = REGISTRATIONS.alias("later").c, bindparam("as_of", type_=_SAID.known_at.type)
    corrected = exists().where(
        later.case == _SAID.case, later.version > _SAID.version, later.known_at <= as_of
    )
    query = select(_SAID.unit, _SAID.received_on, _SAID.earlier_unit, _SAID.earlier_on, CASES.c.number)
    query = query.join(CASES, CASES.c.case == _SAID.case)
    return query.where(or_(*either), _SAID.known_at <= as_of, ~corrected).order_by(CASES.c.number)


def _between(unit: ColumnElement[Any], day: ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(unit == value_of(unit, "unit"), day.between(value_of(day, "first"), value_of(day, "last")))


_OF_DAY = _known(*(column == value_of(column, "day") for column in (_SAID.received_on, _SAID.earlier_on)))
_OF_UNIT = _known(_between(_SAID.unit, _SAID.received_on), _between(_SAID.earlier_unit, _SAID.earlier_on))
