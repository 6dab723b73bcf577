"""Replaying a node's journal into its projections."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, func, select

from shared.database.progress import Progress, silent
from shared.event_log.group import Known
from shared.event_log.node_log import NodeLog, known_of
from shared.event_log.tables import JOURNAL
from shared.projections.projections import Projections
from shared.projections.rows import Happening


def happening_of(known: Known) -> Happening:
    """A fact of the journal as projections take it."""
    return Happening(known.envelope, known.data, known.arrived, known.position)


def rebuild_projections(
    connection: Connection, projections: Projections, what: str = "", progress: Progress = silent
) -> None:
    """Empty the projections and replay the journal, in the caller's transaction.

    Errors: UnreadableEnvelope, UnknownFact.
    """
    last = connection.scalar(select(func.max(JOURNAL.c.position))) or 0

    def portion(connection: Connection, position: int) -> Sequence[Any]:
        if last:
            progress(what, min(position, last), last)
        return NodeLog.rows_after(connection, position)

    projections.rebuild(connection, partial(portion, connection), lambda row: happening_of(known_of(row)))
