"""The sample network: a real county on this machine, with a month of work played into it.

    python -m services.sample [--port N] [--data DIR] [--empty] [--open]

The pages are open from the first moment; the month is played from outside, by a process of its
own that signs in like everybody else. Stopped half way, the next start plays it to its end: the
same orders carry the same keys, so none is done twice.
"""

import csv
import secrets
import shlex
import subprocess
import sys
import tomllib
import webbrowser
from dataclasses import astuple, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Annotated

import tomli_w
import typer

from services import founding
from services.cli import Port, told_in_one_line
from services.division_file import read_divisions
from services.divisions import SINCE_LIST, plan_network
from services.running import running
from services.serving import wait_for
from services.terminal import LOOK_EVERY, open_telling, stopping
from shared import data as packaged
from shared.accounts.store import SETUP
from shared.process.host import Host
from shared.settings.clock import new_rehearsal_token
from shared.settings.network import NETWORK_FILE, SettingsMissing, node_names, read_network
from shared.work.common.calendar import day_of
from shared.work.common.unit_info import UnitInfo

TOP = Path(__file__).resolve().parents[1]
NETWORK = TOP / "network"
"""Where the sample is kept unless another folder is named; `deploy/huiyin` looks there too."""
HUIYIN = TOP / "deploy" / "huiyin"
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
    data: Annotated[Path, typer.Option(help="folder of the network, made at the first start")] = NETWORK,
    empty: Annotated[bool, typer.Option("--empty", help="do not play a month into it")] = False,
    show: Annotated[bool, typer.Option("--open", help="open the pages in a browser")] = False,
) -> None:
    """Start the sample network; make it at the first start."""
    if not (data / NETWORK_FILE).exists():
        _found(data)
    if not read_network(data).rehearsal:
        raise SettingsMissing(f"{data} holds a real network; choose another folder with --data")
    names = node_names(data)
    with stopping() as stop, running(data, names, port=port, opening=open_telling) as (host, web):
        accounts = _hire(data, host)
        url = f"http://127.0.0.1:{web.port}"
        _welcome(accounts, data, url, len(names))
        if show and not webbrowser.open(url):
            typer.echo("There is no browser here that could be opened.", err=True)
        if not empty:
            _play_month(data, url, stop)
        wait_for(stop, host)
    typer.echo("Stopped. The network is kept; the same command starts it again.")


def _found(data: Path) -> None:
    lines = read_divisions(packaged.path(packaged.COUNTY))
    plan = plan_network(lines, packaged.rows(packaged.OFFICES), since=SINCE_LIST)
    at = datetime.combine(SINCE_LIST, datetime.min.time(), UTC)
    token = new_rehearsal_token()
    founding.found_network(data, plan, at=at, rehearsal=True, rehearsal_token=token)


def _hire(data: Path, host: Host) -> list[SampleAccount]:
    """The sample accounts; those that a first start did not come to make are made now.

    Passwords are written down before the accounts are made: the other way round, a start that was
    cut off would leave accounts that nobody can open.
    """
    path = data / ACCOUNTS
    if not path.exists():
        _write_down(path, [_account(host, *post) for post in POSTS])
    with path.open(encoding="utf-8", newline="") as file:
        hired = [SampleAccount(**row) for row in csv.DictReader(file)]
    for account, (_, _, role, title) in zip(hired, POSTS, strict=True):
        _make(host, account, role, title)
    return hired


def _account(host: Host, name: str, login: str, role: str, title: str) -> SampleAccount:
    return SampleAccount(_first_office(host, name).name, name, login, secrets.token_urlsafe(9))


def _first_office(host: Host, name: str) -> UnitInfo:
    """The first office of a node, as the county knows it: the others have yet to hear of themselves."""
    return min(host.nodes["county"].directory.hosted_by(name), key=lambda unit: unit.code)


def _write_down(path: Path, accounts: list[SampleAccount]) -> None:
    part = path.with_suffix(".part")
    part.touch(mode=0o600)
    with part.open("w", encoding="utf-8", newline="") as file:
        rows = [astuple(account) for account in accounts]
        csv.writer(file).writerows([tuple(SampleAccount.__dataclass_fields__), *rows])
    part.replace(path)


def _make(host: Host, account: SampleAccount, role: str, title: str) -> None:
    accounts = host.nodes[account.node].accounts
    if accounts.find(account.login) is None:
        accounts.create(
            account.login,
            title,
            _first_office(host, account.node).unit,
            role,
            by=SETUP,
            at=datetime.now(UTC),
            password=account.password,
            must_change=False,
        )


def _welcome(accounts: list[SampleAccount], data: Path, url: str, nodes: int) -> None:
    typer.echo(f"\nHuiyin sample network, {nodes} nodes in {data}\n\n    {url}/\n")
    for account in accounts:
        page = f"/n/{account.node}/"
        typer.echo(f"    {page:<18} {account.login:<12} {account.password:<14} {account.office}")
    elsewhere = "" if data == NETWORK else f" --data {shlex.quote(str(data.resolve()))}"
    typer.echo(
        "\nPage, sign-in name, password, office.\n"
        f"Once it is stopped, the huiyin command works on it: {HUIYIN} verify{elsewhere}\n"
        "Stop with Ctrl-C.\n"
    )


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
