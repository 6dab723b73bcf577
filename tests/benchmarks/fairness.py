"""Another village's delay while one catches up, against the same when nobody does.

Ours: a village with N facts to catch up comes back to its line, as a process of its own, on the
topic that the measured village writes to as well; each run ends before it has caught up, and the next
goes on from there. The yardstick is the same measurement while it is away. The delay is from an order's
answer until the county knows the fact, on PostgreSQL and Apache Kafka; its median, since the machine has
other things to do now and then.
"""

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import monotonic, sleep
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select

from shared.event_log.tables import JOURNAL
from shared.node.node import Node
from shared.orders.giving import hand_in
from shared.process.host import Host
from shared.transport.kafka.wire import KafkaWire
from shared.work.common.words import MatterClass, Purpose
from shared.work.matters.orders.referring import AssessMatter
from tests.benchmarks.ground import Ground, chunks, filling, network_on, running_kafka
from tests.benchmarks.race import Race
from tests.journeys.processes import Host as Process
from tests.parts.tiny_network import (
    ALONE,
    VILLAGE_1,
    VILLAGE_2,
    TinyNetwork,
    matter,
)
from tests.transport.wire_tools import until

LEAST = 60_000
"""Least facts to catch up, so that all runs together do not use them up. Unit: facts; recorded in a minute or two."""
ORDERS = 10
"""Orders that are measured in one run, one after the other. Unit: orders."""
LOOK_EVERY = 0.002
"""Time between two looks at the county. Unit: seconds."""
SILENCE = 1.0
"""Time without anything new after which nothing more is on the wire. Unit: seconds; a round takes a tenth of it."""


def fairness(ground: Ground) -> Iterator[Race]:
    """The race; its network incarnations as long as it is run, and all runs share one backlog."""
    backlog = max(ground.facts, LEAST)
    with running_kafka(ground.folder / "kafka-of-fairness") as kafka:
        tiny = network_on(ground, kafka, "fairness")
        make_backlog(tiny, backlog)
        others = [node.name for node in tiny.plan.nodes if node.name != ALONE]
        with tiny.host(*others, wire=KafkaWire(kafka)) as host:
            yield Race(
                "fairness",
                lambda: while_catching_up(tiny, host, backlog),
                lambda: delay_alone(tiny, host),
                "ms (median)",
                goal=1.5,
                lower=True,
                facts=backlog,
            )


def while_catching_up(tiny: TinyNetwork, host: Host, backlog: int) -> float:
    """The delay while the other village catches up; it leaves before it has done so."""
    held = held_of(host)
    with back_on_its_line(tiny, tiny.data.parent / "village.log"):
        until(lambda: held_of(host) > held)
        measured = delay(tiny, host)
        if held_of(host) >= backlog:
            raise RuntimeError(
                "the catch-up was over before all was measured; ask for more --facts or fewer --runs"
            )
    return measured


def delay_alone(tiny: TinyNetwork, host: Host) -> float:
    """The delay while the other village is away, once what it had sent is taken."""
    held = -1
    while held != (now := held_of(host)):
        held = now
        sleep(SILENCE)
    return delay(tiny, host)


def delay(tiny: TinyNetwork, host: Host) -> float:
    """The median time until the county knows what a village recorded. Unit: milliseconds."""
    village, county = host.nodes["villages-100"], host.nodes["county"]
    return median(one_delay(tiny, village, county) for _ in range(ORDERS)) * 1000


def one_delay(tiny: TinyNetwork, village: Node, county: Node) -> float:
    """Give an order, and wait until the county knows its fact. Unit: seconds."""
    fact = UUID(order(tiny, village, VILLAGE_1).result()["facts"][0])
    answered = monotonic()
    while not county.ask(lambda link: link.scalar(select(exists().where(JOURNAL.c.fact == fact)))):
        sleep(LOOK_EVERY)
    return monotonic() - answered


def order(tiny: TinyNetwork, node: Node, unit: str) -> "Future[dict[str, Any]]":
    """Hand in a registration."""
    return hand_in(node, tiny.clerk(unit), matter(tiny.units[unit]), key=None)


def make_backlog(tiny: TinyNetwork, backlog: int) -> None:
    """Record what is to be caught up, without a line."""
    (village,) = tiny.open(ALONE)
    case = UUID(order(tiny, village, VILLAGE_2).result()["case"])
    for versions in chunks(filling(backlog - 1)):
        for answer in [assess(tiny, village, case, version + 1) for version in versions]:
            answer.result()
    tiny.close(ALONE)


def assess(tiny: TinyNetwork, node: Node, case: UUID, version: int) -> "Future[dict[str, Any]]":
    """Hand in the next classification of a matter: the cheapest order there is."""
    said = AssessMatter(
        case=case, version=version, matter_class=MatterClass.HEALTH, purpose=Purpose.SUGGESTION
    )
    return hand_in(node, tiny.clerk(VILLAGE_2), said, key=None)


@contextmanager
def back_on_its_line(tiny: TinyNetwork, log: Path) -> Iterator[None]:
    """The village's process."""
    process = Process("node", "--data", tiny.data, "--name", ALONE, log=log).start()
    try:
        yield
    finally:
        process.end()


def held_of(host: Host) -> int:
    """How far the county holds what the village with the backlog recorded."""
    lane = host.nodes["county"].positions.source_routes.get((ALONE, 1, "up"))
    return lane.held if lane else 0
