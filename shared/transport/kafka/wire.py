"""The wire over Apache Kafka: order per sender, at least once; heals from freezes, kills and wipes."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import wait
from typing import Any

from kafka import KafkaProducer

from shared.transport.kafka import topics as kafka_topics
from shared.transport.kafka.clients import LONGEST_SEND, THIN_LINE, Clients, Kept, in_background
from shared.transport.kafka.handover import BatchHandover
from shared.transport.kafka.reader import KafkaReader
from shared.transport.kafka.records import headers_of
from shared.transport.sizes import bytes_of, refuse_too_large
from shared.transport.wire import Arrived, Message, Place, WireDown

DEADLINE = 10.0
"""Time after which it is in doubt whether the broker took a batch, beside what a thin line needs. Unit: seconds."""
STUCK_AFTER = 60.0
"""Time after which a reading thread that hangs in its client is given up. Unit: seconds."""
CLOSE_WITHIN = 4.0
"""Longest wait for clients and threads when the wire is closed. Unit: seconds."""


class KafkaWire:
    """A wire (shared/transport/wire.py) over the broker at `bootstrap` ("host:port[,host:port]").

    `settings` are kafka-python's options for security (`security_protocol`, `ssl_...`, `sasl_...`);
    `deadline` is in seconds. Nothing is contacted before the first use.
    """

    def __init__(
        self, bootstrap: str, settings: Mapping[str, Any] | None = None, *, deadline: float = DEADLINE
    ) -> None:
        self._clients = Clients(bootstrap, settings or {}, deadline)
        self._deadline = deadline
        self._admin = Kept(self._clients.admin, lambda admin: admin.close())
        self._producer = Kept(self._clients.producer, lambda producer: producer.close(timeout=1))
        self._in_doubt = False
        self._known: set[str] = set()
        self._places: dict[str, Place | None] = {}
        self._handover = BatchHandover()
        self._reader: KafkaReader | None = None

    def ensure_topics(self, topics: Sequence[str]) -> None:
        """Make topics that do not exist. Errors: WireDown."""
        self._known.update(topics)
        self._identities(topics)

    def send(self, messages: Sequence[Message]) -> None:
        """Send and wait for the acknowledgements. Errors: WireDown in doubt, MessageTooLarge.

        Ends within the deadline, the time that a thin line takes, and two seconds more; after a failure,
        within another deadline.
        """
        refuse_too_large(messages)
        if not messages:
            return
        topics = {message.topic for message in messages}
        if self._in_doubt or not topics <= self._known:
            # A producer does not make a topic that is not there: it asks for it until its time is over.
            self.ensure_topics(sorted(topics))
        self._in_doubt = True
        seconds = self._deadline + min(bytes_of(messages) / THIN_LINE, LONGEST_SEND)
        self._producer.use(seconds + 2, lambda producer: _deliver(producer, messages, seconds))
        self._in_doubt = False

    def read_from(self, places: Mapping[str, Place | None]) -> None:
        """Set the topics to read and where."""
        self._known.update(places)
        self._places = dict(places)
        self._read_anew()

    def poll(self, seconds: float) -> list[Arrived]:
        """Messages that came, in order per topic; waits at most `seconds`. Errors: WireDown."""
        if self._reader is not None and self._reader.stuck_for() > STUCK_AFTER:
            self._read_anew()
            raise WireDown(f"Kafka: the reading thread was stuck for {STUCK_AFTER:g} seconds")
        came = self._handover.take(seconds)
        for arrived in came:
            self._places[arrived.message.topic] = arrived.place
        return came

    def wake(self) -> None:
        """End a waiting `poll` at once."""
        self._handover.wake()

    def identities(self) -> Mapping[str, str]:
        """Today's identity of each known topic; one that is missing is made. Errors: WireDown."""
        return self._identities(self._known)

    def close(self) -> None:
        """Let go of connections and threads; what hangs is left to the end of the process."""
        self._handover.give_to(None)
        self._handover.wake()
        closing = [self._producer.drop(), self._admin.drop()]
        if (reader := self._reader) is not None:
            closing.append(in_background(lambda: reader.join(CLOSE_WITHIN)))
        wait(closing, CLOSE_WITHIN)

    def _identities(self, topics: Iterable[str]) -> dict[str, str]:
        names = frozenset(topics)
        return self._admin.use(
            self._deadline, lambda admin: kafka_topics.identities(admin, names, self._clients)
        )

    def _read_anew(self) -> None:
        self._handover.give_to(None)
        self._reader = KafkaReader(self._clients, self._places, self._handover) if self._places else None
        if self._reader is not None:
            self._reader.start()


def _deliver(producer: KafkaProducer, messages: Sequence[Message], seconds: float) -> None:
    sent = [
        producer.send(m.topic, key=m.key.encode(), value=m.value, headers=headers_of(m), partition=0)
        for m in messages
    ]
    producer.flush(timeout=seconds)
    for future in sent:
        future.get(timeout=0)
