"""Supervision letters and their answers: what the county asked of an office, and what it said."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Date,
    Index,
    Integer,
    Row,
    Select,
    String,
    Table,
    Uuid,
    and_,
    case,
    func,
    select,
)

from shared.database.utc_time import UtcTime
from shared.projections.columns import sealed, sealed_of
from shared.projections.projection import Projection
from shared.projections.rows import METADATA, Handler, Put, RecordedFact, RowChange
from shared.work.common.calendar import day_of
from shared.work.common.fact import UnitId
from shared.work.common.sealed import Sealed

LETTERS = Table(
    "supervisions",
    METADATA,
    Column("supervision", Uuid, primary_key=True),
    Column("number", String),
    Column("case", Uuid),
    Column("unit", Uuid),
    Column("to", Uuid),
    Column("trigger", String),
    sealed("demand"),
    Column("answer_by", Date),
    Column("issued_at", UtcTime),
    Column("asked_at", UtcTime),
    Column("lifted_at", UtcTime),
    Column("version", Integer),
    Index("supervisions_by_case", "case"),
    Index("supervisions_by_office", "to"),
)
ANSWERS = Table(
    "supervision_answers",
    METADATA,
    Column("supervision", Uuid, primary_key=True),
    Column("stream", Uuid),
    Column("unit", Uuid),
    Column("answer", String),
    sealed("text"),
    Column("answered_at", UtcTime),
    Column("version", Integer),
)


class LetterState(StrEnum):
    """Where a letter stands; a repeated demand opens it again."""

    OPEN = "open"
    ANSWERED = "answered"
    LIFTED = "lifted"


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
    said = {name: fact.data[name] for name in ("number", "trigger", "demand")}
    answer_by = date.fromisoformat(fact.data["answer_by"])
    yield _letter(fact, issued_at=at, asked_at=at, answer_by=answer_by, **said)


def _repeated(fact: RecordedFact) -> Iterable[RowChange]:
    yield _letter(fact, asked_at=fact.envelope.recorded, answer_by=date.fromisoformat(fact.data["answer_by"]))


def _lifted(fact: RecordedFact) -> Iterable[RowChange]:
    yield _letter(fact, lifted_at=fact.envelope.recorded)


def _answered(fact: RecordedFact) -> Iterable[RowChange]:
    envelope, data = fact.envelope, fact.data
    said = {"answer": data["answer"], "text": data["text"], "answered_at": envelope.recorded}
    origin = {"stream": envelope.stream, "unit": envelope.unit, "version": envelope.stream_version}
    yield Put(ANSWERS, {"supervision": UUID(data["supervision"])}, said | origin, newest="version")


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
    """Which letters; every field that is set narrows the list. `to` is the office that was asked."""

    to: UnitId | None = None
    case: UUID | None = None
    state: LetterState | None = None
    overdue: bool = False


def letters(
    connection: Connection,
    wanted: WantedLetters,
    *,
    as_of: datetime,
    limit: int | None = 50,
    offset: int = 0,
) -> list[Letter]:
    """The letters that are wanted, the earliest answer day first."""
    query = _narrowed(_joined(), wanted, as_of).order_by(
        LETTERS.c.answer_by, LETTERS.c.number, LETTERS.c.supervision
    )
    return [_shown(row, as_of) for row in connection.execute(query.limit(limit).offset(offset))]


def count_letters(connection: Connection, wanted: WantedLetters, *, as_of: datetime) -> int:
    """How many letters `letters` would list without a limit."""
    narrowed = _narrowed(_joined(), wanted, as_of).subquery()
    return connection.scalar(select(func.count()).select_from(narrowed)) or 0


def letter(connection: Connection, supervision: UUID, *, as_of: datetime) -> Letter | None:
    """One letter; none when this node does not know it."""
    row = connection.execute(_joined().where(LETTERS.c.supervision == supervision)).first()
    return _shown(row, as_of) if row else None


def next_running(connection: Connection, case: UUID) -> int:
    """The running number of the next letter about a case, counted from 1; asked where letters are written."""
    return (connection.scalar(select(func.count()).where(LETTERS.c.case == case)) or 0) + 1


def _joined() -> Select[Any]:
    answer = [ANSWERS.c.answer, ANSWERS.c.text, ANSWERS.c.answered_at]
    answer += [ANSWERS.c.stream.label("answer_stream"), ANSWERS.c.version.label("answer_version")]
    query = select(LETTERS, *answer, _state().label("state"))
    return query.outerjoin(ANSWERS, ANSWERS.c.supervision == LETTERS.c.supervision)


def _state() -> ColumnElement[str]:
    return case(
        (LETTERS.c.lifted_at.is_not(None), LetterState.LIFTED.value),
        (ANSWERS.c.answered_at >= LETTERS.c.asked_at, LetterState.ANSWERED.value),
        else_=LetterState.OPEN.value,
    )


def _narrowed(query: Select[Any], wanted: WantedLetters, as_of: datetime) -> Select[Any]:
    if wanted.to is not None:
        query = query.where(LETTERS.c.to == wanted.to)
    if wanted.case is not None:
        query = query.where(LETTERS.c.case == wanted.case)
    if wanted.state is not None:
        query = query.where(_state() == wanted.state.value)
    if wanted.overdue:
        late = and_(LETTERS.c.answer_by < day_of(as_of), _state() == LetterState.OPEN.value)
        query = query.where(late)
    return query.where(LETTERS.c.issued_at.is_not(None))


def _shown(row: Row[Any], as_of: datetime) -> Letter:
    shown = dict(row._mapping)
    state = LetterState(shown.pop("state"))
    texts: dict[str, Any] = {name: sealed_of(shown.pop(name)) for name in ("demand", "text")}
    overdue = state is LetterState.OPEN and shown["answer_by"] < day_of(as_of)
    return Letter(**shown, **texts, state=state, overdue=overdue)


def made_keys(connection: Connection, subject: UUID, units: set[UUID]) -> bool:
    """Whether one of the units issued the letter: it made its keys, and may ask for them back after a restore."""
    return connection.scalar(select(LETTERS.c.unit).where(LETTERS.c.supervision == subject)) in units


PROJECTION = Projection("supervisions", (LETTERS, ANSWERS), HANDLERS, of_stream={"supervision": _touched})
