"""What offices have to do with open matters: what must go on somewhere before they may be closed."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Connection, and_, func, or_, select

from shared.database.keyed import one_of
from shared.work.matters.questions.present_matters import MATTER_LISTS, MATTERS, Listed, open_part

_WORK = [open_part(of) for of in (Listed.OWN, Listed.AWAITS, Listed.OUT)]
_LISTS = MATTER_LISTS.c
_IN_HAND = and_(_LISTS.list == open_part(Listed.RECEIVED), one_of(MATTERS.c.handler, "units"))
_OPEN = (
    select(func.count(_LISTS.case.distinct()), func.min(_LISTS.number))
    .join_from(MATTER_LISTS, MATTERS, MATTERS.c.case == _LISTS.case)
    .where(one_of(_LISTS.unit, "units"), or_(_LISTS.list.in_(_WORK), _IN_HAND))
)


def open_matters_of(connection: Connection, units: Collection[UUID]) -> tuple[int, str | None]:
    """How many open matters some offices registered, have in hand, have out or are asked for, and the first number."""
    count, number = connection.execute(_OPEN, {"units": list(units)}).one()
    return count, number
