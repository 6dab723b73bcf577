"""Making a network: keys of every node, its folder, the directory as facts of the county's log."""

import csv
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from services.nodes import open_node
from services.opening import open_wire
from shared.database.engines import database_trouble
from shared.event_log.node_keys import NodeKeys
from shared.event_log.order_context import Desk
from shared.event_log.schemas import write_schemas
from shared.settings.network import NETWORK_FILE, CutOffs, Network, read_node, write_network, write_node
from shared.transport import topics
from shared.transport.wire import WireDown
from shared.work.common.actor import Actor
from shared.work.common.fact import derived_id
from shared.work.common.order_request import OrderRequest
from shared.work.common.refusals import Refusal
from shared.work.common.words import Tier, UnitKind
from shared.work.directory.unit import NodeEntry, Unit, UnitEntry

SINCE_LIST = date(2023, 6, 30)
"""The day of the statistics bureau's list that the packaged county comes from."""

_RESIDENTS_BELOW = 200
"""Village codes 001 to 199 are residents' committees (communities), the rest villagers' committees."""

FIRST_PASSWORDS = "first-passwords.csv"


class WrongDivisions(Refusal):
    """The divisions file cannot be used."""

    code = "wrong-divisions"
    sentence = "The divisions file cannot be used: %(reason)s. See the columns in shared/data/README.md."
    status = 422


class ServerGone(Refusal):
    """A server that the network is to stand on does not answer."""

    code = "server-gone"
    sentence = "%(server)s does not answer (%(reason)s). Nothing was made; start it and try again."
    status = 503


@dataclass(frozen=True)
class Division:
    """One line of a divisions file."""

    code: str
    level: int
    name: str
    pinyin: str
    parent: str


@dataclass(frozen=True)
class PlannedNode:
    """A node that is to be made, and the units it keeps."""

    name: str
    tier: Tier
    area: str


@dataclass(frozen=True)
class Plan:
    """What a network is to consist of: nodes and directory entries, parents before children."""

    name: str
    nodes: tuple[PlannedNode, ...]
    entries: tuple[tuple[UUID, UnitEntry], ...]

    def root(self) -> UUID:
        """The county bureau."""
        return self.entries[0][0]


def read_divisions(path: Path) -> list[Division]:
    """Read a divisions file. Errors: WrongDivisions."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [
                Division(
                    row["code12"], int(row["level"]), row["name_zh"], row["name_pinyin"], row["parent_code12"]
                )
                for row in csv.DictReader(file)
            ]
    except (OSError, KeyError, ValueError, UnicodeDecodeError) as error:
        raise WrongDivisions(reason=f"{type(error).__name__}: {error}") from error
    if len([line for line in lines if line.level == 3]) != 1:
        raise WrongDivisions(reason="it must hold exactly one county (level 3)")
    return lines


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file by column name. Errors: WrongDivisions."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise WrongDivisions(reason=f"{type(error).__name__}: {error}") from error


def plan_network(
    lines: Sequence[Division],
    offices: Iterable[dict[str, str]],
    *,
    since: date,
    own_nodes: Sequence[str] = (),
) -> Plan:
    """The nodes and units of a county; villages in `own_nodes` (codes) get a node of their own."""
    county = next(line for line in lines if line.level == 3)
    network = f"huiyin-{county.code[:6]}"
    bureau, *departments = list(offices)
    make = _EntryMaker(network, since)
    root = make.entry(
        county.code,
        f"{county.name}{bureau['name_zh'].removeprefix('县')}",
        bureau["name_en"],
        UnitKind.COUNTY,
        None,
        "county",
    )
    for running, office in enumerate(departments, start=1):
        code = f"{county.code[:6]}000{running:03d}"
        make.entry(
            code,
            f"{county.name}{office['name_zh'].removeprefix('县')}",
            office["name_en"],
            UnitKind.DEPARTMENT,
            root,
            "county",
        )
    nodes = [PlannedNode("county", Tier.COUNTY, county.code[:6])]
    for town in (line for line in lines if line.level == 4):
        nodes += _plan_town(make, root, town, [line for line in lines if line.parent == town.code], own_nodes)
    return Plan(network, tuple(nodes), tuple(make.entries))


def _plan_town(
    make: "_EntryMaker", root: UUID, town: Division, villages: list[Division], own_nodes: Sequence[str]
) -> list[PlannedNode]:
    area, short = town.code[:9], town.code[6:9]
    parent = make.entry(town.code, town.name, _latin(town.pinyin), UnitKind.TOWNSHIP, root, f"town-{short}")
    nodes = [PlannedNode(f"town-{short}", Tier.TOWNSHIP, area)]
    if villages:
        nodes.append(PlannedNode(f"villages-{short}", Tier.VILLAGE, area))
    for village in villages:
        node = f"villages-{short}"
        if village.code in own_nodes:
            node = f"village-{short}-{village.code[9:12]}"
            nodes.append(PlannedNode(node, Tier.VILLAGE, area))
        community = int(village.code[9:12]) < _RESIDENTS_BELOW
        kind = UnitKind.COMMUNITY if community else UnitKind.VILLAGE
        make.entry(village.code, village.name, _latin(village.pinyin), kind, parent, node)
    return nodes


class _EntryMaker:
    def __init__(self, network: str, since: date) -> None:
        self._network = network
        self._since = since
        self.entries: list[tuple[UUID, UnitEntry]] = []

    def entry(
        self, code: str, name: str, name_en: str, kind: UnitKind, parent: UUID | None, node: str
    ) -> UUID:
        unit = derived_id("unit", self._network, code)
        made = UnitEntry(
            code=code,
            mark=code[6:12],
            name=name,
            name_en=name_en,
            kind=kind,
            parent=parent,
            node=node,
            contact="",
            since=self._since,
        )
        self.entries.append((unit, made))
        return unit


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

    Errors: FileExistsError when there is a network already, ServerGone.
    """
    if (data / NETWORK_FILE).exists():
        raise FileExistsError(f"{data} already holds a network")
    keys = {node.name: NodeKeys.make() for node in plan.nodes}
    network = Network(
        plan.name, "county", keys["county"].public_signing(), rehearsal, postgres, kafka, CutOffs()
    )
    if network.on_servers:
        _prepare_servers(data, plan, network)
        progress("topics")
    data.mkdir(parents=True, exist_ok=True)
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
        node.change(OrderRequest(founder, at, lambda desk: _admit_all(desk, plan, keys))).result()
        node.change(OrderRequest(founder, at, lambda desk: _open_all(desk, plan))).result()
    finally:
        node.stop()


def _founder(root: UUID) -> Actor:
    return Actor(account="founding", unit=root, role="administrator", name="founding")


def _admit_all(desk: Desk, plan: Plan, keys: dict[str, NodeKeys]) -> None:
    for node in plan.nodes:
        desk.add(
            NodeEntry.admit(
                county=plan.root(),
                name=node.name,
                tier=node.tier,
                area=node.area,
                signing_key=keys[node.name].public_signing(),
                receiving_key=keys[node.name].public_receiving(),
                at=desk.at,
            )
        )


def _open_all(desk: Desk, plan: Plan) -> None:
    for unit, entry in plan.entries:
        desk.add(Unit.open(unit_id=unit, county=plan.root(), entry=entry, at=desk.at))


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


def _latin(pinyin: str) -> str:
    return " ".join(part.capitalize() for part in pinyin.split())
