"""Running nodes in this process: the host, the web, and a clean stop."""

import contextlib
import gc
import logging
import socket
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import uvicorn
from prometheus_client import start_http_server
from starlette.types import ASGIApp

from services.network import serve
from shared.clock import Clock, RehearsalClock
from shared.engines import dispose_all
from shared.event_log.writer import Crew
from shared.host import Host
from shared.leases import NodeIsRunning
from shared.metrics import registry_of
from shared.node import Node
from shared.restoring import RestoreUnfinished
from shared.settings import Network, read_node
from shared.transport.local_wire import LocalWire
from shared.transport.wire import Wire

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"

REHEARSAL_BEGINS = datetime(2000, 1, 1, tzinfo=UTC)
"""Where a rehearsal's clock stands before anything was played; the log's last moment moves it on."""

WRITERS_ON_FILES = 2
"""Threads that write when every node has a file: SQLite works in the thread, so more only wait. Unit: threads."""

WRITERS_ON_SERVER = 8
"""Threads that write when a database server does the work, and commits of nodes overlap. Unit: threads."""


YOUNG_OBJECTS = 20_000
"""New objects between two looks for rubbish that refers to itself. An order makes some thousands that are gone
by themselves; Python's own 700 had it look an eighth of the time."""


class PortTaken(Exception):
    """Somebody else listens where the pages should be."""

    code = "port-taken"


def open_host(data: Path, names: Sequence[str], *, restoring: str | None = None) -> Host:
    """Nodes of this folder on their wire, not started yet; one may be `restoring`, and needs to be opened then.

    Beside a node that is being restored others are opened if nobody else runs them.
    Errors: SettingsMissing, NodeIsRunning, RestoreUnfinished.
    """
    settings = [read_node(data, name) for name in names]
    network = settings[0].network
    clock: Clock = RehearsalClock(REHEARSAL_BEGINS) if network.rehearsal else Clock()
    nodes: list[Node] = []
    crew = Crew(WRITERS_ON_SERVER if network.postgres else WRITERS_ON_FILES)
    try:
        for one in settings:
            with _may_run_elsewhere(one.name, restoring):
                nodes.append(Node(one, clock=clock, crew=crew, restoring=one.name == restoring))
        wire = open_wire(data, network)
    except BaseException:
        for node in nodes:
            node.stop()
        raise
    if isinstance(clock, RehearsalClock):
        for node in nodes:
            clock.advance(node.log.last_moment() or REHEARSAL_BEGINS)
    return Host(nodes, wire, crew)


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
        from shared.transport.kafka_wire import KafkaWire  # a machine without Kafka need not load it

        return KafkaWire(network.kafka)
    return LocalWire(data / "wire.sqlite")


def web_config(app: ASGIApp) -> uvicorn.Config:
    """How a process serves its web."""
    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=5,
        # A reverse proxy in front is named explicitly; by default nobody may set the client's address.
        proxy_headers=False,
    )


class Web:
    """The web of a process in a thread of its own, so that other work can go on beside it."""

    def __init__(self, host: Host, *, port: int, address: str = "127.0.0.1", alone: bool = False) -> None:
        self.socket = listen(address, port)
        self.port = self.socket.getsockname()[1]
        self.server = uvicorn.Server(web_config(serve(host.nodes.values(), alone=alone)))
        self.thread = Thread(target=self._run, name="web", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self.thread.start()

    def stop(self) -> None:
        """Answer what is under way, then stop."""
        self.server.should_exit = True
        self.thread.join(timeout=10)

    def _run(self) -> None:
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        self.server.run(sockets=[self.socket])


@contextlib.contextmanager
def running(
    data: Path,
    names: Sequence[str],
    *,
    port: int,
    address: str = "127.0.0.1",
    alone: bool = False,
    opening: Callable[[Path, Sequence[str]], Host] = open_host,
) -> Iterator[tuple[Host, Web]]:
    """Nodes with their web, stopped cleanly at the end; `opening` may wait until it can open them."""
    gc.set_threshold(YOUNG_OBJECTS)
    host = opening(data, names)
    web = Web(host, port=port, address=address, alone=alone)
    host.start()
    web.start()
    try:
        yield host, web
    finally:
        web.stop()
        host.stop()
        dispose_all()


@contextlib.contextmanager
def measured(host: Host, port: int | None) -> Iterator[int | None]:
    """The host's numbers at `/metrics` of a port on the loopback address alone; none: nowhere. Errors: PortTaken."""
    if port is None:
        yield None
        return
    try:
        server, thread = start_http_server(port, LOOPBACK, registry_of(host))
    except OSError as error:
        raise PortTaken(f"{LOOPBACK}:{port}: {error.strerror}; choose another with --metrics") from None
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


def listen(address: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes a free one. Errors: PortTaken."""
    # asyncio switches Nagle's algorithm off only for a socket that names its protocol; with it on, every
    # answer waits 40 ms for the other side's delayed acknowledgement.
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((address, port))
    except OSError as error:
        made.close()
        raise PortTaken(f"{address}:{port}: {error.strerror}; choose another with --port") from None
    made.listen(256)
    return made
