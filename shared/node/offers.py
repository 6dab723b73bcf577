"""Offers that came before this node knew that it keeps the office they are made to.

The county's directory and a neighbour's offer come by two ways, and either may be first.
"""

import contextlib
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from shared.event_log.group import Group
from shared.event_log.journal import known_among
from shared.node.ways import units_of
from shared.node.work import Work
from shared.work.common.refusals import Refusal
from shared.work.common.unit_tree import Directory


@dataclass(frozen=True)
class Offers:
    """Looks for such offers and takes them up; `write` queues work of the node's writer."""

    me: str
    engine: Engine
    work: Work
    directory: Callable[[], Directory]
    write: Callable[[Callable[[Group], Any]], "Future[Any]"]

    def look(self) -> None:
        """Take up what was offered to an office of this node and not received."""
        with self.engine.connect() as connection:
            waits = self.work.offers_not_received(connection, self._own_units())
        if waits:
            with contextlib.suppress(Refusal):  # whoever starts the node next looks again
                self.write(self._take_up)

    def _take_up(self, group: Group) -> None:
        waiting = group.ask(self.work.offers_not_received, self._own_units())
        for known in known_among(group.connection, waiting):
            group.react(known)

    def _own_units(self) -> set[UUID]:
        return units_of(self.directory(), self.me)
