"""Supervision letters and their answers: what the county asked of an office, and what it said."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    Computed,
    Connection,
    Date,
    Index,
    Integer,
    Row,
    Select,
    String,
    Table,
    Uuid,
    bindparam,
    func,
    select,
)

from shared.database.keyed import one_of
from shared.database.utc_time import UtcTime
from shared.projections.columns import sealed, sealed_of
from shared.projections.listing import ListOrder, part_of
from shared.projections.projection import Projection
from shared.projections.rows import METADATA, Add, Handler, Put, RecordedFact, RowChange
from shared.work.common.calendar import day_of
from shared.work.common.fact import UnitId
from shared.work.common.numbering import numbers_before
from shared.work.common.sealed import Sealed
from shared.work.common.stretch import FIRST, Stretch


class LetterState(StrEnum):
    """Where a letter stands; a repeated demand opens it again."""

    OPEN = "open"
    ANSWERED = "answered"
    LIFTED = "lifted"


STATE = (
    f"CASE WHEN lifted_at IS NOT NULL THEN '{LetterState.LIFTED.value}'"
    f" WHEN answered_at >= asked_at THEN '{LetterState.ANSWERED.value}' ELSE '{LetterState.OPEN.value}' END"
)
_IN_ORDER = ("answer_by", "number", "supervision")
LETTERS = Table(
    "supervisions",
    METADATA,
    Column("supervision", Uuid, primary_key=True),
    Column("number", String),
    Column("year", Integer),
    Column("running", Integer),
    Column("case", Uuid),
    Column("unit", Uuid),
    Column("to", Uuid),
    Column("trigger", String),
    sealed("demand"),
    Column("answer_by", Date),
    sealed("late_because"),
    Column("issued_at", UtcTime),
    Column("asked_at", UtcTime),
    Column("lifted_at", UtcTime),
    Column("version", Integer),
    Column("answer_stream", Uuid),
    Column("answer", String),
    sealed("text"),
    Column("answered_at", UtcTime),
    Column("answer_version", Integer),
    Column("state", String, Computed(STATE, persisted=True)),
    Index("supervisions_by_case", "case"),
    Index("supervisions_by_number", "unit", "year", "running"),
    Index("supervisions_in_order", *_IN_ORDER),
    Index("supervisions_by_state", "state", *_IN_ORDER),
    Index("supervisions_by_office", "to", *_IN_ORDER),
    Index("supervisions_by_office_and_state", "to", "state", *_IN_ORDER),
)
"""One row a letter, with the latest answer: both offices write it, each its columns."""

LETTER_COUNTS = Table(
    "supervision_counts",
    METADATA,
    Column("to", Uuid, primary_key=True),
    Column("letters", Integer),
)


@dataclass(frozen=True)
class Letter:
    """A supervision letter with the latest answer; `asked_at` is the last time that it was asked."""

    supervision: UUID
    number: str
    case: UUID
    unit: UnitId
    to: UnitId
    trigger: str
    demand: Sealed | None
    answer_by: date
    late_because: Sealed | None
    issued_at: datetime
    asked_at: datetime
    lifted_at: datetime | None
    version: int
    answer: str | None
    text: Sealed | None
    answered_at: datetime | None
    answer_stream: UUID | None
    answer_version: int | None
    state: LetterState
    overdue: bool


def _letter(fact: RecordedFact, **values: Any) -> Put:
    envelope = fact.envelope
    shown = {"case": UUID(fact.data["case"]), "to": UUID(fact.data["to"]), "unit": envelope.unit}
    version = {"version": envelope.stream_version}
    return Put(LETTERS, {"supervision": envelope.stream}, shown | version | values)


def _issued(fact: RecordedFact) -> Iterable[RowChange]:
    at = fact.envelope.recorded
    names = ("number", "year", "running", "trigger", "demand", "late_because")
    said = {name: fact.data[name] for name in names}
    answer_by = date.fromisoformat(fact.data["answer_by"])
    yield _letter(fact, issued_at=at, asked_at=at, answer_by=answer_by, **said)
    yield Add(LETTER_COUNTS, {"to": UUID(fact.data["to"])}, {"letters": 1})


def _repeated(fact: RecordedFact) -> Iterable[RowChange]:
    asked = {"asked_at": fact.envelope.recorded, "late_because": fact.data["late_because"]}
    yield _letter(fact, answer_by=date.fromisoformat(fact.data["answer_by"]), **asked)


def _lifted(fact: RecordedFact) -> Iterable[RowChange]:
    yield _letter(fact, lifted_at=fact.envelope.recorded)


def _answered(fact: RecordedFact) -> Iterable[RowChange]:
    envelope, data = fact.envelope, fact.data
    said = {"answer": data["answer"], "text": data["text"], "answered_at": envelope.recorded}
    origin = {"answer_stream": envelope.stream, "answer_version": envelope.stream_version}
    yield Put(LETTERS, {"supervision": UUID(data["supervision"])}, said | origin, newest="answer_version")


def _touched(fact: RecordedFact) -> Iterable[RowChange]:
    yield _letter(fact)


HANDLERS: dict[str, Handler] = {
    "supervision.issued": _issued,
    "supervision.repeated": _repeated,
    "supervision.lifted": _lifted,
    "supervision_answer.given": _answered,
    "supervision_answer.given_again": _answered,
}


@dataclass(frozen=True)
class WantedLetters:
    """Which letters; every field that is set narrows the list. `to` are the offices that were asked, one or several."""

    to: frozenset[UnitId] | None = None
    case: UUID | None = None
    state: LetterState | None = None
    overdue: bool = False


ORDER = ListOrder(_PLACE := tuple(LETTERS.c[name] for name in _IN_ORDER), _PLACE)


def letters(
    connection: Connection, wanted: WantedLetters, *, as_of: datetime, stretch: Stretch = FIRST
) -> list[Letter]:
    """The letters that are wanted, the earliest answer day first."""
    question = _narrowed(_ALL, *_shape(wanted))
    rows = part_of(connection, question, ORDER, stretch, _values(wanted, as_of))
    return [_shown(row, as_of) for row in rows]


def count_letters(connection: Connection, wanted: WantedLetters, *, as_of: datetime) -> int:
    """How many letters `letters` would list without a limit."""
    to, about, state, overdue = _shape(wanted)
    kept = not (about or state or overdue)
    question = _KEPT[to] if kept else _narrowed(_COUNT, to, about, state, overdue)
    return connection.scalar(question, _values(wanted, as_of)) or 0


def letter(connection: Connection, supervision: UUID, *, as_of: datetime) -> Letter | None:
    """One letter; none when this node does not know it."""
    row = connection.execute(_ONE, {"supervision": supervision}).first()
    return _shown(row, as_of) if row else None


def next_running(connection: Connection, unit: UnitId, year: int, life: int = 1) -> int:
    """The number that the office's next letter of the year gets: counted from 1, in a later life from where that begins."""
    last = connection.scalar(_LAST, {"unit": unit, "year": year}) or 0
    return max(last, numbers_before(life)) + 1


def open_letter(connection: Connection, case: UUID, to: UnitId, trigger: str) -> str | None:
    """The number of a letter that asks the same office for the same in a matter and was not lifted; none when there is none."""
    return connection.scalar(_SAME, {"case": case, "to": to, "trigger": trigger})


_ALL, _COUNT = select(LETTERS), select(func.count()).select_from(LETTERS)
_SUM = select(func.sum(LETTER_COUNTS.c.letters))
_KEPT = {
    0: _SUM,
    1: _SUM.where(LETTER_COUNTS.c.to == bindparam("to", type_=Uuid())),
    2: _SUM.where(one_of(LETTER_COUNTS.c.to, "offices")),
}
"""By how many offices are asked about: none, one, or several."""
_ONE = _ALL.where(LETTERS.c.supervision == bindparam("supervision", type_=Uuid()))
_LAST = select(func.max(LETTERS.c.running)).where(
    LETTERS.c.unit == bindparam("unit", type_=Uuid()), LETTERS.c.year == bindparam("year", type_=Integer())
)
_SAME = (
    select(LETTERS.c.number)
    .where(
        *(
            LETTERS.c[name] == bindparam(name, type_=LETTERS.c[name].type)
            for name in ("case", "to", "trigger")
        ),
        LETTERS.c.lifted_at.is_(None),
        LETTERS.c.issued_at.is_not(None),
    )
    .order_by(LETTERS.c.issued_at)
    .limit(1)
)


def _shape(wanted: WantedLetters) -> tuple[int, bool, bool, bool]:
    several = min(len(wanted.to), 2) if wanted.to else 0
    return several, wanted.case is not None, wanted.state is not None, wanted.overdue


def _values(wanted: WantedLetters, as_of: datetime) -> dict[str, Any]:
    state = LetterState.OPEN if wanted.overdue else wanted.state
    offices = {"to": next(iter(wanted.to or ()), None), "offices": list(wanted.to or ())}
    return {**offices, "case": wanted.case, "state": state and state.value, "today": day_of(as_of)}


@cache
def _narrowed(question: Select[Any], to: int, about: bool, state: bool, overdue: bool) -> Select[Any]:
    """A question for the letters that are wanted; an overdue one is open."""
    named = {"to": to == 1, "case": about, "state": state or overdue}
    question = question.where(one_of(LETTERS.c.to, "offices")) if to > 1 else question
    asked = [LETTERS.c[name] == bindparam(name, type_=LETTERS.c[name].type) for name in named if named[name]]
    late = [LETTERS.c.answer_by < bindparam("today", type_=LETTERS.c.answer_by.type)] if overdue else []
    return question.where(*asked, *late, LETTERS.c.issued_at.is_not(None))


def _shown(row: Row[Any], as_of: datetime) -> Letter:
    shown = {name: value for name, value in row._mapping.items() if name not in ("year", "running")}
    state = LetterState(shown.pop("state"))
    texts: dict[str, Any] = {name: sealed_of(shown.pop(name)) for name in ("demand", "late_because", "text")}
    overdue = state is LetterState.OPEN and shown["answer_by"] < day_of(as_of)
    return Letter(**shown, **texts, state=state, overdue=overdue)


def made_keys(connection: Connection, subject: UUID, units: set[UUID]) -> bool:
    """Whether one of the units issued the letter: it made its keys, and may ask for them back after a restore."""
    return connection.scalar(select(LETTERS.c.unit).where(LETTERS.c.supervision == subject)) in units


PROJECTION = Projection(
    "supervisions", (LETTERS, LETTER_COUNTS), HANDLERS, of_stream={"supervision": _touched}
)
