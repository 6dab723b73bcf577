"""`huiyin parked`: the messages that the nodes of this folder could not take; looked at also while the nodes run."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from services.terminal import Data, Json, each_node, say
from shared.database.migrations.refusals import UpgradeNeeded
from shared.node.node import Node
from shared.settings.network import node_names
from shared.transport.parked_messages import ParkedMessage
from shared.web.languages.labels import LABELS

parked = typer.Typer(
    no_args_is_help=True,
    help="Messages that could not be taken: list and show, also while nodes run; retry and discard when they do not.",
)

Name = Annotated[str, typer.Option("--name", help="name of the node")]
Message = Annotated[UUID, typer.Argument(help="id of the message, as `list` says it")]
ALL = 1_000_000
"""More messages than a list has to show. Unit: messages."""


@parked.command("list")
def list_(
    data: Data,
    name: Annotated[str | None, typer.Option(help="only this node")] = None,
    discarded: Annotated[bool, typer.Option("--discarded", help="those that somebody gave up")] = False,
    as_json: Json = False,
) -> None:
    """What is parked, with the reason and what to do."""
    rows: list[dict[str, Any]] = []
    for node in _seen(data, name):
        listed = node.parked.discarded if discarded else node.parked.listed
        rows += [{"node": node.name} | vars(row) | _words(row.reason) for row in listed(limit=ALL)]
    say(as_json, rows, "\n".join(map(_line, rows)) or "nothing")


@parked.command()
def show(data: Data, name: Name, message: Message, as_json: Json = False) -> None:
    """One message with all that came."""
    with contextmanager(_seen)(data, name) as node:
        found = node.parked.find(message)
    shown = {"node": name} | vars(found.row) | _words(found.row.reason) | {"headers": found.headers}
    say(as_json, shown | {"value_hex": found.value.hex()}, _paper(shown, found))


@parked.command()
def retry(data: Data, name: Name, message: Message, as_json: Json = False) -> None:
    """Try to take a message in; exit code 1 when it stays parked."""
    with _open(data, name) as node:
        node.log.start()
        taken = node.parked.retry(message)
    say(as_json, {"id": message, "taken": taken}, "taken in" if taken else "it still cannot be taken")
    if not taken:
        raise typer.Exit(1)


@parked.command()
def discard(
    data: Data,
    name: Name,
    message: Message,
    reason: Annotated[str, typer.Option(help="why; it is kept with the message")],
    as_json: Json = False,
) -> None:
    """Give a message up; it is kept with who did it, when and why."""
    by = f"{getpass.getuser()} (command)"
    with _open(data, name) as node:
        node.log.start()
        node.parked.discard(message, by=by, why=reason)
    say(as_json, {"id": message, "discarded_by": by}, "discarded")


@contextmanager
def _open(data: Path, name: str) -> Iterator[Node]:
    yield from each_node(data, name)


def _seen(data: Path, name: str | None) -> Iterator[Node]:
    """Each node beside whoever runs it; one of an earlier release's tables, which nobody can be running, is upgraded first."""
    for one in [name] if name else node_names(data):
        try:
            yield from each_node(data, one, upgrading=False)
        except UpgradeNeeded:
            yield from each_node(data, one)


def _words(reason: str) -> dict[str, str]:
    return {"what": LABELS["ParkedReason"][reason], "advice": LABELS["ParkedAdvice"][reason]}


def _line(row: dict[str, Any]) -> str:
    what = f"{row['id']}  {row['node']}: {row['what']}, from {row['source']}, since {row['parked_at']}"
    if "why" in row:
        return f"{what}\n  discarded by {row['discarded_by']} at {row['discarded_at']}: {row['why']}"
    return f"{what}\n  {row['advice']}"


def _paper(shown: dict[str, Any], found: ParkedMessage) -> str:
    headers = "\n".join(f"  {name}: {value}" for name, value in sorted(found.headers.items()))
    content = found.text if found.text is not None else found.value.hex(" ")
    return f"{_line(shown)}\n  {shown['detail']}\n{headers}\n\n{content}"
