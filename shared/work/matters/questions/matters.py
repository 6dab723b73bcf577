"""Matters by office, state, age and duty: lists, counts of the same filter, and the table of both."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, Subquery, and_, case, func, or_, select

from shared.work.common.calendar import day_of
from shared.work.common.fact import UnitId
from shared.work.common.words import MatterClass
from shared.work.matters.questions.matter_state import present
from shared.work.matters.questions.referral_chain import CHOSEN, HANDS
from shared.work.matters.questions.referrals import REFERRALS
from shared.work.matters.stages import ENDINGS, OPEN_STATES, MatterState

STUCK_AFTER = timedelta(days=20)
"""Time without any fact about an open matter after which it counts as stuck.

Unit: days since the last fact was recorded. A design default (domain reference, section 8).
"""
_AT_ONCE = 500
"""Cases looked up by one statement; databases limit the number of its parameters."""


class Age(StrEnum):
    """Days since the petition came in; for an ended matter until its end."""

    TO_15 = "0-15"
    TO_30 = "16-30"
    TO_60 = "31-60"
    OVER_60 = "61+"


_OLDEST = {Age.TO_15: 15, Age.TO_30: 30, Age.TO_60: 60}
_YOUNGEST = {Age.TO_15: None, Age.TO_30: 16, Age.TO_60: 31, Age.OVER_60: 61}


@dataclass(frozen=True)
class Wanted:
    """Which matters; every field that is set narrows the list.

    `owners` registered it; `handler` has it now; `awaits`: this office's step is next; `received_by`:
    it was offered to this office at any time; `sent_by`: this office has it out at another one;
    `received_from` and `received_to` are days on which the petition came in, inclusive.
    """

    owners: frozenset[UnitId] | None = None
    handler: UnitId | None = None
    awaits: UnitId | None = None
    received_by: UnitId | None = None
    sent_by: UnitId | None = None
    states: frozenset[MatterState] = field(default_factory=frozenset[MatterState])
    ages: frozenset[Age] = field(default_factory=frozenset[Age])
    matter_class: MatterClass | None = None
    number: str | None = None
    received_from: date | None = None
    received_to: date | None = None
    open: bool | None = None
    overdue: bool = False
    stuck: bool = False
    overdue_or_stuck: bool = False


@dataclass(frozen=True)
class MatterLine:
    """One matter in a list; `days` is its age, `due` the earliest open duty, none without one.

    `registered_at` is none at an office that the matter was only offered to. `case_version` and
    `referral_version` are the versions of the two streams as this node knows them.
    """

    case: UUID
    number: str
    owner: UnitId
    state: MatterState
    handler: UnitId
    awaits: UnitId | None
    offered_to: UnitId | None
    referral: UUID | None
    hands: int
    matter_class: str
    channel: str
    purpose: str
    persons: int
    place: UnitId | None
    received_on: date
    registered_at: datetime | None
    days: int
    due: date | None
    due_provisional: bool
    overdue: bool
    stuck: bool
    touched_at: datetime
    ended_at: datetime | None
    case_version: int
    referral_version: int | None


def matters(
    connection: Connection, wanted: Wanted, *, as_of: datetime, limit: int | None = 50, offset: int = 0
) -> list[MatterLine]:
    """The matters that are wanted, oldest first; `limit` none gives all of them."""
    row = present()
    query = _narrowed(select(row.c.case), row, wanted, as_of)
    query = query.order_by(row.c.received_on, row.c.number, row.c.case).limit(limit).offset(offset)
    return lines_of_cases(connection, connection.scalars(query).all(), as_of=as_of)


def lines_of_cases(connection: Connection, cases: Sequence[UUID], *, as_of: datetime) -> list[MatterLine]:
    """The lines of these cases, in their order; cases that this node does not know are absent."""
    found: dict[UUID, MatterLine] = {}
    for start in range(0, len(cases), _AT_ONCE):
        rows = connection.execute(select(present(chosen=True)), {CHOSEN: cases[start : start + _AT_ONCE]})
        found |= {row.case: _line_of(row, as_of) for row in rows}
    return [found[case] for case in cases if case in found]


def count_matters(connection: Connection, wanted: Wanted, *, as_of: datetime) -> int:
    """How many matters `matters` would list without a limit."""
    row = present()
    return connection.scalar(_narrowed(select(func.count()).select_from(row), row, wanted, as_of)) or 0


def by_state_and_age(
    connection: Connection, wanted: Wanted, *, as_of: datetime
) -> dict[tuple[MatterState, Age], int]:
    """Counts of the wanted matters by state and age; combinations without a matter are absent."""
    row = present()
    days = _days(row, day_of(as_of))
    age = case(*((days <= oldest, word.value) for word, oldest in _OLDEST.items()), else_=Age.OVER_60.value)
    aged = _narrowed(select(row.c.state, age.label("age")), row, wanted, as_of).subquery()
    query = select(aged.c.state, aged.c.age, func.count()).group_by(aged.c.state, aged.c.age)
    return {(MatterState(state), Age(word)): number for state, word, number in connection.execute(query)}


def _line_of(row: Row[Any], as_of: datetime) -> MatterLine:
    """A line of a row of `present`."""
    shown, today = row._mapping, day_of(as_of)
    state, due = MatterState(shown["state"]), shown["due"] if shown["due"] < date.max else None
    last_day = shown["ended_day"] or today.toordinal()
    same = ("case", "number", "owner", "handler", "awaits", "referral", "matter_class", "channel", "purpose")
    more = ("persons", "place", "received_on", "registered_at", "touched_at", "ended_at", "referral_version")
    return MatterLine(
        **{name: shown[name] for name in same + more},
        state=state,
        offered_to=shown["offered_to"] if shown["pending"] else None,
        hands=shown["depth"],
        days=last_day - shown["received_day"],
        due=due,
        due_provisional=bool(due and shown["due_provisional"]),
        overdue=due is not None and due < today,
        stuck=state not in ENDINGS and shown["touched_at"] <= as_of - STUCK_AFTER,
        case_version=shown["version"],
    )


def _narrowed(query: Select[Any], row: Subquery, wanted: Wanted, as_of: datetime) -> Select[Any]:
    return query.where(*_conditions(row, wanted, as_of))


def _conditions(row: Subquery, wanted: Wanted, as_of: datetime) -> list[ColumnElement[bool]]:
    today = day_of(as_of)
    is_open = row.c.state.in_([state.value for state in OPEN_STATES])
    overdue = row.c.due < today
    stuck = and_(is_open, row.c.touched_at <= as_of - STUCK_AFTER)
    asked = {
        "owners": lambda value: row.c.owner.in_(value),
        "handler": lambda value: row.c.handler == value,
        "awaits": lambda value: row.c.awaits == value,
        "received_by": lambda value: row.c.case.in_(
            select(REFERRALS.c.case).where(REFERRALS.c.unit == value)
        ),
        "sent_by": lambda value: _is_out(row, value),
        "matter_class": lambda value: row.c.matter_class == value.value,
        "number": lambda value: row.c.number == value,
        "received_from": lambda value: row.c.received_on >= value,
        "received_to": lambda value: row.c.received_on <= value,
        "open": lambda value: is_open if value else ~is_open,
    }
    given = [(name, getattr(wanted, name)) for name in asked]
    found = [asked[name](value) for name, value in given if value is not None]
    if wanted.states:
        found.append(row.c.state.in_([state.value for state in wanted.states]))
    if wanted.ages:
        found.append(or_(*(_has_age(_days(row, today), age) for age in wanted.ages)))
    flags = {"overdue": overdue, "stuck": stuck, "overdue_or_stuck": or_(overdue, stuck)}
    return found + [flag for name, flag in flags.items() if getattr(wanted, name)]


def _days(row: Subquery, today: date) -> ColumnElement[int]:
    return func.coalesce(row.c.ended_day, today.toordinal()) - row.c.received_day


def _has_age(days: ColumnElement[int], age: Age) -> ColumnElement[bool]:
    youngest, oldest = _YOUNGEST[age], _OLDEST.get(age)
    bounds = [days >= youngest] if youngest is not None else []
    return and_(*bounds, *([days <= oldest] if oldest is not None else []))


def _is_out(row: Subquery, unit: UnitId) -> ColumnElement[bool]:
    """Whether an office has passed the matter to another one that has it, or has yet to receive it."""
    before = [(row.c.owner, 0), *((row.c[f"unit_{k}"], k) for k in HANDS)]
    passed = [and_(office == unit, row.c.depth > k) for office, k in before]
    offered = and_(row.c.pending, row.c.handler == unit)
    return and_(row.c.ended_at.is_(None), row.c.handler != unit, or_(*passed)) | offered
