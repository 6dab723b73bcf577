"""What the benchmarks stand on: servers, a small network on both of them, and zero reports to fill it with."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TypeVar
from uuid import NAMESPACE_OID, UUID, uuid5

from shared.envelope import Envelope
from shared.event_log.group import Group
from shared.event_log.mapper import Cause, FactMapper
from shared.node.node import Node
from shared.process.host import Host
from shared.settings.clock import Clock
from shared.transport.kafka.wire import KafkaWire
from shared.work.reports.register import Waiting
from shared.work.reports.reporting_day import ReportingDay
from tests.parts.kafka import KafkaBroker
from tests.parts.postgres import database_on
from tests.parts.tiny_network import DIVISIONS, TOWN_A, TinyNetwork, found
from tests.work.reporting import LIFE, register, statement

VILLAGES = tuple(f"4303211003{number:02d}" for number in range(16))
"""Codes of villages that one node keeps beside the small county's own; a real township has about twenty."""
UNITS = 351
"""Units that report in turn where a log is filled. Unit: units; the villages of the real county."""
TOGETHER = 1_000
"""Facts or orders that are put into a log together while it is filled. Unit: facts; half of what a writer's queue takes."""
TOLD = 10
"""How often the filling of a log says how far it is. Unit: lines on standard error."""
T = TypeVar("T")


@dataclass(frozen=True)
class Ground:
    """Where a command's benchmarks run: PostgreSQL's address, a folder, and how many facts a long log holds.

    `kept` is the folder of counties that are kept for all runs, `matters` how many the old one has, `databases` those
    that its pages are asked on, `scale` the share of a county or country that files a day's reports.
    """

    server: str
    folder: Path
    facts: int
    kept: Path
    matters: int
    databases: tuple[str, ...]
    scale: float


@contextmanager
def running_kafka(folder: Path) -> Iterator[str]:
    """An Apache Kafka as long as it is needed; its address."""
    broker = KafkaBroker(folder, options=())  # what is measured runs as compiled as it can
    broker.start()
    try:
        yield broker.bootstrap
    finally:
        broker.kill()


def network_on(ground: Ground, kafka: str, name: str, *, rehearsal: bool = False) -> TinyNetwork:
    """The small county with `VILLAGES` more in its first township, in a database of its own."""
    more = "".join(f"{code},5,village,新村{code[-2:]},xin cun,{TOWN_A}\n" for code in VILLAGES)
    data = ground.folder / name
    database = database_on(ground.server, name)
    plan = found(data, database, kafka, divisions=DIVISIONS + more, rehearsal=rehearsal)
    return TinyNetwork(data, plan, Clock())


@contextmanager
def by_hand(tiny: TinyNetwork, kafka: str, name: str) -> Iterator[tuple[Host, Node]]:
    """A host of one node whose steps are called by hand: no thread relays or reads, so nothing else goes on."""
    host = tiny.open_host(name, wire=KafkaWire(kafka))
    host.start_nodes()
    try:
        yield host, host.nodes[name]
    finally:
        for node in host.nodes.values():
            node.stop()
        host.wire.close()


def zero_report(unit: UUID, day: date, at: datetime) -> ReportingDay:
    """A zero report of a unit that has not reported for the day yet: a fact of about 400 bytes."""
    return ReportingDay.file(
        unit=unit,
        day=day,
        said=statement(),
        register=register(),
        waiting=Waiting(),
        life=LIFE,
        today=day,
        at=at,
    )


@cache
def unit(number: int) -> UUID:
    """The id of one of the units that report where a log is filled."""
    return uuid5(NAMESPACE_OID, f"unit {number}")


def report(number: int) -> ReportingDay:
    """The zero report with this number, counted from 0: of all units for a day, then for the day before."""
    at = datetime.now(UTC) - timedelta(days=number // UNITS)
    return zero_report(unit(number % UNITS), at.date(), at)


def facts_of(source: str, count: int) -> Iterator[Envelope]:
    """Zero reports as another node recorded them, each once."""
    mapper = FactMapper(source, 1)
    for number in filling(count):
        filed = report(number)
        for fact in filed.collect_events():
            yield mapper.envelope(fact, filed.STREAM, Cause("clerk"))


def filling(count: int) -> Iterator[int]:
    """The numbers of what a log is filled with, from 0; that takes minutes when it is long, so lines say how far it is."""
    for number in range(count):
        yield number
        if (number + 1) * TOLD // count > number * TOLD // count:
            print(f"filled: {number + 1:,} of {count:,}", file=sys.stderr, flush=True)


def chunks(parts: Iterator[T]) -> Iterator[list[T]]:
    """Facts or orders in the portions in which they are put into a log."""
    while some := list(islice(parts, TOGETHER)):
        yield some


def receive(node: Node, facts: list[Envelope]) -> None:
    """Let a node take facts of another one, as its inbox does once they are checked."""

    def take(group: Group) -> None:
        for envelope in facts:
            group.receive(envelope, envelope.recorded)

    node.write(take)
