"""From a node's log to acknowledged by Apache Kafka, against a bare kafka-python producer.

Ours is what the relay's thread does, called by hand: read the departed facts by their places, sign
and pack them, send, wait for the acknowledgements, remember how far it got. A node has 100 facts on
the way at most until a receipt comes (`pace.py`); here whoever should hold them says at once that it
does, and the thread's rests between two sends are left out, so that the figure is of work and not of
waiting. The yardstick has the same messages made already, and gives all of them to a producer with the
same settings at once.
"""

from collections.abc import Iterator, Sequence
from time import monotonic, perf_counter

from shared.envelope import moment_text
from shared.node.node import Node
from shared.process.host import Host
from shared.transport.kafka.clients import Clients
from shared.transport.kafka.records import headers_of
from shared.transport.kafka.wire import DEADLINE, KafkaWire
from shared.transport.routes import UP
from shared.transport.wire import Message
from tests.benchmarks.append import record
from tests.benchmarks.ground import Ground, by_hand, network_on, running_kafka
from tests.benchmarks.race import Race
from tests.parts.tiny_network import ALONE

FACTS = 5_000
"""Facts that are sent in one run. Unit: facts; a run takes about a second."""
TOPIC = "bare-relay"


def relay(ground: Ground) -> Iterator[Race]:
    """The race: both sides send the same messages again in each run."""
    with running_kafka(ground.folder / "kafka-of-relay") as kafka:
        tiny = network_on(ground, kafka, "relay")
        with by_hand(tiny, kafka, ALONE) as (host, node):
            record(node.log, FACTS)
            messages = messages_of(node)
            bare = Bare(kafka)
            yield Race(
                "relay",
                lambda: again(host, node),
                lambda: bare.send(messages),
                "messages/s",
                0.6,
            )
            bare.close()


def again(host: Host, node: Node) -> float:
    """Relay the whole route once more, from its beginning; gives messages a second."""
    say_held(node, 0)
    node.outbox.go_back(UP, 0)
    return relay_all(host, node)


def relay_all(host: Host, node: Node) -> float:
    """Relay until nothing of the route is left; gives messages a second."""
    last, begun_at = last_of(node), node.outbox.sent.get(UP, 0)
    begun = perf_counter()
    while (sent := node.outbox.sent.get(UP, 0)) < last:
        say_held(node, sent)
        node.outgoing.has_news()
        host.send_next(monotonic())
    return (last - begun_at) / (perf_counter() - begun)


def last_of(node: Node) -> int:
    """The last number of the route upwards."""
    return next(state.last for state in node.outbox.states() if state.route == UP)


def say_held(node: Node, number: int) -> None:
    """Hear from everybody who should hold the route that they hold it up to a number."""
    told_at = moment_text(node.now())
    for holder in node.holders_of(UP):
        node.write(
            lambda group, holder=holder: node.outbox.record_receipt(group, holder, {UP: number}, told_at)
        )


def messages_of(node: Node) -> list[Message]:
    """What the node's relay sends, on a topic of the yardstick's own."""
    facts = node.outbox.batches({UP: last_of(node)}, most=last_of(node))[UP]
    return node.outbox.messages(TOPIC, facts)


class Bare:
    """A producer alone, made once."""

    def __init__(self, kafka: str) -> None:
        wire = KafkaWire(kafka)
        wire.ensure_topics([TOPIC])
        wire.close()
        self._producer = Clients(kafka, {}, DEADLINE).producer()

    def send(self, messages: Sequence[Message]) -> float:
        """Send everything and wait until all is acknowledged; gives messages a second."""
        begun = perf_counter()
        sent = [
            self._producer.send(
                m.topic, key=m.key.encode(), value=m.value, headers=headers_of(m), partition=0
            )
            for m in messages
        ]
        self._producer.flush()
        for future in sent:
            future.get(timeout=0)
        return len(messages) / (perf_counter() - begun)

    def close(self) -> None:
        """Let go of it."""
        self._producer.close(timeout=1)
