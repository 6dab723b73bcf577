"""The `huiyin` command: make a network, run it, rehearse it, look at it, check it, rebuild it."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from services import care_cli, founding, looking, proofs, upgrading
from services.divisions import SINCE_LIST, plan_network, read_divisions, read_rows
from services.parked_cli import parked
from services.rehearsal import play
from services.serving import serve
from services.terminal import Data, Json, line, say
from shared import __version__
from shared import data as packaged
from shared.settings.network import SettingsMissing, node_names, read_network, read_node
from shared.work.common.cannot_go_on import CannotGoOn

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
app.add_typer(parked, name="parked")
app.add_typer(proofs.app, name="proof")
app.command("check-promise")(proofs.check_promise)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"huiyin {__version__}")
        raise typer.Exit()


Version = Annotated[
    bool,
    typer.Option("--version", help="say which release this is", callback=_say_version, is_eager=True),
]


@app.callback()
def common(version: Version = False) -> None:
    """Make a network, run it, rehearse it, look at it, check it, rebuild it."""


Port = Annotated[int, typer.Option("--port", help="port of the pages")]
Address = Annotated[
    str, typer.Option("--address", help="address to listen on; loopback unless a proxy stands in front")
]

Metrics = Annotated[
    int | None,
    typer.Option("--metrics", help="port for /metrics on this machine's loopback address; none without it"),
]


@app.command()
def init(
    data: Data,
    divisions: Annotated[
        Path | None, typer.Option(help="CSV of the county's divisions; the packaged county without it")
    ] = None,
    offices: Annotated[Path | None, typer.Option(help="CSV of the county's office names")] = None,
    postgres: Annotated[str | None, typer.Option(help="address of a PostgreSQL database")] = None,
    kafka: Annotated[str | None, typer.Option(help="HOST:PORT of Apache Kafka")] = None,
    own_node: Annotated[
        list[str] | None, typer.Option(help="12-digit code of a village with a node of its own")
    ] = None,
    rehearsal: Annotated[bool, typer.Option(help="a network to practise with; its clock can be set")] = False,
    as_json: Json = False,
) -> None:
    """Make a network: keys, folders, directory, first administrators."""
    if bool(postgres) != bool(kafka):
        raise SettingsMissing(
            "--postgres and --kafka are given together (network) or not at all (one machine)"
        )
    lines = read_divisions(divisions or packaged.path(packaged.COUNTY))
    names = packaged.rows(packaged.OFFICES) if offices is None else read_rows(offices)
    since = SINCE_LIST if rehearsal else datetime.now(UTC).date()
    at = datetime.combine(since, datetime.min.time(), UTC) if rehearsal else datetime.now(UTC)
    plan = plan_network(lines, names, since=since, own_nodes=own_node or [])
    first = founding.found_network(
        data, plan, at=at, rehearsal=rehearsal, postgres=postgres, kafka=kafka, progress=line
    )
    county = next(password for node, _, password in first if node == "county")
    say(
        as_json,
        {"network": plan.name, "nodes": len(plan.nodes), "units": len(plan.entries), "data": str(data)},
        f"{plan.name}: {len(plan.nodes)} nodes, {len(plan.entries)} offices in {data}\n"
        f"County administrator: admin / {county}\n"
        f"Passwords of all first administrators: {data / founding.FIRST_PASSWORDS} (delete it after handing them out)",
    )


Standby = Annotated[
    bool,
    typer.Option(
        "--standby",
        help="wait while another process runs it, and take over when that one dies or falls silent",
    ),
]


@app.command()
def up(
    data: Data,
    port: Port = 8650,
    address: Address = "127.0.0.1",
    tier: Annotated[
        str | None, typer.Option(help="only the nodes of this tier: village, township or county")
    ] = None,
    metrics: Metrics = None,
    standby: Standby = False,
) -> None:
    """Run the nodes of this folder in one process."""
    names = [name for name in node_names(data) if tier is None or read_node(data, name).tier == tier]
    serve(data, names, port=port, address=address, alone=False, metrics=metrics, standby=standby)


@app.command()
def node(
    data: Data,
    name: Annotated[str, typer.Option(help="name of the node")],
    port: Port = 8650,
    address: Address = "127.0.0.1",
    metrics: Metrics = None,
    standby: Standby = False,
) -> None:
    """Run one node, served at /."""
    serve(data, [name], port=port, address=address, alone=True, metrics=metrics, standby=standby)


@app.command()
def rehearse(
    data: Data,
    days: Annotated[int, typer.Option(help="how many days")] = 30,
    seed: Annotated[int, typer.Option(help="the same seed plays the same month")] = 1,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="last day; yesterday without it")
    ] = None,
    url: Annotated[
        list[str] | None, typer.Option(help="address of a running host; repeat for several hosts")
    ] = None,
    as_json: Json = False,
) -> None:
    """Play a county's month through the doors of a rehearsal network, and reconcile it."""
    if not read_network(data).rehearsal:
        raise SettingsMissing(f"{data}: this network is real; make one with `huiyin init --rehearsal`")
    last = until.date() if until else None
    if url:
        result = play.rehearse(
            data, url, days=days, seed=seed, until=last, progress=play.progress_on(sys.stderr)
        )
    else:
        # Commands without a web need not load one: it takes half of their start.
        from services.running import running

        with running(data, node_names(data), port=0) as (_, web):
            addresses = [f"http://127.0.0.1:{web.port}"]
            result = play.rehearse(
                data, addresses, days=days, seed=seed, until=last, progress=play.progress_on(sys.stderr)
            )
    say(as_json, result.as_json(), result.table())
    if not result.reconciled:
        raise typer.Exit(1)


for command in (*looking.COMMANDS, upgrading.upgrade, *care_cli.COMMANDS):
    app.command()(command)


def main() -> None:
    """Run the command."""
    with told_in_one_line():
        app()


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """What a person can mend is one line, not a traceback; exit code 2."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    # The client tells of every attempt to connect; the relay says once that the wire is down, and why.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    try:
        yield
    # The second is the system's own: a folder that an `init` left which ended half way.
    except (CannotGoOn, FileExistsError) as error:
        typer.echo(str(error), err=True)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
