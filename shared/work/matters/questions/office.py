"""What an office has to do with open matters: what must go on somewhere before it may be closed."""

from uuid import UUID

from sqlalchemy import Connection, and_, func, or_, select

from shared.work.matters.questions.present_matters import MATTER_LISTS, MATTERS, Listed, open_part

_WORK = [open_part(of) for of in (Listed.OWN, Listed.AWAITS, Listed.OUT)]
_RECEIVED = open_part(Listed.RECEIVED)


def open_matters_of(connection: Connection, unit: UUID) -> tuple[int, str | None]:
    """How many open matters an office registered, has in hand, has out or is asked for, and the first number."""
    lists = MATTER_LISTS.c
    in_hand = and_(lists.list == _RECEIVED, MATTERS.c.handler == unit)
    query = select(func.count(lists.case.distinct()), func.min(lists.number)).join_from(
        MATTER_LISTS, MATTERS, MATTERS.c.case == lists.case
    )
    count, number = connection.execute(
        query.where(lists.unit == unit, or_(lists.list.in_(_WORK), in_hand))
    ).one()
    return count, number
