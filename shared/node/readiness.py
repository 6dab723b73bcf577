"""Whether a node can work, and what stands still at it: for whoever supervises the machine.

| reason | what | state |
| --- | --- | --- |
| `database` | the database does not answer | not-ready |
| `other-release` | the tables are of another release than this program | not-ready |
| `taken-over` | another process has become the node's writer | not-ready |
| `disk-full` | the node's folder has no room | not-ready |
| `not-stored` | the database answers and takes nothing | not-ready |
| `relay`, `reader` | the part of the road failed when it was last used, and is tried again | degraded |
| `left-out` | the node refuses what arrives, and is left alone for a while | degraded |
| `holes` | numbers of another node are missing and do not come | degraded |
| `parked` | something could not be taken and waits for a person or a release | degraded |
"""

import shutil
from collections.abc import Iterator
from concurrent.futures import TimeoutError as WriterSilent
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.database.migrations.refusals import DatabaseIsNewer
from shared.database.migrations.revisions import VERSIONS, pending, scripts_in
from shared.database.writes import upsert
from shared.event_log.group import Group
from shared.event_log.node_log import NodeLog
from shared.event_log.tables import NODE_STATE
from shared.node.outgoing import Outgoing
from shared.node.status import Status
from shared.settings.network import NodeSettings
from shared.work.common.refusals import Refusal
from shared.writer_lease.lease import Lease

ROOM = 64_000_000
"""Least room that a node's folder needs. Unit: bytes; a day of a busy county is a tenth of it, and SQLite writes ahead."""

ANSWERS_WITHIN = 5.0
"""Longest wait for the writer. Unit: seconds; whoever supervises waits about as long."""

READY, DEGRADED, NOT_READY = "ready", "degraded", "not-ready"
STOPS = frozenset({"database", "other-release", "taken-over", "disk-full", "not-stored"})
"""Reasons for which an office cannot work; with the others it can, and something stands still."""


def state_of(reasons: tuple[str, ...]) -> str:
    """What these reasons come to."""
    return NOT_READY if STOPS & set(reasons) else DEGRADED if reasons else READY


@dataclass(frozen=True)
class Readiness:
    """Asks the parts of a node."""

    settings: NodeSettings
    lease: Lease
    log: NodeLog
    outgoing: Outgoing
    status: Status

    def reasons(self) -> tuple[str, ...]:
        """Why the node is not simply ready, as stable words; none: it is."""
        here = [*self._on_this_machine(), *self.outgoing.standing()]
        try:
            with self.status.engine.connect() as connection:
                here += self._in_the_database(connection)
        except (DBAPIError, PoolTimeout):
            here.append("database")
        return tuple(here)

    def _on_this_machine(self) -> Iterator[str]:
        if shutil.disk_usage(self.settings.folder).free < ROOM:
            yield "disk-full"
        if self.lease.is_lost():
            yield "taken-over"

    def _in_the_database(self, connection: Connection) -> Iterator[str]:
        if self._is_of_another_release(connection):
            yield "other-release"
            return
        if self.log.tally.refuses and not self._takes():
            yield "not-stored"
        if self.status.holes(connection):
            yield "holes"
        if sum(self.status.parked.counts().values()):
            yield "parked"

    def _is_of_another_release(self, connection: Connection) -> bool:
        try:
            return bool(pending(connection, scripts_in(VERSIONS), self.settings.name))
        except DatabaseIsNewer:
            return True

    def _takes(self) -> bool:
        """Whether the writer can commit again; asked only after it could not, since orders may come no more."""
        try:
            self.log.write(_note).result(ANSWERS_WITHIN)
        except (Refusal, WriterSilent):
            return False
        return True


def _note(group: Group) -> Any:
    upsert(group.connection, NODE_STATE, [{"name": "looked-at", "value": ""}])
