"""Serving nodes in this process: the host, its web, and a clean stop."""

import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Thread

import uvicorn
from fastapi import FastAPI
from prometheus_client import start_http_server
from starlette.types import ASGIApp

from services.listening import LOOPBACK, PortTaken, listen
from services.network import app_of, serve
from services.opening import open_host
from services.patience import PatientProtocol
from shared.database.engines import dispose_all
from shared.process.host import Host
from shared.process.metrics import registry_of
from shared.work.office.account_changes import tell_account_changes

IDLE = 75
"""Time until a connection that nobody uses is closed. Unit: seconds; longer than proxies in front keep theirs (60), and than
boards rest between two loads: whoever closes first cuts off a request that is on its way."""


def web_config(app: ASGIApp) -> uvicorn.Config:
    """How a process serves its web."""
    return uvicorn.Config(
        app,
        log_level="warning",
        # Its lines go where all others do, and repeat as seldom.
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=5,
        timeout_keep_alive=IDLE,
        http=PatientProtocol,
        # Whom a proxy brings is heard in one place, `shared/web/front.py`, and from proxies that are named.
        proxy_headers=False,
    )


class Web:
    """The web of a process in a thread of its own, so that other work can go on beside it."""

    def __init__(
        self,
        host: Host,
        *,
        port: int,
        address: str = "127.0.0.1",
        alone: bool = False,
        app_of: Callable[[str], FastAPI] = app_of,
    ) -> None:
        self.socket = listen(address, port)
        self.port = self.socket.getsockname()[1]
        self.server = uvicorn.Server(web_config(serve(host.nodes.values(), alone=alone, app_of=app_of)))
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
    app_of: Callable[[str], FastAPI] = app_of,
) -> Iterator[tuple[Host, Web]]:
    """Nodes with their web, stopped cleanly at the end; `opening` may wait until it can open them."""
    host = opening(data, names)
    web = Web(host, port=port, address=address, alone=alone, app_of=app_of)
    host.start()
    for node in host.nodes.values():
        tell_account_changes(node)
        node.forget_answers()
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
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or "a port is a number from 0 to 65535"
        raise PortTaken(f"{LOOPBACK}:{port}: {reason}; choose another with --metrics") from None
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
