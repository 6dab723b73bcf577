"""What a check of a node goes by, and what it can find."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, Select

from shared.node.node import Node
from shared.proof.checkpoint import LogName
from shared.proof.tiles import Tree

AT_ONCE = 1_000
"""Rows fetched at a time, so that memory stays small at any length of a log. Unit: rows."""


@dataclass(frozen=True)
class Finding:
    """Something that is not as it must be: which node, whose fact or route, what, and where first."""

    node: str
    whose: str
    what: str
    where: str


@dataclass(frozen=True)
class Verdict:
    """What was looked at, and everything that was found; `notes` say what could not be compared, and why."""

    node: str
    facts: int
    received: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()


@dataclass
class AuditContext:
    """One node at one moment of its database; `trees` grow from the facts as they are read.

    `whose` is whose facts are being read, for a row that cannot be read at all; `tick` is called again and again, so that
    whoever waits sees that it goes on, and can end it by raising.
    """

    node: Node
    connection: Connection
    whose: str
    tick: Callable[[], None]
    trees: dict[str, Tree] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def rows(self, query: Select[Any]) -> Iterator[Row[Any]]:
        """The rows of a query, a few at a time."""
        rows = self.connection.execute(query.execution_options(yield_per=AT_ONCE))
        for number, row in enumerate(rows):
            if number % AT_ONCE == 0:
                self.tick()
            yield row

    def log(self, node: str, incarnation: int) -> LogName:
        """A log of this network."""
        return LogName(self.node.settings.network.name, node, incarnation)

    def tree(self, log: LogName) -> Tree:
        """The tree of a log as far as its facts were read."""
        return self.trees.setdefault(str(log), Tree(str(log)))

    def found(self, whose: str, what: str, where: str) -> Finding:
        """A finding at this node."""
        return Finding(self.node.name, whose, what, where)
