"""Facts that a node asked for besides those of its routes; what follows about a unit goes there, too."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Connection, select

from shared.event_log.group import Group
from shared.event_log.journal import known_of, rows_of_own_record
from shared.event_log.known import JournaledFact
from shared.event_log.tables import EVIDENCE_GIVEN


def own_record(connection: Connection, stream: UUID) -> list[JournaledFact]:
    """The facts of a record of this node's own, in their order; empty for one that it did not write."""
    return [known_of(row) for row in rows_of_own_record(connection, stream)]


def give(group: Group, node: str, facts: Iterable[JournaledFact]) -> None:
    """Let facts travel to a node that asked for them, each once."""
    given = set(group.connection.scalars(select(EVIDENCE_GIVEN.c.fact).where(EVIDENCE_GIVEN.c.node == node)))
    fresh = [known for known in facts if known.envelope.id not in given]
    if fresh:
        rows = [{"node": node, "fact": known.envelope.id, "stream": known.envelope.stream} for known in fresh]
        group.writes.insert(EVIDENCE_GIVEN, rows)
        group.send_also(node, fresh)


def followers(connection: Connection, stream: UUID) -> list[str]:
    """The nodes that asked for a record: they hear of what follows in it."""
    query = select(EVIDENCE_GIVEN.c.node).where(EVIDENCE_GIVEN.c.stream == stream)
    return sorted(set(connection.scalars(query)))
