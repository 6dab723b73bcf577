"""The node's facts as projections take them: one by one as they become known, and all of them in a replay."""

from functools import partial

from sqlalchemy import Connection

from shared.event_log.group import Group
from shared.event_log.journal import known_of, rows_after
from shared.event_log.known import JournaledFact, Projector
from shared.projections.projections import Projections
from shared.projections.rows import RecordedFact


def recorded_fact_of(known: JournaledFact) -> RecordedFact:
    """A fact of the journal as projections take it."""
    return RecordedFact(known.envelope, known.data, known.arrived, known.position)


def projector_of(projections: Projections) -> Projector:
    """What lets projections take what has just become known."""
    return lambda writes, news: projections.apply(writes, map(recorded_fact_of, news))


def rebuild_projections(connection: Connection, projections: Projections) -> None:
    """Empty the projections and replay the journal, in the caller's transaction."""
    projections.rebuild(
        connection, partial(rows_after, connection), lambda row: recorded_fact_of(known_of(row))
    )


def replay(group: Group, projections: Projections) -> int:
    """Empty the projections and replay the journal in a group; returns the number of facts."""
    rebuild_projections(group.connection, projections)
    return group.parts.memory.position
