"""Opening nodes of a folder: their host on its wire, without a web; what every command does that works on a node."""

import contextlib
import gc
import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from services.nodes import open_node
from services.owners import owner_of, upgrade_as_owner
from shared.database.migrations.refusals import UpgradeIsTheOwners
from shared.database.progress import Progress, silent
from shared.event_log.writer import WriterPool
from shared.node.node import Node
from shared.node.work import Work
from shared.process.host import Host
from shared.restore.session import RestoreUnfinished
from shared.settings.clock import Clock, RehearsalClock
from shared.settings.network import Network, NodeSettings, read_node
from shared.transport.local.wire import LocalWire
from shared.transport.wire import Wire
from shared.work.catalogue import WORK
from shared.writer_lease.lease import NodeIsRunning

log = logging.getLogger(__name__)

REHEARSAL_BEGINS = datetime(2000, 1, 1, tzinfo=UTC)
"""Where a rehearsal's clock stands before anything was played; the log's last moment moves it on."""

WRITERS_ON_FILES = 2
"""Threads that write when every node has a file: SQLite works in the thread, so more only wait. Unit: threads."""

WRITERS_ON_SERVER = 8
"""Threads that write when a database server does the work, and commits of nodes overlap. Unit: threads."""

YOUNG_OBJECTS = 20_000
"""New objects between two looks for rubbish that refers to itself. An order makes some thousands that are gone
by themselves; Python's own 700 had it look an eighth of the time, and a fifth of it in a rebuild."""


def open_host(
    data: Path,
    names: Sequence[str],
    *,
    restoring: str | None = None,
    work: Work = WORK,
    upgrading: bool = True,
    progress: Progress = silent,
) -> Host:
    """Nodes of this folder on their wire, not started yet; one may be `restoring`, and needs to be opened then.

    Beside a node that is being restored others are opened if nobody else runs them.
    Errors: those of `open_node`.
    """
    gc.set_threshold(YOUNG_OBJECTS)
    settings = [read_node(data, name) for name in names]
    network = settings[0].network
    clock: Clock = RehearsalClock(REHEARSAL_BEGINS) if network.rehearsal else Clock()
    nodes: list[Node] = []
    crew = WriterPool(WRITERS_ON_SERVER if network.postgres else WRITERS_ON_FILES)
    try:
        for one in settings:
            with _may_run_elsewhere(one.name, restoring):
                how = {"restoring": one.name == restoring, "upgrading": upgrading, "progress": progress}
                opened = partial(open_node, one, clock=clock, crew=crew, work=work, **how)
                nodes.append(_with_owner(data, one, opened, progress) if upgrading else opened())
        wire = open_wire(data, network)
    except BaseException:
        for node in nodes:
            node.stop()
        raise
    if isinstance(clock, RehearsalClock):
        for node in nodes:
            clock.advance(node.log.last_moment() or REHEARSAL_BEGINS)
    return Host(nodes, wire, crew)


def _with_owner(data: Path, node: NodeSettings, opened: Callable[[], Node], progress: Progress) -> Node:
    """A node whose role may not make its tables is opened once the owner has, if this folder knows the owner."""
    try:
        return opened()
    except UpgradeIsTheOwners:
        owner = owner_of(data)
        if owner is None:
            raise
        upgrade_as_owner(node, owner, progress)
        return opened()


@contextlib.contextmanager
def _may_run_elsewhere(name: str, restoring: str | None) -> Iterator[None]:
    """Beside a node that is being restored it does not matter who runs the others."""
    try:
        yield
    except (NodeIsRunning, RestoreUnfinished) as error:
        if restoring in (None, name):
            raise
        log.info("%s", error)


def open_wire(data: Path, network: Network) -> Wire:
    """The wire of a network: Kafka, or the file of this machine."""
    if network.kafka:
        from shared.transport.kafka.wire import KafkaWire  # a machine without Kafka need not load it

        return KafkaWire(network.kafka)
    return LocalWire(data / "wire.sqlite")
