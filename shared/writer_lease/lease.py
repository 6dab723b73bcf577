"""The right to write for a node: one process at a time, whose every commit checks that it still has it.

On SQLite it is a lock of the operating system on a file in the node's folder. On PostgreSQL it is one
row in the node's schema (`server_leases.py`).
"""

import fcntl
from pathlib import Path
from typing import Protocol

from sqlalchemy.exc import DBAPIError

from shared.database.migrations.migrate import told_to_the_owner
from shared.event_log.transaction import Fence
from shared.settings.network import NodeSettings
from shared.work.common.cannot_go_on import CannotGoOn
from shared.writer_lease.postgres import ServerLeases


class NodeIsRunning(CannotGoOn):
    """Another process is this node's writer; a second one refuses to start, or waits as a stand-by."""

    code = "node-is-running"


class TakenOver(CannotGoOn):
    """Another process took over while this one was silent; it must not go on."""

    code = "taken-over"


class Lease(Fence, Protocol):
    """The right of one process to write for one node; every transaction checks it."""

    def stands(self) -> bool:
        """Whether nobody can have taken over yet; asks nobody."""
        ...

    def give_back(self) -> None:
        """Let another process be the writer."""
        ...


class FileLease:
    """A lock on a file, which the system frees when the process ends, however it ends. Errors: NodeIsRunning."""

    def __init__(self, path: Path) -> None:
        self._handle = path.open("a+")
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._handle.close()
            raise NodeIsRunning(
                f"{path.parent.name}: another process runs this node; there is one writer a node: "
                "stop it first, or start this one with --standby"
            ) from None

    def statements(self) -> list[str]:
        """None: nobody can take the lock from a process that incarnations."""
        return []

    def refused(self, error: DBAPIError) -> bool:
        """Never: see `statements`."""
        return False

    def stands(self) -> bool:
        """Always: see `statements`."""
        return True

    def is_lost(self) -> bool:
        """Never: see `statements`."""
        return False

    def give_back(self) -> None:
        """Let another process be the writer."""
        self._handle.close()


class Onlooker:
    """No lease: whoever only looks at a node, beside whoever runs it, can commit nothing."""

    def statements(self) -> list[str]:
        """Fails on every database."""
        return ["SELECT 1 FROM whoever_looks_writes_nothing"]

    def refused(self, error: DBAPIError) -> bool:
        """Nobody has taken anything over."""
        return False

    def stands(self) -> bool:
        """Never: nothing may be sent."""
        return False

    def is_lost(self) -> bool:
        """It never was."""
        return False

    def give_back(self) -> None:
        """Nothing."""


_AT_SERVERS = ServerLeases()
"""The leases of this process; one thread renews all of them, however many nodes it runs."""


def lease_of(settings: NodeSettings) -> Lease:
    """The right to write for a node. Errors: NodeIsRunning, UpgradeIsTheOwners, the database's."""
    if settings.schema is None:
        return FileLease(settings.folder / "lock")
    with told_to_the_owner(settings.name):
        lease = _AT_SERVERS.take(settings.database, settings.schema)
    if lease is None:
        raise NodeIsRunning(
            f"{settings.name}: another process holds this node's lease in the database; there is one writer "
            "a node: stop it first, or start this one with --standby"
        )
    return lease
