"""Parts of long lists, found by where they begin: the last part takes as long as the first.

Questions are made once, at import or behind a cache: to make a statement anew takes ten times as long as to send it
(2.2 and 0.2 ms), and what a question asks for is kept by the question itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    Table,
    bindparam,
    select,
    tuple_,
)

from shared.work.common.stretch import Stretch


@dataclass(frozen=True)
class ListOrder:
    """By which columns a list is ordered, all of them up or `descending`; `known_by` are the same where an id finds them.

    The last column of each is that id. With `rows` the question is about a list of ids, and the rows of that table with
    those ids are given: only the part that is shown is looked up.
    """

    columns: tuple[Column[Any], ...]
    known_by: tuple[Column[Any], ...]
    descending: bool = False
    rows: Table | None = None


def part_of(
    connection: Connection,
    question: Select[Any],
    order: ListOrder,
    stretch: Stretch,
    values: Mapping[str, Any] | None = None,
) -> list[Row[Any]]:
    """The rows of a question that lie in a stretch; a line that is gone has nothing beside it."""
    given = {"limit": stretch.limit, "offset": stretch.offset, **(values or {})}
    beside = stretch.after or stretch.before
    if beside:
        place = connection.execute(_place(order), {"beside": beside}).first()
        if place is None:
            return []
        given |= {f"beside_{number}": value for number, value in enumerate(place)}
    asked = _part(question, order, beside is not None, stretch.backwards, stretch.limit is not None)
    rows = list(connection.execute(asked, given))
    return rows[::-1] if stretch.backwards else rows


@cache
def _place(order: ListOrder) -> Select[Any]:
    line = order.known_by[-1]
    return select(*order.known_by).where(line == bindparam("beside", type_=line.type))


@cache
def _part(
    question: Select[Any], order: ListOrder, beside: bool, backwards: bool, limited: bool
) -> Select[Any]:
    down = order.descending != backwards
    if beside:
        places = (
            bindparam(f"beside_{number}", type_=column.type) for number, column in enumerate(order.columns)
        )
        row, place = tuple_(*order.columns), tuple_(*places)
        question = question.where(row < place if down else row > place)
    question = question.order_by(*_ordered(order.columns, down))
    if limited:
        question = question.limit(bindparam("limit", type_=Integer)).offset(
            bindparam("offset", type_=Integer)
        )
    return question if order.rows is None else _with_rows(question, order, order.rows, down)


def _with_rows(question: Select[Any], order: ListOrder, rows: Table, down: bool) -> Select[Any]:
    part = question.subquery("part")
    found = select(rows).join_from(
        part, rows, rows.c[order.known_by[-1].name] == part.c[order.columns[-1].name]
    )
    return found.order_by(*_ordered([part.c[column.name] for column in order.columns], down))


def _ordered(columns: Iterable[ColumnElement[Any]], down: bool) -> list[ColumnElement[Any]]:
    return [column.desc() if down else column for column in columns]
