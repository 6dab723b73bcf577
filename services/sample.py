"""The sample network: a real county on this machine, with a month of work played into it.

    python -m services.sample [--port N] [--data DIR] [--empty]

The pages are open from the first moment; the month is played from outside, by a process of its
own that signs in like everybody else. Stopped half way, the next start plays it to its end: the
same orders carry the same keys, so none is done twice.
"""

import csv
import secrets
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Annotated

import tomli_w
import typer

from services import founding
from services.cli import LOOK_EVERY, Port, stopping, told_in_one_line, wait_for
from services.running import running
from shared import data as packaged
from shared.accounts.store import SETUP
from shared.casework.calendar import day_of
from shared.node import Node
from shared.settings import NETWORK_FILE, node_names, read_node

TOP = Path(__file__).resolve().parents[1]
DAYS = 30
SEED = 1

PLAYED = "sample-month.toml"
"""Which month is played into the network, and whether it is done."""
ACCOUNTS = "sample-accounts.csv"
POSTS = (
    ("villages-100", "village", "information_officer", "村信息员"),
    ("town-100", "township", "director", "信访办主任"),
    ("county", "county", "petition_clerk", "信访干部"),
    ("county", "supervisor", "supervisor", "督查专员"),
)
"""Sample accounts: node, login, role, name; each at the first office of its node."""


@dataclass(frozen=True)
class SampleAccount:
    """A person to try the pages as."""

    office: str
    node: str
    login: str
    password: str


@dataclass(frozen=True)
class SampleMonth:
    """The month that belongs to this network."""

    until: date
    done: bool


def main(
    port: Port = 8650,
    data: Annotated[Path, typer.Option(help="folder of the network, made at the first start")] = TOP
    / "network",
    empty: Annotated[bool, typer.Option("--empty", help="do not play a month into it")] = False,
) -> None:
    """Start the sample network; make it at the first start."""
    if not (data / NETWORK_FILE).exists():
        _found(data)
    names = node_names(data)
    with stopping() as stop, running(data, names, port=port) as (_, web):
        _welcome(data, f"http://127.0.0.1:{web.port}", len(names))
        if not empty:
            _play_month(data, f"http://127.0.0.1:{web.port}", stop)
        wait_for(stop)
    typer.echo("Stopped. The network is kept; the same command starts it again.")


def _found(data: Path) -> None:
    lines = founding.read_divisions(packaged.path(packaged.COUNTY))
    plan = founding.plan_network(lines, packaged.rows(packaged.OFFICES), since=founding.SINCE_LIST)
    at = datetime.combine(founding.SINCE_LIST, datetime.min.time(), UTC)
    founding.found_network(data, plan, at=at, rehearsal=True)
    rows = [astuple(account) for account in _make_accounts(data, plan, at)]
    path = data / ACCOUNTS
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([tuple(SampleAccount.__dataclass_fields__), *rows])


def _make_accounts(data: Path, plan: founding.Plan, at: datetime) -> Iterator[SampleAccount]:
    for name, login, role, title in POSTS:
        unit, entry = next((unit, entry) for unit, entry in plan.entries if entry.node == name)
        password = secrets.token_urlsafe(9)
        node = Node(read_node(data, name))
        try:
            node.accounts.create(
                login, title, unit, role, by=SETUP, at=at, password=password, must_change=False
            )
        finally:
            node.stop()
        yield SampleAccount(entry.name, name, login, password)


def _welcome(data: Path, url: str, nodes: int) -> None:
    with (data / ACCOUNTS).open(encoding="utf-8", newline="") as file:
        accounts = [SampleAccount(**row) for row in csv.DictReader(file)]
    typer.echo(f"\nHuiyin sample network, {nodes} nodes in {data}\n\n    {url}/\n")
    for account in accounts:
        page = f"/n/{account.node}/"
        typer.echo(f"    {page:<18} {account.login:<12} {account.password:<14} {account.office}")
    typer.echo("\nPage, sign-in name, password, office. Stop with Ctrl-C.\n")


def _play_month(data: Path, url: str, stop: Event) -> None:
    """Play the month in a process of its own, so that the pages stay quick; a stop ends it."""
    month = _month(data)
    if month.done:
        return
    options = ["--data", str(data), "--days", str(DAYS), "--seed", str(SEED), "--until", str(month.until)]
    command = [sys.executable, "-m", "services.cli", "rehearse", *options, "--url", url]
    typer.echo(
        f"Playing the {DAYS} days until {month.until} into it; the pages are open meanwhile.", err=True
    )
    player = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    while player.poll() is None and not stop.wait(LOOK_EVERY):
        pass
    player.terminate()
    table, _ = player.communicate()
    if player.returncode == 0:
        _keep_month(data, SampleMonth(month.until, done=True))
    if not stop.is_set():
        typer.echo(table)


def _month(data: Path) -> SampleMonth:
    path = data / PLAYED
    if path.exists():
        return SampleMonth(**tomllib.loads(path.read_text()))
    month = SampleMonth(day_of(datetime.now(UTC)) - timedelta(days=1), done=False)
    _keep_month(data, month)
    return month


def _keep_month(data: Path, month: SampleMonth) -> None:
    (data / PLAYED).write_text(tomli_w.dumps(vars(month)))


if __name__ == "__main__":
    with told_in_one_line():
        typer.run(main)
