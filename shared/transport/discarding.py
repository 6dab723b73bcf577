"""Discarded messages: parked ones that somebody gave up, kept with who, when and why.

A fact whose number counts as held leaves a hole when it is discarded: the hole stays visible for ever.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, insert, select

from shared.envelope import moment_of, moment_text
from shared.event_log.tables import DISCARDED, PARKED
from shared.transport.gaps import Gap
from shared.transport.messages import read_fact
from shared.transport.parking import ParkedRow, message_of, unpark


@dataclass(frozen=True)
class DiscardedRow(ParkedRow):
    """A parked message that somebody gave up."""

    discarded_at: str
    discarded_by: str
    why: str


def discard(connection: Connection, parked: UUID, *, by: str, why: str, at: datetime) -> None:
    """Move a parked message to the discarded ones."""
    row = connection.execute(select(PARKED).where(PARKED.c.id == parked)).mappings().one()
    given_up = {"discarded_at": moment_text(at), "discarded_by": by, "why": why}
    connection.execute(insert(DISCARDED), dict(row) | given_up)
    unpark(connection, parked)


def discarded_rows(connection: Connection, *, limit: int, offset: int = 0) -> list[DiscardedRow]:
    """What was discarded, the last first."""
    columns = [DISCARDED.c[name] for name in DiscardedRow.__dataclass_fields__]
    query = select(*columns).order_by(DISCARDED.c.discarded_at.desc(), DISCARDED.c.id)
    return [DiscardedRow(*row) for row in connection.execute(query.limit(limit).offset(offset))]


def discarded_count(connection: Connection) -> int:
    """How many messages were discarded."""
    return connection.scalar(select(func.count()).select_from(DISCARDED)) or 0


def left_holes(connection: Connection) -> list[Gap]:
    """The holes that discarded facts leave, oldest first."""
    left = select(DISCARDED).where(DISCARDED.c.admitted).order_by(DISCARDED.c.discarded_at)
    return [_hole(row) for row in connection.execute(left)]


def _hole(row: Any) -> Gap:
    on = read_fact(message_of(row))
    return Gap(*on.source_route, on.number, on.number, moment_of(row.discarded_at), discarded=True)
