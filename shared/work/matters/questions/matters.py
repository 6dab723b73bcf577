"""Matters by office, state, age and duty: lists, counts of the same filter, and the table of both."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row

from shared.projections.listing import part_of
from shared.work.common.calendar import ZONE, day_of
from shared.work.common.fact import UnitId
from shared.work.common.stretch import FIRST, Stretch
from shared.work.common.words import MatterClass
from shared.work.matters.questions import list_statements as statements
from shared.work.matters.questions.list_statements import EITHER, LATE, STUCK, Shape
from shared.work.matters.questions.present_matters import NOBODY, OLDEST, Age, Listed, open_part
from shared.work.matters.stages import ENDINGS, OPEN_STATES, MatterState

STUCK_AFTER = timedelta(days=20)
"""Time without any fact about an open matter after which it counts as stuck.

Unit: days since the day on which the last fact was recorded. A design default (domain reference, section 8).
"""


@dataclass(frozen=True)
class Wanted:
    """Which matters; every field that is set narrows the list.

    `of` is the list, of one of these `units` (of nobody: of all that the node knows).
    """

    of: Listed = Listed.ALL
    units: frozenset[UnitId] = frozenset({NOBODY})
    states: frozenset[MatterState] = field(default_factory=frozenset[MatterState])
    ages: frozenset[Age] = field(default_factory=frozenset[Age])
    matter_class: MatterClass | None = None
    number: str | None = None
    open: bool | None = None
    overdue: bool = False
    stuck: bool = False
    overdue_or_stuck: bool = False

    @property
    def is_of_many(self) -> bool:
        """Whether it is asked of several offices what they registered, which may be hundreds."""
        return len(self.units) != 1 and self.of is Listed.OWN


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
    connection: Connection, wanted: Wanted, *, as_of: datetime, stretch: Stretch = FIRST
) -> list[MatterLine]:
    """The matters that are wanted, oldest first."""
    shape, values = _asked(wanted, as_of)
    rows = part_of(connection, statements.lines(shape), statements.ORDER, stretch, values)
    return [_line_of(row, as_of) for row in rows]


def line_of(connection: Connection, case: UUID, *, as_of: datetime) -> MatterLine | None:
    """The line of one case; none when this node does not know it."""
    row = connection.execute(statements.LINE, {"case": case}).first()
    return _line_of(row, as_of) if row else None


def count_matters(connection: Connection, wanted: Wanted, *, as_of: datetime) -> int:
    """How many matters `matters` would list without a limit."""
    shape, values = _asked(wanted, as_of)
    query = statements.kept(shape) if shape.is_kept else statements.counted(shape)
    return connection.scalar(query, values) or 0


def count_open(
    connection: Connection, units: Collection[UnitId], lists: Collection[Listed]
) -> dict[Listed, int]:
    """How many open matters stand in each of some lists of an office, with those that it answers for."""
    names = {open_part(of): of for of in lists}
    query = statements.BY_LIST if len(units) == 1 else statements.BY_LIST_TOGETHER
    values = {"lists": list(names), "unit": next(iter(units)), "units": list(units)}
    found = connection.execute(query, values)
    return dict.fromkeys(lists, 0) | {names[name]: number for name, number in found}


def by_state_and_age(connection: Connection, *, as_of: datetime) -> dict[tuple[MatterState, Age], int]:
    """Counts of all known matters by state and age; combinations without a matter are absent.

    Those of ended matters are kept; the open ones, which are few and grow older, are counted.
    """
    _, values = _asked(Wanted(), as_of)
    queries = statements.ENDED_BY_STATE_AND_AGE, statements.OPEN_BY_STATE_AND_AGE
    rows = (row for query in queries for row in connection.execute(query, values))
    return {(MatterState(state), Age(age)): number for state, age, number in rows}


def _asked(wanted: Wanted, as_of: datetime) -> tuple[Shape, dict[str, Any]]:
    """What a question narrows by, and every value that a statement of it may ask for."""
    several, states = wanted.is_of_many, _states(wanted)
    flags = [wanted.overdue, wanted.stuck, wanted.overdue_or_stuck]
    flag = next((word for word, set_ in zip(_FLAGS, flags, strict=True) if set_), "")
    shape = Shape(
        several=several,
        together=len(wanted.units) != 1 and not several,
        states=states not in (set(MatterState), set(OPEN_STATES)),
        ended=bool(states & set(ENDINGS)) and not flag,
        running=bool(states & set(OPEN_STATES)),
        ages=tuple(sorted(wanted.ages)),
        matter_class=wanted.matter_class is not None,
        number=wanted.number is not None,
        flag=flag,
    )
    part = Listed.ALL if several else wanted.of
    values: dict[str, Any] = {
        "list": wanted.of.value if shape.ended else open_part(wanted.of),
        "everything": part.value if shape.ended else open_part(part),
        "open_list": open_part(wanted.of),
        "unit": next(iter(wanted.units), NOBODY),
        "units": list(wanted.units),
        "nobody": NOBODY,
        "states": [state.value for state in states],
        "ages": [age.value for age in shape.ages],
        "matter_class": wanted.matter_class and wanted.matter_class.value,
        "number": wanted.number,
        "today": day_of(as_of),
        "quiet_before": _quiet_before(as_of),
    }
    return shape, values | _days_of_ages(day_of(as_of))


_FLAGS = (LATE, STUCK, EITHER)


def _states(wanted: Wanted) -> set[MatterState]:
    asked = set(wanted.states or MatterState)
    if wanted.open is None:
        return asked
    return asked & set(OPEN_STATES if wanted.open else ENDINGS)


def _days_of_ages(today: date) -> dict[str, date]:
    """Between which days an open matter of each age came in."""
    days: dict[str, date] = {}
    latest = today
    for age in Age:
        days[f"to_{age.name}"] = latest
        days[f"from_{age.name}"] = today - timedelta(days=OLDEST[age]) if age in OLDEST else date.min
        latest = days[f"from_{age.name}"] - timedelta(days=1) if age in OLDEST else latest
    return days


def _line_of(row: Row[Any], as_of: datetime) -> MatterLine:
    """A line of a row of `matters`."""
    today = day_of(as_of)
    last_day = row.ended_day or today.toordinal()
    state = MatterState(row.state)
    return MatterLine(
        case=row.case,
        number=row.number,
        owner=row.owner,
        state=state,
        handler=row.handler,
        awaits=row.awaits,
        offered_to=row.offered_to if row.pending else None,
        referral=row.referral,
        hands=row.depth,
        matter_class=row.matter_class,
        channel=row.channel,
        purpose=row.purpose,
        persons=row.persons,
        place=row.place,
        received_on=row.received_on,
        registered_at=row.registered_at,
        days=last_day - row.received_day,
        due=row.due,
        due_provisional=bool(row.due and row.due_provisional),
        overdue=row.due is not None and row.due < today,
        stuck=state not in ENDINGS and row.touched_at < _quiet_before(as_of),
        touched_at=row.touched_at,
        ended_at=row.ended_at,
        case_version=row.version,
        referral_version=row.referral_version,
    )


def _quiet_before(as_of: datetime) -> datetime:
    """A matter without a fact since then is stuck: none came in the twenty days before today."""
    return datetime.combine(day_of(as_of) - STUCK_AFTER + timedelta(days=1), time(), ZONE)
