"""Statements of lists of matters, each made once for what may be asked and sent with its values."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Table,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
)

from shared.database.keyed import one_of
from shared.projections.columns import value_of
from shared.projections.listing import ListOrder
from shared.work.matters.questions.present_matters import (
    MATTER_COUNTS,
    MATTER_LISTS,
    MATTERS,
    OLDEST,
    Age,
)

LATE, STUCK, EITHER = "late", "stuck", "either"


@dataclass(frozen=True)
class Shape:
    """What a question narrows a list by; the values come with each question.

    `several`: it is asked of many offices what they registered; `together`: of any other list of several, which may have
    the same matter. `ended` and `running`: whether such matters may be
    among them. `flag` is one of `LATE`, `STUCK`, `EITHER`, or empty.
    """

    several: bool = False
    together: bool = False
    states: bool = False
    ended: bool = True
    running: bool = True
    ages: tuple[Age, ...] = ()
    matter_class: bool = False
    number: bool = False
    flag: str = ""

    @property
    def is_kept(self) -> bool:
        """Whether counts that are kept answer it, at least for ended matters."""
        return not (self.number or self.flag or self.together)


_LISTS = MATTER_LISTS.c
ORDER = ListOrder(
    (_LISTS.received_on, _LISTS.number, _LISTS.case),
    (MATTERS.c.received_on, MATTERS.c.number, MATTERS.c.case),
    rows=MATTERS,
)
LINE = select(MATTERS).where(MATTERS.c.case == value_of(MATTERS.c.case, "case"))


@cache
def lines(shape: Shape) -> Select[Any]:
    """Ids of matters; their rows are those of `MATTERS`."""
    query = select(*ORDER.columns)
    return (query.distinct() if shape.together else query).where(
        *_office(MATTER_LISTS, shape, listing=True),
        *_narrowed(MATTER_LISTS, shape),
        *_rows(shape, listing=True),
    )


@cache
def kept(shape: Shape) -> Select[Any]:
    """How many rows `lines` would have in all, from the counts that are kept."""
    total = select(func.coalesce(func.sum(MATTER_COUNTS.c.matters), 0))
    total = total.where(*_office(MATTER_COUNTS, shape), *_narrowed(MATTER_COUNTS, shape))
    if not shape.ages:
        return total
    ended = total.where(MATTER_COUNTS.c.age.in_(_several("ages", String)))
    parts = [ended] * shape.ended + [_open_ones(shape)] * shape.running
    return select(sum((part.scalar_subquery() for part in parts), literal(0)))


_COUNTS = MATTER_COUNTS.c
BY_LIST = (
    select(_COUNTS.list, func.sum(_COUNTS.matters))
    .where(_COUNTS.list.in_(bindparam("lists", type_=String, expanding=True)))
    .where(_COUNTS.unit == value_of(_COUNTS.unit, "unit"))
    .group_by(_COUNTS.list)
)
"""How many matters stand in each of some lists of one office."""
BY_LIST_TOGETHER = (
    select(_LISTS.list, func.count(_LISTS.case.distinct()))
    .where(_LISTS.list.in_(bindparam("lists", type_=String, expanding=True)), one_of(_LISTS.unit, "units"))
    .group_by(_LISTS.list)
)
"""The same of several offices together, where one matter may stand in the lists of two."""


@cache
def counted(shape: Shape) -> Select[Any]:
    """The same, counted: where what is asked leaves few."""
    number = func.count(_LISTS.case.distinct()) if shape.together else func.count()
    query = select(number).select_from(MATTER_LISTS)
    return query.where(*_office(MATTER_LISTS, shape), *_narrowed(MATTER_LISTS, shape), *_rows(shape))


def _office(table: Table, shape: Shape, *, listing: bool = False) -> list[ColumnElement[bool]]:
    """Whose list; what several offices registered is found on the way through the list of all, in its order."""
    of, unit = table.c.list, table.c.unit
    if (
        shape.number
    ):  # it names few matters, by whose ids the lines are found: hide the list's own order, which is long
        of, unit = func.coalesce(of, of), func.coalesce(unit, unit)
    name = of == value_of(table.c.list, "everything" if shape.several and listing else "list")
    if not (shape.several or shape.together):
        return [name, unit == value_of(table.c.unit, "unit")]
    if listing and shape.several:
        return [
            name,
            unit == value_of(table.c.unit, "nobody"),
            one_of(_LISTS.owner, "units"),
        ]
    return [name, one_of(table.c.unit, "units")]


def _narrowed(table: Table, shape: Shape) -> list[ColumnElement[bool]]:
    """By what lists and counts both have."""
    found: list[ColumnElement[bool]] = []
    if shape.states:
        found.append(table.c.state.in_(_several("states", String)))
    if shape.matter_class:
        found.append(table.c.matter_class == value_of(table.c.matter_class, "matter_class"))
    return found


def _rows(shape: Shape, *, listing: bool = False) -> list[ColumnElement[bool]]:
    """By what only the rows of lists have.

    What is late is counted by an index of its days; a list of it walks the open matters in the list's order, where the
    first page is found long before all that is late would be put in order.
    """
    days = _LISTS.due, _LISTS.quiet_since
    due, quiet = (func.coalesce(day, day) for day in days) if listing else days
    late = due < value_of(_LISTS.due, "today")
    stuck = quiet < value_of(_LISTS.quiet_since, "quiet_before")
    flags = {LATE: late, STUCK: stuck, EITHER: or_(late, stuck)}
    found = [flags[shape.flag]] if shape.flag else []
    if shape.number:
        numbered = select(MATTERS.c.case).where(MATTERS.c.number == value_of(_LISTS.number, "number"))
        found.append(_LISTS.case.in_(numbered))
    if shape.ages:
        ended = [_LISTS.age.in_(_several("ages", String))] if shape.ended else []
        found.append(or_(*ended, *_ages_of_open_ones(shape)))
    return found


def _open_ones(shape: Shape) -> Select[Any]:
    query = select(func.count()).select_from(MATTER_LISTS)
    return query.where(
        *_in_open_part(shape), *_narrowed(MATTER_LISTS, shape), or_(*_ages_of_open_ones(shape))
    )


def _in_open_part(shape: Shape) -> list[ColumnElement[bool]]:
    _, unit = _office(MATTER_LISTS, shape)
    return [_LISTS.list == value_of(_LISTS.list, "open_list"), unit]


def _ages_of_open_ones(shape: Shape) -> list[ColumnElement[bool]]:
    if not shape.running:
        return []
    return [
        (_LISTS.age == "")
        & _LISTS.received_on.between(
            value_of(_LISTS.received_on, f"from_{age.name}"), value_of(_LISTS.received_on, f"to_{age.name}")
        )
        for age in shape.ages
    ]


def _several(name: str, kind: Any) -> Any:
    return bindparam(name, type_=kind, expanding=True)


ENDED_BY_STATE_AND_AGE = (
    select(_COUNTS.state, _COUNTS.age, func.sum(_COUNTS.matters))
    .where(*_office(MATTER_COUNTS, Shape()), _COUNTS.age != "")
    .group_by(_COUNTS.state, _COUNTS.age)
)
"""State, age and number of the ended matters of a list, as they are kept."""


def _open_by_state_and_age() -> Select[Any]:
    days = (
        (_LISTS.received_on >= value_of(_LISTS.received_on, f"from_{age.name}"), age.value) for age in OLDEST
    )
    age = case(*days, else_=Age.OVER_60.value).label("age")
    aged = select(_LISTS.state, age).where(*_in_open_part(Shape())).subquery()
    return select(aged.c.state, aged.c.age, func.count()).group_by(aged.c.state, aged.c.age)


OPEN_BY_STATE_AND_AGE = _open_by_state_and_age()
"""State, age and number of its open matters, counted by the day on which they came in."""
