"""A county of two townships and three villages, founded once and copied for each test."""

import asyncio
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

from services.division_file import read_divisions
from services.divisions import Plan, plan_network
from services.founding import found_network
from services.nodes import open_node
from shared.accounts.people import Person
from shared.database.engines import dispose_all
from shared.event_log.writer import WriterPool
from shared.node.node import Node
from shared.orders.giving import give
from shared.orders.order import Order
from shared.process.host import Host
from shared.proof.checkpoint_service import CheckpointService
from shared.settings.clock import Clock
from shared.settings.network import Network, read_network, read_node, write_network
from shared.transport.local.wire import LocalWire
from shared.transport.wire import Wire
from shared.work.common.words import Channel, MatterClass, Purpose
from shared.work.matters.orders.petition_input import PetitionerInput
from shared.work.matters.orders.registering import RegisterMatter
from tests.transport.wire_tools import until

FOUNDED = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Monday 09:00 in Asia/Shanghai."""
COUNTY, TOWN_A, TOWN_B = "430321000000", "430321100000", "430321101000"
VILLAGE_1, VILLAGE_2, VILLAGE_3 = "430321100201", "430321100202", "430321101201"
DIVISIONS = f"""code12,level,kind,name_zh,name_pinyin,parent_code12
{COUNTY},3,county,湘潭县,xiang tan xian,430300000000
{TOWN_A},4,town,易俗河镇,yi su he zhen,{COUNTY}
{TOWN_B},4,town,谭家山镇,tan jia shan zhen,{COUNTY}
{VILLAGE_1},5,village,柳树沟村,liu shu gou cun,{TOWN_A}
{VILLAGE_2},5,village,石井村,shi jing cun,{TOWN_A}
{VILLAGE_3},5,village,水口村,shui kou cun,{TOWN_B}
"""
OFFICES = [{"name_zh": "县信访局", "name_en": "County petition bureau"}]
ALONE = "village-100-202"
"""The node of the village that has one of its own."""


WIRE = "wire.sqlite"


class ClockOfTests(Clock):
    """Shows the moment that it was set to."""

    def __init__(self, at: datetime = NINE) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def found(
    folder: Path,
    postgres: str | None = None,
    kafka: str | None = None,
    *,
    divisions: str = DIVISIONS,
    rehearsal: bool = False,
    own_nodes: Sequence[str] = (VILLAGE_2,),
) -> Plan:
    """Make the small county's network in a folder and let the directory reach every node."""
    file = folder.parent / f"{folder.name}.csv"
    file.write_text(divisions, encoding="utf-8")
    plan = plan_network(read_divisions(file), OFFICES, since=date(2026, 1, 1), own_nodes=[*own_nodes])
    found_network(folder, plan, at=FOUNDED, postgres=postgres, kafka=kafka, rehearsal=rehearsal)
    network = TinyNetwork(folder, plan, ClockOfTests())
    with ExitStack() as held:
        # How many checkpoints a founding comes to, and who has signed them, depends on the machine's pace.
        held.enter_context(patch.object(CheckpointService, "look", lambda _: None))
        host = held.enter_context(network.host())
        until(lambda: all(node.is_settled() for node in host.nodes.values()))
    (folder / WIRE).unlink()
    dispose_all()
    return plan


@dataclass
class TinyNetwork:
    """A copy of the founded network: opens its nodes, knows its units by code."""

    data: Path
    plan: Plan
    clock: Clock

    def __post_init__(self) -> None:
        self.units = {entry.code: unit for unit, entry in self.plan.entries}
        self.nodes: dict[str, Node] = {}

    def set_flow(self, **sizes: int) -> None:
        """Let nodes that are opened from now on have these back-pressure and batch sizes."""
        change_network(self.data, flow=replace(self.network().flow, **sizes))

    def open(self, *names: str) -> list[Node]:
        """Nodes that are started, with a writer's thread of their own."""
        for name in names:
            self.nodes[name] = open_node(read_node(self.data, name), clock=self.clock)
            self.nodes[name].start()
        return [self.nodes[name] for name in names]

    def open_all(self) -> "TinyNetwork":
        """Every node, started."""
        self.open(*(node.name for node in self.plan.nodes))
        return self

    @contextmanager
    def host(self, *names: str, wire: Wire | None = None) -> Iterator[Host]:
        """A running host of these nodes, or of all of them, on the file of the folder or another wire."""
        host = self.open_host(*names, wire=wire)
        host.start()
        try:
            yield host
        finally:
            host.stop()

    def open_host(self, *names: str, wire: Wire | None = None, restoring: str = "") -> Host:
        """A host of these nodes, or of all of them, that is not started yet."""
        crew = WriterPool(2)
        opened = {name: read_node(self.data, name) for name in names or [n.name for n in self.plan.nodes]}
        nodes = [
            open_node(settings, clock=self.clock, crew=crew, restoring=name == restoring)
            for name, settings in opened.items()
        ]
        return Host(nodes, wire or LocalWire(self.data / WIRE), crew)

    def close(self, *names: str) -> None:
        """Stop the nodes that are open, or some of them."""
        for name in names or tuple(self.nodes):
            self.nodes.pop(name).stop()

    def clerk(self, code: str, role: str = "petition_clerk") -> Person:
        """Somebody of a unit with every right that the role gives."""
        return Person(f"clerk-{code}", "clerk", "接待员", self.units[code], role, False)

    def give(
        self, node: Node, code: str, order: Order, *, role: str = "petition_clerk", key: str | None = None
    ) -> dict[str, Any]:
        """Give an order as an official of a unit and wait for its answer. Errors: any Refusal."""
        # In a thread of its own: a browser of other tests may keep a loop running in this one.
        with ThreadPoolExecutor(1) as thread:
            waits = give(node, self.clerk(code, role), order, key=key)
            return thread.submit(asyncio.run, waits).result()

    def register(self, node: Node, code: str, *, key: str | None = None, **changes: Any) -> UUID:
        """Register a matter at a unit; its case."""
        return UUID(self.give(node, code, matter(self.units[code], **changes), key=key)["case"])

    def network(self) -> Network:
        """The network's settings."""
        return read_network(self.data)


def matter(unit: UUID, **changes: Any) -> RegisterMatter:
    """A petition as entered at a unit."""
    said: dict[str, Any] = {
        "unit": unit,
        "channel": Channel.VISIT,
        "purpose": Purpose.SEEKING_DECISION,
        "matter_class": MatterClass.LAND,
        "received_on": date(2026, 1, 5),
        "persons": 1,
        "petitioners": [PetitionerInput(name="罗桂香", contact="13800000000")],
        "summary": "田埂被占",
        "request": "请归还田埂",
        "account": "去年秋天起田埂被占用",
    }
    return RegisterMatter(**said | changes)


def change_network(folder: Path, **changed: Any) -> None:
    """Change settings of a network, in its own file and in those that its nodes carry."""
    network = replace(read_network(folder), **changed)
    for place in (folder, *(folder / "nodes").iterdir()):
        write_network(place, network)


def copy_of(founded: Path, plan: Plan, folder: Path, postgres: str | None = None) -> Iterator[TinyNetwork]:
    """A copy that ends with the test; its nodes are stopped then."""
    shutil.copytree(founded, folder)
    if postgres:
        change_network(folder, postgres=postgres)
    network = TinyNetwork(folder, plan, ClockOfTests())
    yield network
    network.close()
    dispose_all()
