"""The Kafka wire through faults of a real broker: frozen, killed, wiped, gone; and what others may send."""

import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from kafka import KafkaProducer

from shared.transport.kafka.wire import KafkaWire
from shared.transport.wire import Arrived, Message, WireDown
from tests.transport.conftest import KafkaRoad
from tests.transport.wire_tools import PATIENCE, messages, numbers, poll_count, poll_until

if TYPE_CHECKING:
    from tests.parts.kafka import KafkaBroker

DEADLINE = 4.0
"""Deadline of the wires in these tests. Unit: seconds."""
NOTHING_LISTENS_HERE = "127.0.0.1:1"


def tried_again(work: Callable[[], object]) -> None:
    """Do something again until the wire is up."""
    deadline = time.monotonic() + 2 * PATIENCE
    while True:
        try:
            work()
            return
        except WireDown:
            assert time.monotonic() < deadline, "the wire did not come back"


def poll_through(wire: KafkaWire, enough: Callable[[list[Arrived]], bool]) -> list[Arrived]:
    """Poll until enough has come, also when the wire is down now and then."""
    came: list[Arrived] = []

    def poll() -> None:
        came.extend(wire.poll(1.0))
        if not enough(came):
            raise WireDown("not yet")

    tried_again(poll)
    return came


def seconds_taken(work: Callable[[], object]) -> float:
    started = time.monotonic()
    with pytest.raises(WireDown):
        work()
    return time.monotonic() - started


def kafka_threads() -> list[str]:
    names = [thread.name for thread in threading.enumerate()]
    return [name for name in names if name.startswith(("kafka-", "huiyin"))]


def test_a_frozen_broker_is_a_wire_that_is_down_and_the_batch_arrives_after_the_thaw(
    broker: "KafkaBroker", kafka_road: KafkaRoad
):
    # Given a wire that has sent and read
    topic, wire = kafka_road.topic(), kafka_road.wire(DEADLINE)
    tried_again(lambda: wire.ensure_topics([topic]))
    wire.read_from({topic: None})
    wire.send(messages(topic, range(100)))
    poll_count(wire, 100)
    # When the broker freezes
    broker.freeze()
    # Then sending, asking and reading say so in time
    assert seconds_taken(lambda: wire.send(messages(topic, range(100, 200)))) < DEADLINE + 3
    assert seconds_taken(wire.identities) < DEADLINE + 1
    assert seconds_taken(lambda: [wire.poll(1.0) for _ in range(20)]) < 20
    # And after the thaw the same batch is taken, and everything is there in order, some of it perhaps twice
    broker.thaw()
    tried_again(lambda: wire.send(messages(topic, range(100, 200))))
    tried_again(lambda: wire.send(messages(topic, [200])))
    came = poll_through(wire, lambda came: 200 in numbers(came))
    assert list(dict.fromkeys(numbers(came))) == list(range(100, 201))


def test_a_killed_broker_that_comes_back_with_its_data_is_read_on_without_a_gap(
    broker: "KafkaBroker", kafka_road: KafkaRoad
):
    # Given a wire that has sent and read
    topic, wire = kafka_road.topic(), kafka_road.wire(DEADLINE)
    tried_again(lambda: wire.ensure_topics([topic]))
    identity = wire.identities()[topic]
    wire.read_from({topic: None})
    wire.send(messages(topic, range(100)))
    poll_count(wire, 100)
    # When the broker is killed and comes back
    broker.kill()
    broker.restart()
    tried_again(lambda: wire.send(messages(topic, range(100, 200))))
    # Then the topic is the same and only what is new comes
    came = poll_through(wire, lambda came: 199 in numbers(came))
    assert list(dict.fromkeys(numbers(came))) == list(range(100, 200))
    tried_again(wire.identities)
    assert wire.identities()[topic] == identity


def test_a_wiped_broker_is_noticed_and_carries_again_with_the_same_wires(
    broker: "KafkaBroker", kafka_road: KafkaRoad
):
    # Given a sender and a reader that have worked
    topic, sender, reader = kafka_road.topic(), kafka_road.wire(DEADLINE), kafka_road.wire(DEADLINE)
    tried_again(lambda: sender.ensure_topics([topic]))
    before = sender.identities()[topic]
    reader.read_from({topic: None})
    sender.send(messages(topic, range(10)))
    poll_count(reader, 10)
    # When the broker is killed and comes back empty, and more is sent than the reader had read
    broker.wipe()
    tried_again(lambda: sender.send(messages(topic, range(50))))
    # Then the identity is another one, and the reader gets all of it
    tried_again(sender.identities)
    after = sender.identities()[topic]
    assert after != before
    came = poll_through(
        reader, lambda came: any(a.place.identity == after and a.place.offset >= 50 for a in came)
    )
    anew = [a for a in came if a.place.identity == after]
    assert list(dict.fromkeys(numbers(anew))) == list(range(50))


def test_a_sender_alone_makes_a_lost_topic_again(kafka_road: KafkaRoad):
    # Given a wire that has sent to a topic, which is then lost
    topic, wire = kafka_road.topic(), kafka_road.wire(DEADLINE)
    tried_again(lambda: wire.send(messages(topic, [1])))
    kafka_road.wipe([topic])
    # When it sends again
    tried_again(lambda: wire.send(messages(topic, [2])))
    # Then the message is there
    wire.read_from({topic: None})
    assert set(numbers(poll_count(wire, 1))) == {2}


def test_without_a_broker_every_call_ends_in_time_and_nothing_is_left_behind():
    # Given a wire to a place where nothing listens
    before = kafka_threads()
    wire = KafkaWire(NOTHING_LISTENS_HERE, deadline=0.6)
    wire.read_from({"test.nowhere": None})
    # When it is used, then it says that it is down, in time
    for _ in range(3):
        assert seconds_taken(lambda: wire.ensure_topics(["test.nowhere"])) < 2
        assert seconds_taken(lambda: wire.send(messages("test.nowhere", [1]))) < 4
        assert seconds_taken(wire.identities) < 2
        assert seconds_taken(lambda: [wire.poll(0.5) for _ in range(10)]) < 5
    # And when it is closed, no thread stays
    started = time.monotonic()
    wire.close()
    assert time.monotonic() - started < 5
    deadline = time.monotonic() + PATIENCE
    while len(kafka_threads()) > len(before):
        assert time.monotonic() < deadline, kafka_threads()


def test_closing_ends_in_time_while_the_broker_is_frozen(broker: "KafkaBroker", kafka_road: KafkaRoad):
    # Given a wire at work and a broker that freezes
    topic, wire = kafka_road.topic(), kafka_road.wire(DEADLINE)
    tried_again(lambda: wire.ensure_topics([topic]))
    wire.read_from({topic: None})
    wire.send(messages(topic, [1]))
    poll_count(wire, 1)
    broker.freeze()
    # When it is closed
    started = time.monotonic()
    wire.close()
    # Then that takes less than five seconds
    assert time.monotonic() - started < 5


def test_text_that_is_not_utf8_is_marked_unreadable(kafka_road: KafkaRoad):
    # Given a stranger who sends keys and headers that are no text
    topic, wire = kafka_road.topic(), kafka_road.wire()
    wire.ensure_topics([topic])
    wire.read_from({topic: None})
    with closing(KafkaProducer(bootstrap_servers=kafka_road.bootstrap)) as stranger:
        stranger.send(topic, key=b"\xff", value=b"1", headers=[("unit", b"x")]).get(10)
        stranger.send(topic, key=b"k", value=None, headers=[("unit", b"\xe6\x9f"), ("fine", b"y")]).get(10)
        stranger.send(topic, key=None, value=b"3").get(10)
    # When they arrive
    came = poll_count(wire, 3)
    # Then those two are marked, with replacement characters, and the third is an ordinary message
    assert [a.readable for a in came] == [False, False, True]
    assert came[0].message == Message(topic, "�", {"unit": "x"}, b"1")
    assert came[1].message == Message(topic, "k", {"unit": "�", "fine": "y"}, b"")


class NotText(str):
    """A header's name that goes out as bytes that are no UTF-8."""

    def encode(self, *_: object) -> bytes:
        return b"\xff\xfe"


def test_a_message_that_the_client_cannot_take_apart_does_not_stop_the_reader(kafka_road: KafkaRoad):
    # Given a reader of two topics, and a stranger whose header's name is no text
    topic, other, wire = kafka_road.topic(), kafka_road.topic(), kafka_road.wire()
    wire.ensure_topics([topic, other])
    wire.send(messages(topic, [1]) + messages(other, [1]))
    with closing(KafkaProducer(bootstrap_servers=kafka_road.bootstrap)) as stranger:
        stranger.send(topic, key=b"k", value=b"2", headers=[(NotText("name"), b"x")]).get(10)
    # When messages follow
    wire.send(messages(topic, [3]) + messages(other, [3]))
    wire.read_from({topic: None, other: None})
    # Then one unreadable message stands for the stranger's, and the others arrive
    came = poll_count(wire, 5)
    assert [a.readable for a in came if a.message.topic == topic] == [True, False, True]
    assert [a.readable for a in came if a.message.topic == other] == [True, True]
    assert sorted(numbers([a for a in came if a.readable])) == [1, 1, 3, 3]


def test_a_sender_whose_clock_is_wrong_can_send(kafka_road: KafkaRoad):
    # Given a sender whose clock is years ahead
    topic, wire = kafka_road.topic(), kafka_road.wire()
    wire.ensure_topics([topic])
    ahead = int(time.time() * 1000) + 4 * 365 * 24 * 3600 * 1000
    # When it sends, then the broker takes it
    with closing(KafkaProducer(bootstrap_servers=kafka_road.bootstrap)) as sender:
        assert sender.send(topic, key=b"k", value=b"1", timestamp_ms=ahead).get(10).offset == 0
    wire.read_from({topic: None})
    poll_until(wire, lambda came: len(came) == 1)


def test_only_security_settings_are_taken():
    # When a wire is made with security settings, then they are taken
    KafkaWire("b:9092", {"security_protocol": "SASL_SSL", "sasl_mechanism": "PLAIN", "ssl_cafile": "ca.pem"})
    # But a setting that would change what the wire promises is refused
    with pytest.raises(ValueError, match="enable_idempotence"):
        KafkaWire("b:9092", {"enable_idempotence": True})
