"""Making a network: keys of every node, its folder, the directory as facts of the county's log."""

import csv
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

import psycopg2
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from services import server_roles, unfinished
from services.divisions import Plan, PlannedNode
from services.free_place import ServerGone, clear, require_database
from services.nodes import open_node
from services.opening import open_wire
from services.unfinished import FIRST_PASSWORDS, Unfinished
from shared.accounts.store import SETUP
from shared.database.engines import dispose_all
from shared.database.progress import Progress, silent
from shared.event_log.node_keys import NodeKeys
from shared.event_log.order_context import OrderContext
from shared.event_log.schemas import write_schemas
from shared.settings.network import (
    CutOffs,
    Network,
    NodeSettings,
    schemas_of,
    write_network,
    write_node,
)
from shared.transport import topics
from shared.transport.wire import WireDown
from shared.work.common.actor import Actor
from shared.work.common.order_request import OrderRequest
from shared.work.common.words import Tier
from shared.work.directory.node_entry import NodeEntry
from shared.work.directory.unit import Unit

COUNTY_NODE = "county"


def found_network(
    data: Path,
    plan: Plan,
    *,
    at: datetime,
    rehearsal: bool = False,
    rehearsal_token: str = "",
    postgres: str | None = None,
    kafka: str | None = None,
    own_roles: bool = False,
    progress: Progress = silent,
) -> list[tuple[str, str, str]]:
    """Make topics, folders, keys, directory and first administrators; returns (node, login, password).

    At PostgreSQL with `own_roles` each node gets a role that may add facts to its schema, change none, and open no other.
    What a making leaves that ends half way is removed: now, or by the next. Errors: NetworkExists, ServerGone, MayMakeNoRoles.
    """
    clear(data)
    keys = {node.name: NodeKeys.make() for node in plan.nodes}
    network = Network(
        *(plan.name, COUNTY_NODE, keys[COUNTY_NODE].public_signing(), rehearsal, postgres, kafka, CutOffs()),
        rehearsal_token=rehearsal_token,
        schemas=schemas_of(plan.name),
    )
    if network.on_servers:
        _prepare_servers(data, plan, network)
    with _whole_or_nothing(data, network) as making:
        carried = _addresses(plan, network, making, own_roles)
        for node in plan.nodes:
            own = replace(network, postgres=carried.get(node.name, postgres))
            _make_folder(data, node, keys[node.name], own)
        write_schemas(data / "schemas")
        nodes = [_settings(data, node, network) for node in plan.nodes]
        _write_directory(nodes[0], plan, keys, at)
        first = list(_first_administrators(nodes, plan, at, must_change=not rehearsal, progress=progress))
        _give_rights(data, nodes, carried)
        _keep_first_passwords(data, first)
        together = carried.get(server_roles.TOGETHER)
        write_network(data, replace(network, postgres=together or postgres, together=bool(together)))
    return first


@contextmanager
def _whole_or_nothing(data: Path, network: Network) -> Iterator[Unfinished]:
    """Whatever ends the work half way leaves nothing behind, if the server lets it; else the next making removes it."""
    there = data.exists()
    making = unfinished.begin(data, network.name, network.postgres)
    try:
        yield making
    except BaseException:
        dispose_all()
        with suppress(SQLAlchemyError, psycopg2.Error, OSError):
            unfinished.remove(data, making)
            if not there:
                data.rmdir()
        raise
    unfinished.end(data)


def _addresses(plan: Plan, network: Network, making: Unfinished, own_roles: bool) -> dict[str, str]:
    """The schemas, and with roles of their own the address of each node and of all together; else nothing."""
    if not network.postgres:
        return {}
    names = [node.name for node in plan.nodes]
    server_roles.make_schemas(network.postgres, network.name, names, making.mark)
    if not own_roles:
        return {}
    schemas = {name: network.schemas + name.replace("-", "_") for name in names}
    return server_roles.make_roles(network.postgres, schemas, network.schemas, making.mark)


def _give_rights(data: Path, nodes: list[NodeSettings], carried: dict[str, str]) -> None:
    owner = nodes[0].network.postgres
    if carried and owner:
        roles = {node.schema or "": make_url(carried[node.name]).username or "" for node in nodes}
        server_roles.give_rights(owner, roles)
        server_roles.write_owner(data, owner)


def _settings(data: Path, node: PlannedNode, network: Network) -> NodeSettings:
    """A node as whoever makes the network opens it: with every right."""
    return NodeSettings(node.name, node.tier.value, node.area, data / "nodes" / node.name, network)


def topics_of(plan: Plan) -> list[str]:
    """Every topic that nodes of the plan write or read."""
    areas = sorted({node.area for node in plan.nodes if node.tier is Tier.VILLAGE})
    found: set[str] = set()
    for node in plan.nodes:
        place = {"tier": node.tier, "area": node.area}
        found.update(topics.topics_written_by(plan.name, **place))
        found.update(topics.topics_read_by(plan.name, node.name, **place, village_areas=areas))
    return sorted(found)


def _prepare_servers(data: Path, plan: Plan, network: Network) -> None:
    """Make the topics, and see that the database answers, before anything is left on this disk."""
    require_database(network.postgres or "")
    wire = open_wire(data, network)
    try:
        wire.ensure_topics(topics_of(plan))
    except WireDown as error:
        raise ServerGone(server=f"Kafka {network.kafka}", reason=error) from error
    finally:
        wire.close()


def _make_folder(data: Path, node: PlannedNode, keys: NodeKeys, network: Network) -> None:
    folder = data / "nodes" / node.name
    folder.mkdir(parents=True, mode=0o700)
    write_node(folder, node.name, node.tier.value, node.area)
    keys.save(folder / "keys.json")
    write_network(folder, network)


def _write_directory(county: NodeSettings, plan: Plan, keys: dict[str, NodeKeys], at: datetime) -> None:
    node = open_node(county)
    node.start()
    founder = _founder(plan.root())
    try:
        node.change(OrderRequest(founder, at, lambda context: _admit_all(context, plan, keys))).result()
        node.change(OrderRequest(founder, at, lambda context: _open_all(context, plan))).result()
    finally:
        node.stop()


def _founder(root: UUID) -> Actor:
    return Actor(account="founding", unit=root, role="administrator", name="founding")


def _admit_all(context: OrderContext, plan: Plan, keys: dict[str, NodeKeys]) -> None:
    for node in plan.nodes:
        context.add(
            NodeEntry.admit(
                county=plan.root(),
                name=node.name,
                tier=node.tier,
                area=node.area,
                signing_key=keys[node.name].public_signing(),
                receiving_key=keys[node.name].public_receiving(),
                at=context.at,
            )
        )


def _open_all(context: OrderContext, plan: Plan) -> None:
    for unit, entry in plan.entries:
        context.add(Unit.open(unit_id=unit, county=plan.root(), entry=entry, at=context.at))


def _first_administrators(
    nodes: list[NodeSettings], plan: Plan, at: datetime, *, must_change: bool, progress: Progress
) -> Iterator[tuple[str, str, str]]:
    for number, (settings, node) in enumerate(zip(nodes, plan.nodes, strict=True)):
        progress(f"{plan.name}: nodes", number, len(nodes))
        yield _first_administrator(settings, _first_unit(plan, node), at, must_change)
    progress(f"{plan.name}: nodes", len(nodes), len(nodes))


def _first_administrator(
    settings: NodeSettings, unit: UUID, at: datetime, must_change: bool
) -> tuple[str, str, str]:
    made, password = open_node(settings), secrets.token_urlsafe(12)
    try:
        made.accounts.create(
            *("admin", "Administrator", unit, "administrator"),
            by=SETUP,
            at=at,
            password=password,
            must_change=must_change,
        )
    finally:
        made.stop()
    return settings.name, "admin", password


def _first_unit(plan: Plan, node: PlannedNode) -> UUID:
    kept = [unit for unit, entry in plan.entries if entry.node == node.name]
    if node.tier is Tier.VILLAGE:
        parents = [entry.parent for _, entry in plan.entries if entry.node == node.name]
        return parents[0] or kept[0]
    return kept[0]


def _keep_first_passwords(data: Path, first: list[tuple[str, str, str]]) -> None:
    path = data / FIRST_PASSWORDS
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("node", "login", "password"), *first])
