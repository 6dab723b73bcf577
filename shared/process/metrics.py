"""Numbers of one process for whoever watches machines, in Prometheus text; nothing about any matter or person.

Labels are names of nodes, routes, refusals' codes and reasons of parking, all of them words of ours. They are
served on a port of their own on the loopback address: decision 0010.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import Pool

from shared.database.engines import engine_for_reading, engine_for_writing
from shared.envelope import moment_of
from shared.node.node import Node
from shared.process.host import Host
from shared.transport.gaps import open_gaps
from shared.transport.outbox import receipt_moments

Value = tuple[str, tuple[str, ...], float]
"""A metric's name, the values of its labels, and its value."""

GAUGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "facts": ("Facts that the node knows, own and received", ("node",)),
    "database_up": ("Whether the node's database answered", ("node",)),
    "queue_length": ("Orders that wait for the node's writer", ("node",)),
    "route_last": ("Last number that departed on a route", ("node", "route")),
    "route_sent": ("Last number of a route that the wire took", ("node", "route")),
    "route_held": ("Last number that a holder says it holds", ("node", "route", "holder")),
    "receipt_age_seconds": (
        "Age of a holder's last receipt, by the holder's clock",
        ("node", "route", "holder"),
    ),
    "gaps": ("Routes of others of which numbers are missing", ("node",)),
    "holes": ("Gaps that stand still, and discarded facts", ("node",)),
    "parked": ("Messages that could not be taken", ("node", "reason")),
    "discarded": ("Messages that somebody gave up", ("node",)),
    "parked_refused": ("Messages that were not kept, so much is parked of whoever sent them", ("node",)),
    "log_signed": ("Facts in the last checkpoint of the node's log", ("node",)),
    "log_witnessed": ("Facts of the node's log that a witness has signed for", ("node", "witness")),
    "log_alarms": ("Logs that are not what was witnessed of them, as the node knows", ("node",)),
    "wire_up": ("Whether the wire answers", ()),
    "database_pool_used": ("Connections that are in use", ("pool",)),
    "database_pool_size": ("Connections that the pool keeps", ("pool",)),
}
"""Every gauge: what it says, and its labels."""

POOLS: dict[str, Callable[[Engine], Engine]] = {
    "reading": engine_for_reading,
    "writing": engine_for_writing,
    "transactions": lambda engine: engine,
}
"""A node's pools by what they are for. On one file all three are one, which is counted as the first."""


class HostMetrics(Collector):
    """Reads the numbers of a host when they are asked for."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def describe(self) -> Iterable[Metric]:
        """What `collect` will give, without asking any database."""
        return [_gauge(name) for name in GAUGES]

    def collect(self) -> Iterator[Metric]:
        """All metrics; a node whose database does not answer says only that."""
        nodes = list(self._host.nodes.values())
        gauges = {name: _gauge(name) for name in GAUGES}
        for name, labels, value in self._values(nodes):
            gauges[name].add_metric(labels, value)
        yield from gauges.values()
        yield _outcomes(nodes)
        yield _histogram("group_size", "Members that were committed together", "group_sizes", nodes)
        yield _histogram("commit_seconds", "Time of one commit", "commit_seconds", nodes)

    def _values(self, nodes: list[Node]) -> Iterator[Value]:
        yield "wire_up", (), self._host.wire_is_up
        yield from _pools(nodes)
        for node in nodes:
            yield "queue_length", (node.name,), node.log.waiting()
            yield from _stored(node)


def registry_of(host: Host) -> CollectorRegistry:
    """What a server of metrics serves for a host."""
    registry = CollectorRegistry()
    registry.register(HostMetrics(host))
    return registry


def _pools(nodes: list[Node]) -> Iterator[Value]:
    counted: set[Pool] = set()
    for name, of in POOLS.items():
        found: set[Any] = {of(node.engine).pool for node in nodes} - counted
        yield "database_pool_used", (name,), sum(pool.checkedout() for pool in found)
        yield "database_pool_size", (name,), sum(pool.size() for pool in found)
        counted |= found


def _stored(node: Node) -> list[Value]:
    """What a node's database says; all of it or nothing."""
    try:
        return [*_inbox(node), *_routes(node), *_proof(node), ("database_up", (node.name,), 1)]
    except (DBAPIError, PoolTimeout):
        return [("database_up", (node.name,), 0)]


def _inbox(node: Node) -> Iterator[Value]:
    yield "facts", (node.name,), node.log.last_position()
    yield "gaps", (node.name,), len(node.ask(open_gaps))
    yield "holes", (node.name,), len(node.ask(node.holes))
    yield "discarded", (node.name,), node.parked.discarded_count()
    yield "parked_refused", (node.name,), node.parked.refused_count()
    for reason, count in node.parked.counts().items():
        yield "parked", (node.name, reason), count


def _routes(node: Node) -> Iterator[Value]:
    told, now = node.ask(receipt_moments), node.now()
    for route in node.routes():
        yield "route_last", (node.name, route.route), route.last
        yield "route_sent", (node.name, route.route), route.sent
        for holder, held in route.held.items():
            labels = (node.name, route.route, holder)
            yield "route_held", labels, held
            if (route.route, holder) in told:
                yield "receipt_age_seconds", labels, _age(told[route.route, holder], now)


def _proof(node: Node) -> Iterator[Value]:
    state = node.proofs.state()
    yield "log_signed", (node.name,), state["size"]
    yield "log_alarms", (node.name,), len(state["alarms"])
    for witness, size in state["witnessed"].items():
        yield "log_witnessed", (node.name, witness), size


def _age(moment: str, now: datetime) -> float:
    return (now - moment_of(moment)).total_seconds()


def _gauge(name: str) -> Any:
    says, labels = GAUGES[name]
    return GaugeMetricFamily(f"huiyin_{name}", says, labels=labels)


def _outcomes(nodes: list[Node]) -> Metric:
    metric = CounterMetricFamily("huiyin_orders", "Orders by their outcome", labels=("node", "code"))
    for node in nodes:
        for code, count in node.log.tally.outcomes().items():
            metric.add_metric((node.name, code), count)
    return metric


def _histogram(name: str, says: str, field: str, nodes: list[Node]) -> Metric:
    metric = HistogramMetricFamily(f"huiyin_{name}", says, labels=("node",))
    for node in nodes:
        counted = getattr(node.log.tally, field)
        metric.add_metric((node.name,), counted.up_to(), counted.total)
    return metric
