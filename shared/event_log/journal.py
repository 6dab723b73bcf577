"""The journal: own and received facts in the order in which this node came to know them."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, select

from shared.envelope import Envelope, UnreadableEnvelope, moment_of
from shared.event_log.known import JournaledFact
from shared.event_log.mapper import data_of
from shared.event_log.recorder import OWN_EVENT, STORED_EVENTS
from shared.event_log.tables import JOURNAL, NODE_STATE, RECEIVED

READ_AT_ONCE = 1_000
"""Facts read from the journal at a time. Unit: facts of about 1 KB, so that memory stays small."""

_JOURNAL = (
    select(
        JOURNAL.c.position,
        JOURNAL.c.own,
        STORED_EVENTS.c.state,
        RECEIVED.c.body,
        RECEIVED.c.arrived_at,
    )
    .outerjoin(STORED_EVENTS, OWN_EVENT & JOURNAL.c.own)
    .outerjoin(RECEIVED, RECEIVED.c.fact == JOURNAL.c.fact)
    .order_by(JOURNAL.c.position)
)


def own_facts(*columns: Any, also_lost: bool = False) -> Select[Any]:
    """A query of columns of own facts in journal and log; `also_lost`: also where the log has no such fact."""
    return select(*columns).select_from(JOURNAL.join(STORED_EVENTS, OWN_EVENT, isouter=also_lost))


def since(connection: Connection, position: int = 0) -> Iterator[JournaledFact]:
    """Own and received facts after a journal position, in the order in which they became known.

    Errors: those of `known_of`.
    """
    while rows := rows_after(connection, position):
        for row in rows:
            yield known_of(row)
        position = rows[-1].position


def known_among(connection: Connection, facts: list[UUID]) -> list[JournaledFact]:
    """Those of some facts that are in the journal, in the order in which they became known."""
    return [known_of(row) for row in connection.execute(_JOURNAL.where(JOURNAL.c.fact.in_(facts)))]


def rows_after(connection: Connection, position: int) -> list[Any]:
    """A portion of the journal after a position as it is stored, for `known_of`; nothing at its end."""
    query = _JOURNAL.where(JOURNAL.c.position > position).limit(READ_AT_ONCE)
    return list(connection.execute(query))


def rows_of_own_record(connection: Connection, stream: UUID) -> list[Any]:
    """The rows of an own record in its order, for `known_of`."""
    own = STORED_EVENTS.c.originator_id == stream
    return list(connection.execute(_JOURNAL.where(own)))


def record_of(connection: Connection, stream: UUID) -> list[JournaledFact]:
    """The facts of a record that this node knows, own or received, in the order of the record."""
    query = _JOURNAL.where(JOURNAL.c.stream == stream).order_by(None).order_by(JOURNAL.c.stream_version)
    return [known_of(row) for row in connection.execute(query)]


def row_of(connection: Connection, fact: UUID) -> Any:
    """The row of one fact as it is stored, for `body_of`; none when the journal does not know it."""
    return connection.execute(_JOURNAL.where(JOURNAL.c.fact == fact)).first()


def body_of(row: Any) -> bytes | None:
    """The canonical bytes of the fact of a row; none when they are gone."""
    body = row.state if row.own else row.body
    return None if body is None else bytes(body)


def known_of(row: Any) -> JournaledFact:
    """The fact of a row of the journal. Errors: UnreadableEnvelope, UnknownFact."""
    body = body_of(row)
    if body is None:
        raise UnreadableEnvelope(f"the fact of journal position {row.position} is gone")
    envelope = Envelope.read(body)
    arrived = None if row.own else moment_of(row.arrived_at)
    return JournaledFact(envelope, data_of(envelope), row.position, arrived)


def incarnation_of(connection: Connection) -> int:
    """Which incarnation of its node a log is in; 1 before the first restore."""
    query = select(NODE_STATE.c.value).where(NODE_STATE.c.name == "incarnation")
    return int(connection.scalar(query) or 1)
