"""What every wire does; the same tests on the local wire and on Apache Kafka."""

import threading
import time
from collections.abc import Iterator

import pytest

from shared.transport.sizes import LARGEST_VALUE, MessageTooLarge
from shared.transport.wire import Message, Place
from tests.transport.wire_tools import Road, message, messages, numbers, poll_count, poll_until


@pytest.fixture(params=["local_road", "kafka_road"])
def road(request: pytest.FixtureRequest) -> Iterator[Road]:
    """The medium under test."""
    yield request.getfixturevalue(request.param)


def test_messages_of_a_sender_come_in_the_order_they_were_sent(road: Road):
    # Given a reader and two senders
    topic, sender, reader = road.topic(), road.wire(), road.wire()
    sender.ensure_topics([topic])
    reader.read_from({topic: None})
    # When both send in turns
    for number in range(50):
        sender.send(messages(topic, [number], "town-100") + messages(topic, [number], "town-101"))
    # Then each sender's messages come in order
    came = poll_count(reader, 100)
    assert numbers(came, "town-100") == list(range(50))
    assert numbers(came, "town-101") == list(range(50))


def test_a_message_arrives_as_it_was_sent_with_chinese_headers(road: Road):
    # Given a message with Chinese text, a rare character and bytes that are no text
    topic, wire = road.topic(), road.wire()
    sent = Message(
        topic, "villages-100", {"unit": "青石镇柳树沟村", "rare": "\U00020164", "empty": ""}, b"\x00\xff{}"
    )
    # When it travels
    wire.ensure_topics([topic])
    wire.read_from({topic: None})
    wire.send([sent])
    # Then it is the same at the other end
    [arrived] = poll_count(wire, 1)
    assert (arrived.message, arrived.readable) == (sent, True)


def test_reading_goes_on_at_the_place_of_the_last_message_taken(road: Road):
    # Given ten messages, of which a reader took the first four
    topic, wire = road.topic(), road.wire()
    wire.ensure_topics([topic])
    wire.send(messages(topic, range(10)))
    wire.read_from({topic: None})
    fourth = poll_count(wire, 10)[3].place
    # When another reader goes on from there
    later = road.wire()
    later.read_from({topic: fourth})
    # Then it gets the fifth first, and nothing twice
    assert numbers(poll_count(later, 6)) == [4, 5, 6, 7, 8, 9]


@pytest.mark.parametrize("offset", [-5, 1_000])
def test_a_place_that_is_not_there_means_the_start(road: Road, offset: int):
    # Given three messages
    topic, wire = road.topic(), road.wire()
    wire.ensure_topics([topic])
    wire.send(messages(topic, range(3)))
    # When a reader comes with the right identity and an impossible offset
    wire.read_from({topic: Place(wire.identities()[topic], offset)})
    # Then it reads from the start
    assert numbers(poll_count(wire, 3)) == [0, 1, 2]


def test_a_place_of_another_identity_means_the_start(road: Road):
    # Given three messages
    topic, wire = road.topic(), road.wire()
    wire.ensure_topics([topic])
    wire.send(messages(topic, range(3)))
    # When a reader comes with a place in a topic that is no more
    wire.read_from({topic: Place("of-another-life", 2)})
    # Then it reads from the start
    assert numbers(poll_count(wire, 3)) == [0, 1, 2]


def test_a_wiped_topic_has_a_new_identity_and_is_read_from_its_start(road: Road):
    # Given a reader that has taken three messages
    topic, sender, reader = road.topic(), road.wire(), road.wire()
    sender.ensure_topics([topic])
    before = sender.identities()[topic]
    reader.read_from({topic: None})
    sender.send(messages(topic, range(3)))
    poll_count(reader, 3)
    # When the topic is lost and sent to again, more than before, by the same wires
    road.wipe([topic])
    sender.ensure_topics([topic])
    after = sender.identities()[topic]
    sender.send(messages(topic, range(6)))
    # Then its identity is another one and the reader gets everything, with places of the new identity
    assert after != before
    came = poll_until(reader, lambda came: any(a.place == Place(after, 6) for a in came))
    assert [a.place.offset for a in came if a.place.identity == after][:6] == [1, 2, 3, 4, 5, 6]
    assert numbers(came)[-6:] == [0, 1, 2, 3, 4, 5]


def test_two_readers_both_get_everything(road: Road):
    # Given two readers of a topic
    topic, sender, one, two = road.topic(), road.wire(), road.wire(), road.wire()
    sender.ensure_topics([topic])
    one.read_from({topic: None})
    two.read_from({topic: None})
    # When messages are sent
    sender.send(messages(topic, range(20)))
    # Then both get all of them
    assert numbers(poll_count(one, 20)) == list(range(20))
    assert numbers(poll_count(two, 20)) == list(range(20))


def test_topics_can_be_added_while_reading(road: Road):
    # Given a reader that has taken a message of one topic
    first, second, wire = road.topic(), road.topic(), road.wire()
    wire.ensure_topics([first, second])
    wire.read_from({first: None})
    wire.send([message(first, 1), message(second, 2)])
    [arrived] = poll_count(wire, 1)
    # When it adds the other topic
    wire.read_from({first: arrived.place, second: None})
    # Then only the other topic's message comes
    assert numbers(poll_count(wire, 1)) == [2]


def test_a_big_batch_arrives_whole_and_in_order(road: Road):
    # Given five thousand messages
    topic, wire = road.topic(), road.wire()
    wire.ensure_topics([topic])
    wire.read_from({topic: None})
    # When they are sent at once
    wire.send(messages(topic, range(5_000)))
    # Then they come in order
    assert numbers(poll_count(wire, 5_000)) == list(range(5_000))


def test_a_large_message_is_carried_and_one_over_the_limit_refused_before_anything_is_sent(road: Road):
    # Given a message at the limit and one over it
    topic, wire = road.topic(), road.wire()
    wire.ensure_topics([topic])
    wire.read_from({topic: None})
    largest = message(topic, 1, value=b"x" * LARGEST_VALUE)
    too_large = message(topic, 2, value=b"x" * (LARGEST_VALUE + 1))
    # When they are sent
    with pytest.raises(MessageTooLarge):
        wire.send([message(topic, 0), too_large])
    wire.send([largest])
    # Then only the one at the limit arrives
    [arrived] = poll_count(wire, 1)
    assert arrived.message == largest


def test_an_empty_poll_ends_in_time(road: Road):
    # Given a reader of an empty topic
    topic, wire = road.topic(), road.wire()
    wire.ensure_topics([topic])
    wire.read_from({topic: None})
    # When it polls
    started = time.monotonic()
    came = wire.poll(0.3)
    # Then it gets nothing and does not wait much longer than it was told
    assert came == []
    assert time.monotonic() - started < 1.0


def test_wake_ends_a_waiting_poll(road: Road):
    # Given a reader that waits long in another thread
    topic, wire = road.topic(), road.wire()
    wire.ensure_topics([topic])
    wire.read_from({topic: None})
    polling, came = threading.Event(), []

    def wait() -> None:
        polling.set()
        came.append(wire.poll(60.0))

    thread = threading.Thread(target=wait)
    thread.start()
    assert polling.wait(5)
    # When somebody wakes it
    started = time.monotonic()
    wire.wake()
    thread.join(10)
    # Then it returns at once, with nothing
    assert came == [[]]
    assert time.monotonic() - started < 1.0


def test_identities_are_stable_and_shared(road: Road):
    # Given two wires
    topic, one, two = road.topic(), road.wire(), road.wire()
    one.ensure_topics([topic])
    two.ensure_topics([topic])
    # Then both name the topic's identity alike, at any time
    assert one.identities()[topic] == two.identities()[topic] == one.identities()[topic]


def test_sending_nothing_is_nothing(road: Road):
    # When nothing is sent, then nothing happens
    road.wire().send([])


def test_a_closed_wire_leaves_the_others_alone(road: Road):
    # Given two wires of one process
    topic, one, two = road.topic(), road.wire(), road.wire()
    one.ensure_topics([topic])
    two.read_from({topic: None})
    # When one sends and is closed
    one.send(messages(topic, [1]))
    one.close()
    # Then the other still reads
    assert numbers(poll_count(two, 1)) == [1]
