"""What every wire does, whether it is a file on one machine or Apache Kafka.

A wire carries messages in order per key, at least once, and may lose a whole topic: the logs are
the store. Each topic has an identity that changes when it was wiped or made anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


class WireDown(Exception):
    """The wire does not answer, or it is not known whether it took the messages; send them again."""


@dataclass(frozen=True)
class Message:
    """One message: `key` is the sending node, `headers` are text, `value` is data."""

    topic: str
    key: str
    headers: Mapping[str, str]
    value: bytes


@dataclass(frozen=True)
class Place:
    """Where a reader of a topic stands: the topic's identity and the next offset to read."""

    identity: str
    offset: int


@dataclass(frozen=True)
class Arrived:
    """A message as it was read; `place` is the place of the message that follows it.

    `readable` is false when headers or key were damaged, or not UTF-8: such a message is parked.
    """

    message: Message
    place: Place
    readable: bool = True


class Wire(Protocol):
    """What the relay and the reader of one process need; one instance serves all its nodes."""

    def ensure_topics(self, topics: Sequence[str]) -> None:
        """Make topics that do not exist; quick when they do. Errors: WireDown."""
        ...

    def send(self, messages: Sequence[Message]) -> None:
        """Send in order and return when every message is acknowledged.

        Errors: WireDown; any of them may have arrived then. Never hangs: bounded by a deadline.
        """
        ...

    def read_from(self, places: Mapping[str, Place | None]) -> None:
        """Set the topics to read and where; none, or another identity than today's, means the start."""
        ...

    def poll(self, seconds: float) -> list[Arrived]:
        """Messages that came, in order per topic; waits at most `seconds`. Errors: WireDown."""
        ...

    def wake(self) -> None:
        """End a waiting `poll` at once; callable from any thread."""
        ...

    def identities(self) -> Mapping[str, str]:
        """Today's identity of each known topic; a changed one was wiped. Errors: WireDown."""
        ...

    def close(self) -> None:
        """Let go of connections and threads, within five seconds."""
        ...
