"""Making a network: keys of every node, its folder, the directory as facts of the county's log."""

import csv
import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

from services.divisions import Plan, PlannedNode
from services.nodes import open_node
from services.opening import open_wire
from shared.database.engines import database_trouble
from shared.event_log.node_keys import NodeKeys
from shared.event_log.order_context import OrderContext
from shared.event_log.schemas import write_schemas
from shared.settings.network import NETWORK_FILE, CutOffs, Network, read_node, write_network, write_node
from shared.transport import topics
from shared.transport.wire import WireDown
from shared.work.common.actor import Actor
from shared.work.common.cannot_go_on import CannotGoOn
from shared.work.common.order_request import OrderRequest
from shared.work.common.refusals import Kind, Refusal
from shared.work.common.words import Tier
from shared.work.directory.unit import NodeEntry, Unit

FIRST_PASSWORDS = "first-passwords.csv"


class NetworkExists(CannotGoOn):
    """There is a network in the folder already; none is made over it."""

    code = "network-exists"


class ServerGone(Refusal):
    """A server that the network is to stand on does not answer."""

    code = "server-gone"
    sentence = "%(server)s does not answer (%(reason)s). Nothing was made; start it and try again."
    kind = Kind.NOT_AT_THE_MOMENT


def found_network(
    data: Path,
    plan: Plan,
    *,
    at: datetime,
    rehearsal: bool = False,
    postgres: str | None = None,
    kafka: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> list[tuple[str, str, str]]:
    """Make topics, folders, keys, directory and first administrators; returns (node, login, password).

    Errors: NetworkExists, ServerGone.
    """
    if (data / NETWORK_FILE).exists():
        raise NetworkExists(f"{data} already holds a network")
    keys = {node.name: NodeKeys.make() for node in plan.nodes}
    network = Network(
        plan.name, "county", keys["county"].public_signing(), rehearsal, postgres, kafka, CutOffs()
    )
    if network.on_servers:
        _prepare_servers(data, plan, network)
        progress("topics")
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    for node in plan.nodes:
        _make_folder(data, node, keys[node.name], network)
    write_schemas(data / "schemas")
    progress("keys")
    write_network(data, network)
    _write_directory(data, plan, keys, at)
    progress("directory")
    first = [_first_administrator(data, plan, node, at, must_change=not rehearsal) for node in plan.nodes]
    _keep_first_passwords(data, first)
    progress("administrators")
    return first


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
    trouble = database_trouble(network.postgres or "")
    if trouble:
        raise ServerGone(server="PostgreSQL", reason=trouble)
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


def _write_directory(data: Path, plan: Plan, keys: dict[str, NodeKeys], at: datetime) -> None:
    node = open_node(read_node(data, "county"))
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


def _first_administrator(
    data: Path, plan: Plan, node: PlannedNode, at: datetime, *, must_change: bool
) -> tuple[str, str, str]:
    made = open_node(read_node(data, node.name))
    try:
        unit = _first_unit(plan, node)
        password = secrets.token_urlsafe(12)
        made.accounts.create(
            "admin",
            "Administrator",
            unit,
            "administrator",
            by="setup",
            at=at,
            password=password,
            must_change=must_change,
        )
    finally:
        made.stop()
    return node.name, "admin", password


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
