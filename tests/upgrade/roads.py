"""The messages of a network's road, read and written from outside: the local wire's file, or a broker.

Both formats are contracts between releases, so they are spelled out here and not asked of the program.
"""

import base64
import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic


@dataclass(frozen=True)
class Message:
    """A message as it lies on the road; the value is base64."""

    topic: str
    key: str
    headers: dict[str, str]
    value: str

    @property
    def content(self) -> bytes:
        """The value as it travels."""
        return base64.b64decode(self.value)


def message(topic: str, key: str, headers: dict[str, str], content: bytes) -> Message:
    """A message with this content."""
    return Message(topic, key, headers, base64.b64encode(content).decode())


def as_line(found: Message) -> str:
    """A message as a line of `messages.jsonl`."""
    return json.dumps(asdict(found), ensure_ascii=False, sort_keys=True)


class LocalRoad:
    """The file of a network on one machine."""

    def __init__(self, data: Path) -> None:
        self._file = data / "wire.sqlite"

    def send(self, sent: Message) -> None:
        """Put a message at the end of its topic."""
        with closing(sqlite3.connect(self._file)) as db, db:
            row = (sent.topic, uuid4().hex)
            db.execute("INSERT OR IGNORE INTO topics (topic, identity, first, next) VALUES (?, ?, 0, 0)", row)
            (offset,) = db.execute("SELECT next FROM topics WHERE topic = ?", (sent.topic,)).fetchone()
            row = (sent.topic, offset, sent.key, json.dumps(sent.headers), sent.content)
            db.execute(
                "INSERT INTO messages (topic, offset, key, headers, value) VALUES (?, ?, ?, ?, ?)", row
            )
            db.execute("UPDATE topics SET next = ? WHERE topic = ?", (offset + 1, sent.topic))

    def cut(self) -> None:
        """Nothing can be sent or read any more."""
        self._file.rename(self._file.with_suffix(".away"))
        self._file.mkdir()

    def mend(self) -> None:
        """The road is there again, as it was."""
        self._file.rmdir()
        self._file.with_suffix(".away").rename(self._file)


class KafkaRoad:
    """The topics of a network on a broker."""

    def __init__(self, bootstrap: str, network: str) -> None:
        self._bootstrap, self._network = bootstrap, network

    def send(self, sent: Message) -> None:
        """Put a message at the end of its topic."""
        self.fill([sent])

    def fill(self, messages: Iterable[Message]) -> None:
        """Put messages at the ends of their topics, in their order; topics that are missing are made."""
        listed = list(messages)
        with closing(KafkaAdminClient(bootstrap_servers=self._bootstrap)) as admin:
            missing = {one.topic for one in listed} - set(admin.list_topics())
            if missing:
                admin.create_topics([NewTopic(topic, 1, 1) for topic in sorted(missing)])
        producer = KafkaProducer(bootstrap_servers=self._bootstrap, enable_idempotence=False)
        for one in listed:
            headers = [(name, value.encode()) for name, value in one.headers.items()]
            producer.send(one.topic, one.content, one.key.encode(), headers=headers)
        producer.flush()
        producer.close()

    def messages(self) -> list[Message]:
        """Everything that lies on the topics of the network, topic by topic."""
        with closing(KafkaConsumer(bootstrap_servers=self._bootstrap, group_id=None)) as consumer:
            topics = sorted(name for name in consumer.topics() if name.startswith(f"{self._network}."))
            return [found for topic in topics for found in _read(consumer, topic)]


def _read(consumer: KafkaConsumer, topic: str) -> list[Message]:
    partition = TopicPartition(topic, 0)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    (end,) = consumer.end_offsets([partition]).values()
    found: list[Message] = []
    while consumer.position(partition) < end:
        for records in consumer.poll(timeout_ms=1000).values():
            found += [_message(topic, record) for record in records]
    return found


def _message(topic: str, record: Any) -> Message:  # the client has no public type for its records
    headers = {name: value.decode() for name, value in record.headers}
    return message(topic, record.key.decode(), headers, record.value)
