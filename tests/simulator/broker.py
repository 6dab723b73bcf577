"""The wire, played: topics in memory that lose, double, delay and reorder messages, and may be wiped."""

import heapq
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from shared.transport.sizes import refuse_too_large
from shared.transport.wire import Arrived, Message, Place, WireDown
from tests.simulator.trouble import Trouble

LONGEST_DELAY = 3 * 24 * 3600.0
"""Longest time that a message is under way. Unit: seconds; three days, a long weekend without a link."""
DELAYS = (1.0, 60.0, 3600.0, LONGEST_DELAY)
POLLED_AT_MOST = 60
"""Most messages of one poll; small, so that a batch of a sender is often cut in two."""


@dataclass
class Topic:
    """One incarnation of a topic; `first` is the offset of the oldest message that can still be read."""

    identity: str
    first: int = 0
    messages: list[Message] = field(default_factory=list[Message])

    @property
    def end(self) -> int:
        return self.first + len(self.messages)


@dataclass
class Weather:
    """Chances, per message, that it is lost, doubled or held up."""

    drop: float = 0.0
    double: float = 0.0
    delay: float = 0.0


class Broker:
    """All topics, and what is under way to them; `now` counts seconds."""

    def __init__(self, chance: random.Random, now: Callable[[], float]) -> None:
        self._chance = chance
        self._now = now
        self._numbers = count(1)
        self._under_way: list[tuple[float, int, Message]] = []
        self.topics: dict[str, Topic] = {}
        self.weather = Weather()
        self.seen: Counter[str] = Counter()

    def make(self, names: Sequence[str]) -> None:
        """Make topics that do not exist."""
        for name in names:
            self.topics.setdefault(name, self._fresh())

    def take(self, message: Message) -> None:
        """Take a message: append it, or lose it, double it, hold it up."""
        if self._happens("drop"):
            return
        self._append(message, self._delay())
        if self._happens("double"):
            self._append(message, self._delay())

    def arrive(self, *, all_of_it: bool = False) -> None:
        """Append what was under way and is due, in the order in which it is due."""
        while self._under_way and (all_of_it or self._under_way[0][0] <= self._now()):
            _, _, message = heapq.heappop(self._under_way)
            self._put(message)

    def wipe(self, names: Sequence[str]) -> None:
        """Lose topics with all that is in them; they are there again at once, as others."""
        for name in names:
            self.topics[name] = self._fresh()
            self.seen["wipe"] += 1

    def forget_old(self, name: str) -> None:
        """Lose the older half of a topic, as a short retention does."""
        topic = self.topics[name]
        lost = len(topic.messages) // 2
        topic.first, topic.messages = topic.first + lost, topic.messages[lost:]
        self.seen["retention"] += 1

    def is_empty(self) -> bool:
        """Whether nothing is under way."""
        return not self._under_way

    def _happens(self, what: str) -> bool:
        happens = self._chance.random() < getattr(self.weather, what)
        self.seen[what] += happens
        return happens

    def _delay(self) -> float:
        return self._chance.random() * self._chance.choice(DELAYS) if self._happens("delay") else 0.0

    def _append(self, message: Message, delay: float) -> None:
        if delay:
            heapq.heappush(self._under_way, (self._now() + delay, next(self._numbers), message))
        else:
            self._put(message)

    def _put(self, message: Message) -> None:
        self.topics.setdefault(message.topic, self._fresh()).messages.append(message)

    def _fresh(self) -> Topic:
        return Topic(f"life-{next(self._numbers)}")


class SimulatedWire:
    """A process's end of the wire (shared/transport/wire.py); `cut` is a link that is down."""

    def __init__(self, broker: Broker, trouble: Trouble, chance: random.Random) -> None:
        self._broker = broker
        self._trouble = trouble
        self._chance = chance
        self._places: dict[str, Place | None] = {}
        self._known: set[str] = set()
        self.cut = False

    def ensure_topics(self, topics: Sequence[str]) -> None:
        """Make topics that do not exist. Errors: WireDown."""
        self._answer()
        self._known.update(topics)
        self._broker.make(topics)

    def send(self, messages: Sequence[Message]) -> None:
        """Send in order. Errors: WireDown, MessageTooLarge, Crash."""
        self._answer()
        refuse_too_large(messages)
        for message in self._trouble.send(messages):
            self._broker.take(message)

    def read_from(self, places: Mapping[str, Place | None]) -> None:
        """Set the topics to read and where."""
        self._places = dict(places)
        self._known.update(places)

    def poll(self, seconds: float) -> list[Arrived]:
        """What there is, at most a few; never waits. Errors: WireDown."""
        self._answer()
        arrived: list[Arrived] = []
        names = [name for name in self._places if self._unread(name)]
        self._chance.shuffle(names)
        for name in names:
            arrived += self._read(name, self._chance.randint(1, POLLED_AT_MOST))
        return arrived

    def wake(self) -> None:
        """Nobody waits here."""

    def identities(self) -> Mapping[str, str]:
        """Today's identity of each known topic. Errors: WireDown."""
        self.ensure_topics(sorted(self._known))
        return {name: self._broker.topics[name].identity for name in sorted(self._known)}

    def close(self) -> None:
        """Nothing is held."""

    def has_unread(self) -> bool:
        """Whether a topic holds messages that were not polled."""
        return any(self._unread(name) for name in self._places)

    def _answer(self) -> None:
        if self.cut:
            raise WireDown("the link is cut")

    def _start(self, name: str) -> int:
        topic, place = self._broker.topics[name], self._places[name]
        if place is None or place.identity != topic.identity or not topic.first <= place.offset <= topic.end:
            return topic.first
        return place.offset

    def _unread(self, name: str) -> bool:
        return name in self._broker.topics and self._start(name) < self._broker.topics[name].end

    def _read(self, name: str, most: int) -> list[Arrived]:
        topic, start = self._broker.topics[name], self._start(name)
        read = topic.messages[start - topic.first : start - topic.first + most]
        places = [Place(topic.identity, offset) for offset in range(start + 1, start + 1 + len(read))]
        self._places[name] = places[-1]
        return [Arrived(message, place) for message, place in zip(read, places, strict=True)]
