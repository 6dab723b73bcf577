"""Reading from Kafka, in a thread of its own: whoever polls never waits for a client that hangs."""

import logging
import threading
import time
import zlib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from gzip import BadGzipFile

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import CorruptRecordError, UnsupportedCodecError

from shared.transport.kafka import topics
from shared.transport.kafka.clients import LONGEST_FETCH, Clients
from shared.transport.kafka.handover import BatchHandover, Item
from shared.transport.kafka.records import Record, arrived, unreadable
from shared.transport.wire import Place, WireDown

log = logging.getLogger(__name__)

LOOK_EVERY = 2.0
"""Time between two looks at the topics' identities. Unit: seconds."""
PAUSE = 0.5
"""Pause after an error before new clients are made. Unit: seconds."""
POLL = 500
"""Longest wait of one call of the consumer. Unit: milliseconds."""
UNREADABLE = (
    CorruptRecordError,
    UnsupportedCodecError,
    UnicodeDecodeError,
    EOFError,
    BadGzipFile,
    zlib.error,
)
"""What the consumer raises for records it cannot take apart: a header's name not in UTF-8, odd packing."""


class KafkaReader:
    """Reads topics from places on and lays the messages into the tray, as long as the tray is its own.

    After an error, or when a topic was wiped, it goes on with new clients where it was. When messages are
    there and none comes, the line may be thin: new clients wait longer for an answer, for what is fetched
    must have come within that time.
    """

    def __init__(self, clients: Clients, places: Mapping[str, Place | None], handover: BatchHandover) -> None:
        self._clients = clients
        self._wait = int(clients.deadline * 500)
        self._places: dict[str, Place | None] = dict(places)
        self._handover = handover
        self._skips: dict[str, int] = {}
        self._patience = clients.deadline / 2
        self._came_at = 0.0
        self._in_kafka_since: float | None = None
        self._thread = threading.Thread(target=self._run, name="kafka-reader", daemon=True)

    def start(self) -> None:
        """Take the tray over and begin."""
        self._handover.give_to(self)
        self._thread.start()

    def stuck_for(self) -> float:
        """How long a call of a client has not come back. Unit: seconds."""
        since = self._in_kafka_since
        return time.monotonic() - since if since is not None else 0.0

    def join(self, seconds: float) -> None:
        """Wait for the thread's end, after the tray was given to another owner."""
        self._thread.join(seconds)

    def _run(self) -> None:
        while self._handover.is_of(self):
            try:
                self._read_past_unreadable()
            except Exception as error:
                log.info("reading from Kafka begins anew: %s: %s", type(error).__name__, error)
                self._hand_over(WireDown(f"Kafka: {type(error).__name__}: {error}"))
                self._handover.pause(self, PAUSE)

    def _read_past_unreadable(self) -> None:
        try:
            self._read_with_new_clients()
        except UNREADABLE as error:
            log.error("a message cannot be taken apart: %s", error)
            self._skip_unreadable()
            self._handover.pause(self, PAUSE)

    def _read_with_new_clients(self) -> None:
        self._in_kafka_since = time.monotonic()
        with ExitStack() as closing_time:
            admin = self._clients.admin()
            closing_time.callback(admin.close)
            identities = topics.identities(admin, self._places, self._clients)
            consumer = self._consumer(closing_time)
            self._go_to_places(consumer, identities)
            self._came_at = time.monotonic()
            look_at = self._came_at + LOOK_EVERY
            while self._handover.is_of(self):
                self._in_kafka_since = time.monotonic()
                self._read_some(consumer, identities)
                if time.monotonic() > look_at:
                    if topics.identities(admin, self._places, self._clients) != identities:
                        log.warning("topics were wiped or made anew; reading starts over")
                        return
                    if self._is_too_impatient(admin):
                        return
                    look_at = time.monotonic() + LOOK_EVERY

    def _consumer(self, closing_time: ExitStack) -> KafkaConsumer:
        consumer = self._clients.consumer(self._patience)
        closing_time.callback(lambda: consumer.close(autocommit=False, timeout_ms=1_000))
        return consumer

    def _go_to_places(self, consumer: KafkaConsumer, identities: Mapping[str, str]) -> None:
        partitions = {TopicPartition(topic, 0): topic for topic in self._places}
        first = consumer.beginning_offsets(list(partitions), timeout_ms=self._wait)
        end = consumer.end_offsets(list(partitions), timeout_ms=self._wait)
        consumer.assign(list(partitions))
        for partition, topic in partitions.items():
            place = self._places[topic] or Place("", 0)
            if place.identity != identities[topic] or not first[partition] <= place.offset <= end[partition]:
                place = Place(identities[topic], first[partition])
            self._places[topic] = place
            consumer.seek(partition, place.offset)

    def _read_some(self, consumer: KafkaConsumer, identities: Mapping[str, str]) -> None:
        for partition, found in consumer.poll(timeout_ms=POLL).items():
            self._lay_down(partition.topic, found, identities[partition.topic])
            self._came_at = time.monotonic()

    def _is_too_impatient(self, admin: KafkaAdminClient) -> bool:
        """Whether something is there that did not come in time; the next clients are given twice the time then."""
        if time.monotonic() - self._came_at <= self._patience:
            return False
        ends = topics.ends(admin, self._places)
        if all(place is None or ends[topic] <= place.offset for topic, place in self._places.items()):
            self._came_at = time.monotonic()
            return False
        self._patience = min(2 * self._patience, LONGEST_FETCH)
        log.warning("what is fetched does not come; the next attempt waits %g s for it", self._patience)
        return True

    def _lay_down(self, topic: str, records: Sequence[Record], identity: str) -> None:
        self._places[topic] = Place(identity, records[-1].offset + 1)
        self._skips.pop(topic, None)
        self._hand_over([arrived(record, identity) for record in records])

    def _skip_unreadable(self) -> None:
        """Go past messages that kafka-python cannot take apart, so that one writer cannot stop a reader.

        The error does not name the topic, so each is tried alone. A message makes the rest of its
        batch unreadable: the step doubles until something can be read. What is passed over by that
        is missed by its number and asked for again.
        """
        for topic, place in [(topic, place) for topic, place in self._places.items() if place]:
            # A consumer of its own each: after such an error the next poll would run in a circle for ever.
            with ExitStack() as closing_time:
                consumer = self._consumer(closing_time)
                partition = TopicPartition(topic, 0)
                end = consumer.end_offsets([partition], timeout_ms=self._wait)[partition]
                if place.offset < end and not _is_readable(consumer, partition, place.offset):
                    step = self._skips[topic] = 2 * self._skips.get(topic, 0) or 1
                    self._places[topic] = Place(place.identity, min(place.offset + step, end))
                    log.error("%s: unreadable messages from offset %d on", topic, place.offset)
                    self._hand_over([unreadable(topic, self._places[topic])])

    def _hand_over(self, item: Item) -> None:
        """Lay something into the tray; waiting for room there is not being stuck."""
        self._in_kafka_since = None
        self._handover.put(self, item)
        self._in_kafka_since = time.monotonic()


def _is_readable(consumer: KafkaConsumer, partition: TopicPartition, offset: int) -> bool:
    consumer.assign([partition])
    consumer.seek(partition, offset)
    try:
        consumer.poll(timeout_ms=POLL)
    except UNREADABLE:
        return False
    return True
