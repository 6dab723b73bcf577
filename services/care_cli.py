"""Commands for the care of one node: take back what it had sent, make an administrator, print a role's grants."""

from dataclasses import asdict
from functools import partial
from typing import Annotated
from uuid import UUID

import typer

from services import restoring
from services.opening import open_host
from services.terminal import Data, Json, each_node, say, stopping
from shared.event_log import grants as rights
from shared.node.node import Node
from shared.settings.network import SettingsMissing, node_names, read_node
from shared.work.common.words import Tier

Name = Annotated[str, typer.Option(help="name of the node")]


def restore(
    data: Data,
    name: Name,
    ask: Annotated[
        list[str] | None,
        typer.Option(
            help="name of a node that runs, when none is known here; those of this folder without it"
        ),
    ] = None,
    go_on: Annotated[
        bool,
        typer.Option("--go-on", help="do not wait for nodes that do not answer; what only they hold is lost"),
    ] = False,
    as_json: Json = False,
) -> None:
    """Let a node whose database was put back, or is empty, take back what it had sent; before it is started."""
    with stopping() as stop:
        opened = partial(open_host, data, node_names(data), restoring=name)
        made = restoring.restore(opened, name, ask=ask or node_names(data), go_on=go_on, stop=stop)
    say(as_json, asdict(made), restoring.told(made))


def administrator(data: Data, name: Name) -> None:
    """A first administrator for a node that has none, since accounts come back with a backup only."""
    for one in each_node(data, name):
        made = one.accounts.create_first_administrator(
            "admin", "Administrator", _office_of(one), at=one.now()
        )
        typer.echo(f"admin / {made.temporary_password}")


def _office_of(node: Node) -> UUID:
    """The office that administers a node: its own, or the township of the villages that it keeps."""
    kept = node.units()
    if not kept:
        raise SettingsMissing(f"{node.name} does not know its office yet: finish `huiyin restore` first")
    first = kept[0]
    return first.parent if node.settings.tier == Tier.VILLAGE and first.parent else first.unit


def grants(
    data: Data,
    name: Name,
    role: Annotated[str, typer.Option(help="role at PostgreSQL that is to run it")],
) -> None:
    """SQL that lets a role run a node and change or delete no fact; for psql, as the owner of the schema."""
    schema = read_node(data, name).schema
    if schema is None:
        raise SettingsMissing(f"{name} keeps a file; only PostgreSQL has roles")
    typer.echo("\n".join(rights.grants(schema, role)))


COMMANDS = (restore, administrator, grants)
