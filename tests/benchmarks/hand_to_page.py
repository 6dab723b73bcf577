"""From a village order's answer until the county's question shows it, against a raw Kafka round trip; p99.

Ours: one process runs the county, a township and a village on PostgreSQL and Apache Kafka, with all
its threads. Somebody files a zero report, and the county is asked for the unit's report of that day
until it is there. The yardstick is a message of the same size from a producer to a consumer
with our settings, read by a thread that does nothing else. Both sides rest between two orders, as offices do.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import count
from statistics import quantiles
from time import monotonic, sleep
from uuid import UUID, uuid4

from kafka import TopicPartition

from shared.process.host import Host
from shared.transport.kafka.clients import Clients
from shared.transport.kafka.wire import DEADLINE, KafkaWire
from shared.work.common.order_request import OrderRequest
from shared.work.reports.questions.reports import latest_report
from tests.benchmarks.append import CLERK
from tests.benchmarks.ground import Ground, network_on, running_kafka, zero_report
from tests.benchmarks.race import Race
from tests.parts.tiny_network import VILLAGE_1, TinyNetwork

ORDERS = 100
"""Orders that are measured in one run, one after the other. Unit: orders; the least that has a p99."""
REST = 0.1
"""Time between two orders. Unit: seconds; ten a second is what a county's villages send in their busiest minute."""
LOOK_EVERY = 0.001
"""Time between two looks at the county. Unit: seconds."""
TOPIC, SIZE = "bare-round-trip", 1_000
"""The yardstick's topic, and its messages' size. Unit: bytes; a fact of 400 bytes with its headers."""


def hand_to_page(ground: Ground) -> Iterator[Race]:
    """The race, in milliseconds."""
    with running_kafka(ground.folder / "kafka-of-hand-to-page") as kafka:
        tiny = network_on(ground, kafka, "hand_to_page")
        bare = Bare(kafka)
        names = ("county", "town-100", "villages-100")
        with tiny.host(*names, wire=KafkaWire(kafka)) as host:
            days = count()
            yield Race(
                "hand-to-page",
                lambda: p99(lambda: until_shown(tiny, host, next(days))),
                lambda: p99(bare.round_trip),
                "ms (p99)",
                goal=3,
                lower=True,
            )
        bare.close()


def p99(one: Callable[[], float]) -> float:
    """The time that one of a hundred exceeds. Unit: milliseconds."""
    return quantiles((_rested(one) for _ in range(ORDERS)), n=100, method="inclusive")[98] * 1000


def _rested(one: Callable[[], float]) -> float:
    sleep(REST)
    return one()


def until_shown(tiny: TinyNetwork, host: Host, number: int) -> float:
    """File a report, and wait until the county shows it. Unit: seconds."""
    village, county = host.nodes["villages-100"], host.nodes["county"]
    unit, day = tiny.units[VILLAGE_1], date(2026, 1, 1) - timedelta(days=number)
    village.log.change(_filing(unit, day, tiny)).result()
    answered = monotonic()
    while county.ask(latest_report, unit, day, as_of=county.now()) is None:
        sleep(LOOK_EVERY)
    return monotonic() - answered


def _filing(unit: UUID, day: date, tiny: TinyNetwork) -> OrderRequest:
    return OrderRequest(
        CLERK, tiny.clock.now(), lambda context: context.add(zero_report(unit, day, context.at))
    )


class Bare:
    """A producer and a consumer that read and write one topic."""

    def __init__(self, kafka: str) -> None:
        wire = KafkaWire(kafka)
        wire.ensure_topics([TOPIC])
        wire.close()
        clients = Clients(kafka, {}, DEADLINE)
        self._producer, self._consumer = clients.producer(), clients.consumer(DEADLINE)
        self._consumer.assign([TopicPartition(TOPIC, 0)])

    def round_trip(self) -> float:
        """Send a message and read it. Unit: seconds."""
        sent = uuid4().bytes
        begun = monotonic()
        self._producer.send(TOPIC, value=sent.ljust(SIZE, b"."), partition=0)
        while not self._came(sent):
            pass
        return monotonic() - begun

    def _came(self, sent: bytes) -> bool:
        found = self._consumer.poll(timeout_ms=500).values()
        return any(record.value.startswith(sent) for records in found for record in records)

    def close(self) -> None:
        """Let go of both."""
        self._producer.close(timeout=1)
        self._consumer.close(autocommit=False, timeout_ms=1_000)
