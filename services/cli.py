"""The `huiyin` command: make a network, run it, rehearse it, look at it, check it, rebuild it."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from services import admit_cli, care_cli, looking, proofs, revoke_cli, roles_cli, upgrading
from services.init_cli import init
from services.logs import LogForm, log_to_terminal
from services.one_line import told_in_one_line
from services.parked_cli import parked
from services.rehearsal import play
from services.serving import serve
from services.terminal import Data, Json, say
from shared import __version__
from shared.settings.names import is_address
from shared.settings.network import SettingsMissing, node_names, read_network, read_node
from shared.work.common.words import Tier

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
app.add_typer(parked, name="parked")
app.add_typer(proofs.app, name="proof")
app.command("check-promise")(proofs.check_promise)
app.command()(init)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"huiyin {__version__}")
        raise typer.Exit()


Version = Annotated[
    bool,
    typer.Option("--version", help="say which release this is", callback=_say_version, is_eager=True),
]


Log = Annotated[
    str,
    typer.Option("--log", envvar="HUIYIN_LOG", help="lines of the log: text for people, json for programs"),
]


@app.callback()
def common(version: Version = False, log: Log = LogForm.TEXT.value) -> None:
    """Make a network, run it, rehearse it, look at it, check it, rebuild it."""
    if log not in set(LogForm):
        raise SettingsMissing(f"--log: {log!r} is none of {', '.join(LogForm)}")
    log_to_terminal(LogForm(log))


Port = Annotated[int, typer.Option("--port", help="port of the pages")]
Address = Annotated[
    str, typer.Option("--address", help="address to listen on; loopback unless a proxy stands in front")
]

Metrics = Annotated[
    int | None,
    typer.Option("--metrics", help="port for /metrics on this machine's loopback address; none without it"),
]


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
    names = _of_tier(data, tier) if tier else node_names(data)
    serve(data, names, port=port, address=address, alone=False, metrics=metrics, standby=standby)


def _of_tier(data: Path, tier: str) -> list[str]:
    if tier not in set(Tier):
        raise SettingsMissing(f"--tier: {tier!r} is none of {', '.join(Tier)}")
    names = [name for name in node_names(data) if read_node(data, name).tier == tier]
    if not names:
        raise SettingsMissing(f"{data}: no node of the tier {tier} is here")
    return names


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
    if days < 1:
        raise SettingsMissing("--days: a rehearsal has a day at least")
    if wrong := [one for one in url or [] if not is_address(one)]:
        raise SettingsMissing(
            f"--url: no address of a host such as http://127.0.0.1:8650: {', '.join(wrong)}"
        )
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


_COMMANDS = (
    *(*looking.COMMANDS, upgrading.upgrade, *care_cli.COMMANDS, *roles_cli.COMMANDS),
    *(*admit_cli.COMMANDS, *revoke_cli.COMMANDS),
)
for command in _COMMANDS:
    app.command()(command)


def main() -> None:
    """Run the command."""
    with told_in_one_line():
        app()


if __name__ == "__main__":
    main()
