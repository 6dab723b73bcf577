"""Serving nodes from the terminal: at once, or as a stand-by that waits until nobody else runs them."""

import contextlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from threading import Event

import psycopg2
import typer
from sqlalchemy.exc import SQLAlchemyError

from services import server_roles
from services.listening import LOOPBACK
from services.server_roles import MayMakeNoRoles
from services.terminal import LOOK_EVERY, line, open_telling, stopping
from shared.database.migrations.refusals import UpgradeHeldUp
from shared.process.host import Host
from shared.settings.network import read_node
from shared.writer_lease.lease import NodeIsRunning, TakenOver


def wait_for(stop: Event, host: Host) -> None:
    """Wait until the event is set, waking up now and then. Errors: TakenOver.

    The system may hand a signal to another thread than this one; Python runs the handler here, and a
    wait without an end would not notice.
    """
    while not stop.wait(LOOK_EVERY):
        if taken := host.taken_over():
            raise TakenOver(
                f"{', '.join(taken)}: another process took over while this one was silent; "
                "it wrote nothing since, and ends now. Nothing that was acknowledged is lost"
            )


def serve(
    data: Path,
    names: list[str],
    *,
    port: int,
    address: str,
    alone: bool,
    metrics: int | None,
    standby: bool,
) -> None:
    """Run these nodes with their pages until somebody stops them; `alone` serves the one node at /.

    `metrics` is the port of the numbers for machines, none without them; `standby` waits while others run the nodes.
    Errors: TakenOver, PortTaken, those of `open_host`.
    """
    from services.running import measured, running  # a stand-by that waits need not load a web

    _advise(data, names)
    with stopping() as stop:
        opening = partial(open_when_free, stop) if standby else open_telling
        with (
            running(data, names, port=port, address=address, alone=alone, opening=opening) as (host, web),
            measured(host, metrics) as numbers,
        ):
            typer.echo(f"http://{address}:{web.port}/  ({len(names)} nodes; stop with Ctrl-C)")
            if numbers is not None:
                typer.echo(f"http://{LOOPBACK}:{numbers}/metrics")
            wait_for(stop, host)
    typer.echo("stopped")


def _advise(data: Path, names: Sequence[str]) -> None:
    """Say how nodes get roles of their own, where they go by the address that may change everything."""
    settings = read_node(data, names[0])
    with contextlib.suppress(psycopg2.Error, MayMakeNoRoles):  # whoever opens the nodes says what is wrong
        if settings.schema and server_roles.is_owner(settings.database, settings.schema):
            line(
                f"{settings.name}: its address at PostgreSQL may change and delete what was recorded, of every node that shares "
                f"it; `huiyin roles --data {data}` gives each node a role of its own"
            )


def open_when_free(stop: Event, data: Path, names: Sequence[str]) -> Host:
    """Wait as a stand-by until nobody else runs the nodes, also while the database is away."""
    told = False
    while not stop.is_set():
        try:
            return open_telling(data, names)
        except (NodeIsRunning, UpgradeHeldUp, SQLAlchemyError) as error:
            if not told:
                line(f"waiting as a stand-by: {error}")
            told = True
            stop.wait(LOOK_EVERY)
    raise typer.Exit()
