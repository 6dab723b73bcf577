"""Commands about roles at PostgreSQL: one for each node of a folder, and the rights of one that somebody made by hand."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import make_url

from services import server_roles
from services.server_roles import TOGETHER
from services.terminal import Data, Json, say
from shared.event_log import grants as rights
from shared.settings.names import wrong_with_postgres
from shared.settings.network import (
    NETWORK_FILE,
    Network,
    NodeSettings,
    SettingsMissing,
    node_names,
    read_network,
    read_node,
    write_network,
)

Name = Annotated[str, typer.Option(help="name of the node")]
Owner = Annotated[
    str | None,
    typer.Option(
        "--postgres", help="address for the owner of the schemas; the one that the folder has without it"
    ),
]


def roles(data: Data, owner: Owner = None, as_json: Json = False) -> None:
    """Give each node a role of its own at PostgreSQL, as `init` does, or make those again that a new server lacks.

    A role may add facts to its node's schema, change none of them, and open no other schema.
    """
    network = read_network(data)
    owner = _owner(data, network, owner)
    nodes = [read_node(data, name) for name in node_names(data)]
    addresses = _addresses(network, nodes, owner)
    server_roles.require_roles(owner, addresses)
    there = set(server_roles.all_schemas(owner))
    of_schemas = {node.schema or "": str(make_url(addresses[node.name]).username) for node in nodes}
    server_roles.give_rights(owner, {schema: role for schema, role in of_schemas.items() if schema in there})
    _write_down(data, network, nodes, addresses, owner)
    say(
        as_json,
        {"nodes": {node.name: of_schemas[node.schema or ""] for node in nodes}},
        f"{len(nodes)} nodes have a role of their own, with its address in DIR/nodes/NAME/{NETWORK_FILE}; carry that file to "
        "the computers of nodes that run elsewhere, and start all nodes anew",
    )


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


COMMANDS = (roles, grants)


def _owner(data: Path, network: Network, given: str | None) -> str:
    if not network.postgres:
        raise SettingsMissing(f"{data}: the nodes keep files; only PostgreSQL has roles")
    found = given or server_roles.read_owner(data) or (None if network.together else network.postgres)
    if found is None:
        raise SettingsMissing(
            f"{data}: the owner of the schemas is not known here; give its address with --postgres"
        )
    if wrong := wrong_with_postgres(found):
        raise SettingsMissing(f"--postgres: {wrong}")
    return found


def _addresses(network: Network, nodes: list[NodeSettings], owner: str) -> dict[str, str]:
    """The address of every node and of all together: at the owner's server, with the roles that the files name."""
    mark = server_roles.new_mark()
    if not network.together:
        made = {node.name: server_roles.new_address(owner, f"{node.schema}_{mark}") for node in nodes}
        return made | {TOGETHER: server_roles.new_address(owner, f"{network.schemas}{TOGETHER}_{mark}")}
    kept = {node.name: read_network(node.folder).postgres or "" for node in nodes}
    return {
        name: _moved(address, owner) for name, address in (kept | {TOGETHER: network.postgres or ""}).items()
    }


def _moved(address: str, owner: str) -> str:
    role = make_url(address)
    moved = make_url(owner).set(username=role.username, password=role.password)
    return moved.render_as_string(hide_password=False)


def _write_down(
    data: Path, network: Network, nodes: list[NodeSettings], addresses: dict[str, str], owner: str
) -> None:
    server_roles.write_owner(data, owner)
    for node in nodes:
        own = read_network(node.folder) if (node.folder / NETWORK_FILE).exists() else node.network
        write_network(node.folder, replace(own, postgres=addresses[node.name], together=False))
    write_network(data, replace(network, postgres=addresses[TOGETHER], together=True))
