"""What offices decide, in the envelopes that their nodes would have recorded, and in the order of time."""

import heapq
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from itertools import count
from operator import attrgetter
from typing import Any, NamedTuple, cast
from uuid import UUID

from shared.envelope import Envelope
from shared.event_log.mapper import Cause, FactMapper
from shared.event_log.sealing import Seals
from shared.work.common.fact import Fact, FirstFact, Stream
from shared.work.common.sealed import person_key, text_key
from tests.benchmarks.lives.places import Places


class Written(NamedTuple):
    """A fact with its moment and running number, which order it; the nodes that come to hold it, and names of keys by node."""

    at: datetime
    number: int
    envelope: Envelope
    nodes: tuple[str, ...]
    keys: dict[str, list[str]]


class NamedKeys:
    """A key ring whose keys follow from their names, so that every node can be given its own without a parcel."""

    @staticmethod
    def make(name: str) -> bytes:
        """The key of that name."""
        return sha256(name.encode()).digest()

    find = make


class Pen:
    """Writes down; `persons` says how many people each case names, `letters` how many the county wrote in each year."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._mappers = {node.name: FactMapper(node.name, 1) for node in places.plan.nodes}
        self._waiting: list[Written] = []
        self._numbers = count()
        self.persons: dict[UUID, int] = {}
        self.letters: Counter[int] = Counter()

    def next_fact(self, stream: UUID, version: int, unit: UUID) -> UUID:
        """The id of the fact after a version of a unit's stream."""
        return self._mapper(unit).fact_id(stream, version + 1)

    def seals(self, stream: UUID, version: int, unit: UUID, subject: UUID) -> Seals:
        """Seals for that fact, under the keys of a subject."""
        ring = cast(Any, NamedKeys())
        return Seals(ring, self.next_fact(stream, version, unit), subject, making=True)

    def write(self, stream: Stream, cause: UUID | None = None) -> Fact:
        """Write down what a stream decided; `cause` is the fact that it follows from. Gives the last fact."""
        facts = cast(list[Fact], stream.collect_events())
        how = Cause("" if cause else "clerk", cause)
        for fact in facts:
            envelope = self._mapper(fact.unit).envelope(fact, stream.STREAM, how)
            written = Written(
                fact.timestamp, next(self._numbers), envelope, self._holders(envelope), self._keys(fact)
            )
            heapq.heappush(self._waiting, written)
        return facts[-1]

    def before(self, moment: datetime) -> Iterator[Written]:
        """Everything that happened before a moment, in order, each once."""
        while self._waiting and self._waiting[0].at < moment:
            yield heapq.heappop(self._waiting)

    def _mapper(self, unit: UUID) -> FactMapper:
        return self._mappers[self._places.all[unit].node]

    def _holders(self, envelope: Envelope) -> tuple[str, ...]:
        """Its own node, those that read all of it, and those of its addressees."""
        author = self._places.all[envelope.unit]
        above = [self._places.above(author)] if author.tier == "village" else []
        known = [
            author,
            *above,
            self._places.county,
            *(self._places.all[unit] for unit in envelope.addressees),
        ]
        return tuple(dict.fromkeys(place.node for place in known))

    def _keys(self, fact: Fact) -> dict[str, list[str]]:
        """The names of the keys that nodes have from this fact on: the subject's maker, and whom it entitles."""
        offices = [getattr(fact, field) for field in fact.KEYS_FOR]
        if isinstance(fact, FirstFact) and not fact.TOPIC.startswith(("referral.", "report.", "excuse.")):
            offices.append(fact.unit)
        subject = cast(UUID, attrgetter(fact.KEYS_OF)(fact) if fact.KEYS_OF else fact.originator_id)
        nodes = {self._places.all[unit].node for unit in offices if unit}
        return dict.fromkeys(sorted(nodes), self._names(subject)) if nodes else {}

    def _names(self, subject: UUID) -> list[str]:
        people = range(1, self.persons.get(subject, 0) + 1)
        return [text_key(subject), *(person_key(subject, person) for person in people)]
