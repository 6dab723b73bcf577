"""The node's facts as projections take them: one by one as they become known, and all of them in a replay."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from shared.database.progress import Progress, silent
from shared.event_log.group import Group
from shared.event_log.journal import known_of, rows_after
from shared.event_log.known import JournaledFact, Projector
from shared.event_log.tables import JOURNAL
from shared.projections.projections import Projections
from shared.projections.rows import RecordedFact


def recorded_fact_of(known: JournaledFact) -> RecordedFact:
    """A fact of the journal as projections take it."""
    return RecordedFact(known.envelope, known.data, known.arrived, known.position)


def projector_of(projections: Projections) -> Projector:
    """What lets projections take what has just become known."""
    return lambda writes, news: projections.apply(writes, map(recorded_fact_of, news))


def rebuild_projections(
    connection: Connection, projections: Projections, what: str = "", progress: Progress = silent
) -> None:
    """Empty the projections and replay the journal, in the caller's transaction.

    Errors: UnreadableEnvelope, UnknownFact.
    """
    last = connection.scalar(select(func.max(JOURNAL.c.position))) or 0

    def portion(position: int) -> Sequence[Any]:
        if last:
            progress(what, min(position, last), last)
        return rows_after(connection, position)

    projections.rebuild(connection, portion, lambda row: recorded_fact_of(known_of(row)))


def replay(group: Group, projections: Projections) -> int:
    """Empty the projections and replay the journal in a group; returns the number of facts."""
    rebuild_projections(group.connection, projections)
    return group.parts.memory.position
