"""Messages that could not be taken: kept with the reason, counted, shown, never dropped in silence."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, func, select

from shared.database.writes import upsert
from shared.envelope import moment_text
from shared.event_log.tables import DISCARDED, PARKED, PARKED_REFUSED
from shared.transport.wire import Arrived, Message
from shared.work.common.authority import About

_IDS = UUID("a5f35b0c-5a3c-5d5e-9c55-0d1f2f0a7b11")


SourceRecord = tuple[str, str]
"""A source and the subject of one of its facts: the kind and id of a record."""


Share = tuple[str, bool]
"""Whose name messages bear, and whether he signed them in their place; what others say in his name is no fault of his."""


class Reason(StrEnum):
    """Why a message is parked."""

    UNREADABLE = "unreadable"
    UNKNOWN_FACT = "unknown-fact"
    BEHIND_PARKED = "behind-parked"
    WRONG_HASH = "wrong-hash"
    FORGED = "forged"
    UNAUTHORISED = "unauthorised"
    REVOKED = "revoked"
    TWO_FACTS = "two-facts"
    ID_OF_ANOTHER = "id-of-another"
    NOT_THEIRS = "not-theirs"
    WAITS_FOR_EVIDENCE = "waits-for-evidence"
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
) -> int:
    """Keep a message; how many bytes more that takes.

    One that comes again stays the row that it was; one that was discarded is not kept again.
    """
    row = _row(arrived.message, reason, detail, admitted)
    if _is_discarded(connection, row["id"]):
        return 0
    since = connection.scalar(select(PARKED.c.parked_at).where(PARKED.c.id == row["id"]))
    upsert(connection, PARKED, [row | {"parked_at": since or moment_text(at)}])
    return len(row["headers"]) + len(row["value"]) if since is None else 0


def parked_records(connection: Connection) -> set[SourceRecord]:
    """Records of which an admitted fact of this source waits here; its later ones wait behind it, nobody else's."""
    rows = connection.execute(select(PARKED.c.source, PARKED.c.subject).where(PARKED.c.admitted).distinct())
    return {(row.source, row.subject) for row in rows}


def evidence_waited_for(connection: Connection) -> dict[About, set[SourceRecord]]:
    """What parked facts wait for, and whose records they stand in."""
    query = select(PARKED.c.source, PARKED.c.subject, PARKED.c.detail)
    found: dict[About, set[SourceRecord]] = {}
    for row in connection.execute(query.where(PARKED.c.reason == Reason.WAITS_FOR_EVIDENCE.value)):
        found.setdefault(About.read(row.detail), set()).add((row.source, row.subject))
    return found


def parked_bytes(connection: Connection) -> dict[Share, int]:
    """How much is parked of each share. Unit: bytes of headers and values."""
    share = PARKED.c.source, PARKED.c.admitted
    size = func.length(PARKED.c.headers) + func.length(PARKED.c.value)
    query = select(*share, func.sum(size)).group_by(*share)
    return {(row[0], bool(row[1])): int(row[2]) for row in connection.execute(query)}


def refuse_to_park(connection: Connection, source: str) -> None:
    """Count a message that is not kept: so much of its source is parked already, and it can be sent again."""
    before = (
        connection.scalar(select(PARKED_REFUSED.c.messages).where(PARKED_REFUSED.c.source == source)) or 0
    )
    upsert(connection, PARKED_REFUSED, [{"source": source, "messages": before + 1}])


def refused_counts(connection: Connection) -> dict[str, int]:
    """How many messages of each source were not even parked."""
    return {row.source: row.messages for row in connection.execute(select(PARKED_REFUSED))}


def parked_rows(connection: Connection, *, limit: int | None = None, offset: int = 0) -> Sequence[ParkedRow]:
    """What is parked, oldest first."""
    columns = [PARKED.c[name] for name in ParkedRow.__dataclass_fields__]
    query = select(*columns).order_by(PARKED.c.parked_at, PARKED.c.id).limit(limit).offset(offset)
    return [ParkedRow(*row) for row in connection.execute(query)]


def parked_counts(connection: Connection) -> dict[str, int]:
    """How many messages are parked for each reason that there is."""
    query = select(PARKED.c.reason, func.count()).group_by(PARKED.c.reason)
    return {row[0]: row[1] for row in connection.execute(query)}


def parked_message(connection: Connection, parked: UUID) -> tuple[ParkedRow, Message] | None:
    """A parked message as it came; none when there is no such one."""
    row = connection.execute(select(PARKED).where(PARKED.c.id == parked)).one_or_none()
    if row is None:
        return None
    return ParkedRow(**{name: getattr(row, name) for name in ParkedRow.__dataclass_fields__}), message_of(row)


def admitted_messages(connection: Connection, record: SourceRecord) -> list[tuple[UUID, Message]]:
    """Parked facts of a source's record whose numbers count as held, in no order."""
    source, subject = record
    query = select(PARKED).where(PARKED.c.admitted, PARKED.c.subject == subject, PARKED.c.source == source)
    return [(row.id, message_of(row)) for row in connection.execute(query)]


def unadmitted_of(connection: Connection, source: str, most: int) -> list[UUID]:
    """Parked messages of a source whose numbers are not held, the oldest first."""
    query = select(PARKED.c.id).where(PARKED.c.source == source, ~PARKED.c.admitted)
    return list(connection.scalars(query.order_by(PARKED.c.parked_at).limit(most)))


def park_for(connection: Connection, parked: UUID, reason: Reason, detail: str) -> None:
    """A parked message waits for something else than before."""
    values = {"reason": reason.value, "detail": _storable(detail)[:2000]}
    connection.execute(PARKED.update().where(PARKED.c.id == parked).values(values))


def put_back(connection: Connection, row: ParkedRow, message: Message) -> None:
    """Park a message again as it was."""
    values = _row(message, Reason(row.reason), row.detail, row.admitted) | {"parked_at": row.parked_at}
    upsert(connection, PARKED, [values])


def parked_since(connection: Connection, parked: UUID, since: str) -> None:
    """A message that was tried again and parked again is parked since its first time."""
    connection.execute(PARKED.update().where(PARKED.c.id == parked).values(parked_at=since))


def unpark(connection: Connection, parked: UUID) -> None:
    """Remove a message that was taken in after all."""
    connection.execute(PARKED.delete().where(PARKED.c.id == parked))


def _row(message: Message, reason: Reason, detail: str, admitted: bool) -> dict[str, Any]:
    headers = json.dumps(dict(message.headers), sort_keys=True, ensure_ascii=True)
    source = _storable(message.headers.get("ce_source", message.key))[:200]
    return {
        "id": uuid5(_IDS, f"{message.topic}|{source}|{headers}|{sha256(message.value).hexdigest()}"),
        "topic": message.topic,
        "reason": reason.value,
        "source": source,
        "type": _storable(message.headers.get("ce_type", ""))[:200],
        "subject": _storable(message.headers.get("ce_subject", ""))[:200],
        "detail": _storable(detail)[:2000],
        "headers": headers,
        "value": message.value,
        "admitted": admitted,
    }


def _is_discarded(connection: Connection, parked: UUID) -> bool:
    return bool(connection.scalar(select(DISCARDED.c.id).where(DISCARDED.c.id == parked)))


def _storable(text: str) -> str:
    """Text that every database takes: PostgreSQL has no NUL, and UTF-8 no half characters."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()


def message_of(row: Any) -> Message:
    """The message of a row of either table."""
    return Message(row.topic, row.source, json.loads(row.headers), bytes(row.value))
