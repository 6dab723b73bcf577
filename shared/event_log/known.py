"""A fact that this node has just come to know, and who is told of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, func, select

from shared.database.writes import Writes
from shared.envelope import Envelope
from shared.event_log.tables import JOURNAL
from shared.event_log.transaction import Transaction


@dataclass(frozen=True)
class JournaledFact:
    """A fact that has just become known to this node, own or received, at its journal position.

    `arrived` is the moment at which it came from another node; none for an own fact.
    """

    envelope: Envelope
    data: dict[str, Any]
    position: int
    arrived: datetime | None


Projector = Callable[[Writes, list[JournaledFact]], None]
"""Lets the projections take what has just become known, in the commit that makes it durable."""


class Departures(Protocol):
    """What gives own facts their places on their routes, and follows the directory while doing so."""

    def read_again(self, connection: Connection) -> None: ...
    def depart(self, transaction: Transaction, news: list[JournaledFact]) -> None: ...
    def send_also(self, transaction: Transaction, node: str, facts: list[JournaledFact]) -> None: ...
    def commit(self) -> None: ...
    def rollback(self) -> None: ...


def end_of_journal(connection: Connection) -> int:
    """The journal's last position; 0 when it is empty."""
    return connection.scalar(select(func.max(JOURNAL.c.position))) or 0
