"""Offices that work for themselves and hear of one another later: real streams, real reactions.

Every office keeps its own streams, as a node does. What it records reaches the addressed offices
one road at a time: from one office to another in order, between different roads in any order.
"""

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import Connection, StaticPool, create_engine

from shared.database.writes import Writes
from shared.envelope import Envelope
from shared.event_log.known import JournaledFact
from shared.event_log.mapper import Cause, FactMapper, data_of, fact_of
from shared.event_log.order_context import OrderContext
from shared.projections.rows import Batch, RecordedFact
from shared.work.catalogue import WORK
from shared.work.common.fact import Stream, UnitId
from shared.work.common.refusals import NotFound, Refusal
from shared.work.matters.offering import Offered
from shared.work.matters.questions.referrals import HANDLERS, OVERRIDES

S = TypeVar("S", bound=Stream)
T = TypeVar("T")


def _overrides_table() -> Connection:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    connection = engine.connect()
    OVERRIDES.create(connection)
    return connection


@dataclass
class Office:
    """One office at its own desk; `facts` are all that its streams recorded, in order."""

    unit: UnitId
    network: "Network"
    streams: dict[UUID, Stream] = field(default_factory=dict[UUID, Stream])
    facts: dict[UUID, list[Envelope]] = field(default_factory=lambda: defaultdict(list))

    @cached_property
    def overrides(self) -> Connection:
        """What the office knows of the county's overrides."""
        return _overrides_table()

    @property
    def at(self) -> datetime:
        return self.network.at

    def load(self, kind: type[S], stream: UUID, version: int | None = None) -> S:
        found = self.streams.get(stream)
        if not isinstance(found, kind):
            raise NotFound(what=kind.__name__)
        return found

    def add(self, stream: S) -> S:
        self.streams[stream.id] = stream
        return stream

    def exists(self, stream: UUID) -> bool:
        return stream in self.streams

    def ask(self, question: Callable[..., T], *arguments: Any, **named: Any) -> T:
        return question(self.overrides, *arguments, **named)

    def next_fact(self, stream: Stream) -> UUID:
        return self.network.mapper.fact_id(stream.id, stream.version + 1)

    def record(self) -> None:
        """Record what the streams decided and send it on its roads."""
        for stream in [stream for stream in self.streams.values() if stream.pending_events]:
            for fact in stream.collect_events():
                envelope = self.network.mapper.envelope(fact, stream.STREAM, Cause("clerk"))
                self.facts[stream.id].append(envelope)
                self.network.offers += [fact] if isinstance(fact, Offered) else []
                self.network.send(self, envelope)

    def hear(self, envelope: Envelope) -> None:
        """Take a fact and let follow what follows; a refused reaction leaves nothing behind."""
        known = JournaledFact(envelope, data_of(envelope), 0, self.at)
        if envelope.name == "override.ordered":
            self._know_override(known)
        self.attempt(lambda: WORK.follow(cast(OrderContext, self), known, lambda unit: unit == self.unit))

    def attempt(self, order: Callable[[], object]) -> bool:
        """Give an order; whether it was done. What a refused one decided is forgotten."""
        try:
            order()
        except Refusal:
            for stream in [stream for stream in self.streams.values() if stream.pending_events]:
                self.streams[stream.id] = self.replay(stream.id)
            return False
        self.record()
        return True

    def replay(self, stream: UUID) -> Stream:
        """The stream as its facts alone tell it."""
        state: Any = None
        for envelope in self.facts[stream]:
            state = fact_of(Envelope.read(envelope.body)).mutate(state)
        return state

    def _know_override(self, known: JournaledFact) -> None:
        batch = Batch()
        batch.take(HANDLERS[known.envelope.name](RecordedFact(known.envelope, known.data, self.at, 0)))
        writes = Writes(self.overrides)
        batch.write(writes)
        writes.send()


@dataclass
class Network:
    """The offices and the roads between them; `offers` are all that were ever made."""

    units: tuple[UnitId, ...]
    at: datetime
    mapper: FactMapper = field(default_factory=lambda: FactMapper("one", 1))
    offers: list[Offered] = field(default_factory=list[Offered])

    def __post_init__(self) -> None:
        self.offices = {unit: Office(unit, self) for unit in self.units}
        self.roads: dict[tuple[UnitId, UnitId], deque[Envelope]] = defaultdict(deque)

    def send(self, sender: Office, envelope: Envelope) -> None:
        """An office hears itself at once, the addressed ones when their road brings it."""
        sender.hear(envelope)
        for unit in envelope.addressees:
            if unit != sender.unit:
                self.roads[sender.unit, unit].append(envelope)

    def waiting(self) -> list[tuple[UnitId, UnitId]]:
        """Roads on which something is under way."""
        return sorted(road for road, facts in self.roads.items() if facts)

    def deliver(self, road: tuple[UnitId, UnitId]) -> None:
        """Bring the oldest fact of a road to its end."""
        self.offices[road[1]].hear(self.roads[road].popleft())
