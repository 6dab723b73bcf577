"""Messages that could not be taken: kept with the reason, counted, shown, never dropped in silence."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, func, select

from shared.envelope import moment_text
from shared.event_log.tables import PARKED
from shared.transport.wire import Arrived, Message
from shared.writes import upsert

_IDS = UUID("a5f35b0c-5a3c-5d5e-9c55-0d1f2f0a7b11")


class Reason(StrEnum):
    """Why a message is parked."""

    UNREADABLE = "unreadable"
    UNKNOWN_FACT = "unknown-fact"
    BEHIND_PARKED = "behind-parked"
    WRONG_HASH = "wrong-hash"
    FORGED = "forged"
    UNAUTHORISED = "unauthorised"
    HANDLER_FAILED = "handler-failed"


@dataclass(frozen=True)
class ParkedRow:
    """A parked message; `admitted` says that its number counts as held."""

    id: UUID
    topic: str
    reason: str
    source: str
    type: str
    subject: str
    detail: str
    parked_at: str
    admitted: bool


def park(
    connection: Connection, arrived: Arrived, reason: Reason, detail: str, at: datetime, *, admitted: bool
) -> None:
    """Keep a message; the same message parked twice is one row."""
    message = arrived.message
    headers = json.dumps(dict(message.headers), sort_keys=True, ensure_ascii=True)
    row = {
        "id": uuid5(_IDS, f"{message.topic}|{_storable(message.key)}|{headers}|{message.value.hex()[:4000]}"),
        "topic": message.topic,
        "reason": reason.value,
        "source": _storable(message.headers.get("ce_source", message.key))[:200],
        "type": _storable(message.headers.get("ce_type", ""))[:200],
        "subject": _storable(message.headers.get("ce_subject", ""))[:200],
        "detail": _storable(detail)[:2000],
        "headers": headers,
        "value": message.value,
        "parked_at": moment_text(at),
        "admitted": admitted,
    }
    upsert(connection, PARKED, [row])


def parked_subjects(connection: Connection) -> set[str]:
    """Streams of which an admitted fact waits here; later ones wait behind it."""
    return set(connection.scalars(select(PARKED.c.subject).where(PARKED.c.admitted)))


def parked_rows(connection: Connection) -> Sequence[ParkedRow]:
    """Everything that is parked, oldest first."""
    columns = [PARKED.c[name] for name in ParkedRow.__dataclass_fields__]
    return [ParkedRow(*row) for row in connection.execute(select(*columns).order_by(PARKED.c.parked_at))]


def parked_count(connection: Connection) -> int:
    """How many messages are parked."""
    return connection.scalar(select(func.count()).select_from(PARKED)) or 0


def admitted_messages(connection: Connection, subject: str) -> list[tuple[UUID, Message]]:
    """Parked facts of a stream whose numbers count as held, in no order."""
    query = select(PARKED).where(PARKED.c.admitted, PARKED.c.subject == subject)
    return [(row.id, _message(row)) for row in connection.execute(query)]


def unpark(connection: Connection, parked: UUID) -> None:
    """Remove a message that was taken in after all."""
    connection.execute(PARKED.delete().where(PARKED.c.id == parked))


def _storable(text: str) -> str:
    """Text that every database takes: PostgreSQL has no NUL, and UTF-8 no half characters."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()


def _message(row: Any) -> Message:
    return Message(row.topic, row.source, json.loads(row.headers), bytes(row.value))
