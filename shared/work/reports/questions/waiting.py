"""Matters that wait for a unit: due on a day, and overdue before it, counted for its report."""

from collections.abc import Collection
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, case, func, select, union

from shared.database.batched_question import BatchedQuestion
from shared.work.common.fact import UnitId
from shared.work.matters.questions.present_matters import MATTER_LISTS, Listed
from shared.work.reports.questions.portions import portions
from shared.work.reports.register import Waiting

Asked = tuple[UnitId, date]


def waiting_question(unit: UnitId, day: date) -> BatchedQuestion:
    """How many matters wait for a unit, as a daily report foresees it."""
    return BatchedQuestion(waiting_for, (unit, day), about=unit)


def waiting_for(connection: Connection, asked: Collection[Asked]) -> dict[Asked, Waiting]:
    """How many matters that wait for a unit are due on a day, and overdue before it.

    Of a past day these are the ones that still wait: what was done since is not counted.
    """
    found: dict[Asked, Waiting] = dict.fromkeys(asked, Waiting())
    for _, filled in portions(asked):
        values = {f"unit_{place}": unit for place, (unit, _) in enumerate(filled)}
        values |= {f"day_{place}": day for place, (_, day) in enumerate(filled)}
        rows = connection.execute(_counted(len(filled)), values)
        found |= {(row.unit, row.day): Waiting(row.due_today, row.overdue) for row in rows}
    return found


@cache
def _counted(places: int) -> Select[Any]:
    lists = MATTER_LISTS.c
    asked = union(*(_place(number) for number in range(places))).cte("asked")
    due = and_(
        lists.list == Listed.AWAITS.value,
        lists.unit == asked.c.unit,
        lists.due.is_not(None),
        lists.due <= asked.c.day,
    )
    late = lists.due < asked.c.day
    counts = (
        func.sum(case((late, 0), else_=1)).label("due_today"),
        func.sum(case((late, 1), else_=0)).label("overdue"),
    )
    query = select(asked.c.unit, asked.c.day, *counts).select_from(asked.join(MATTER_LISTS, due))
    return query.group_by(asked.c.unit, asked.c.day)


def _place(number: int) -> Select[Any]:
    return select(
        bindparam(f"unit_{number}", type_=MATTER_LISTS.c.unit.type).label("unit"),
        bindparam(f"day_{number}", type_=MATTER_LISTS.c.due.type).label("day"),
    )
