"""One group of orders and arrivals that is committed together."""

import json
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from sqlalchemy import Connection, Engine, func, insert, select
from sqlalchemy.orm import Session

from shared.casework.actor import Actor
from shared.casework.fact import Fact, Stream
from shared.casework.refusals import NotFound, Refusal, StaleVersion
from shared.envelope import Envelope, moment_text
from shared.event_log.key_ring import KeyRing
from shared.event_log.mapper import Cause, FactMapper, data_of, fact_of, stored
from shared.event_log.recorder import STORED_EVENTS, SafeRecorder
from shared.event_log.sealing import Seals
from shared.event_log.tables import JOURNAL, ORDERS, RECEIVED

log = logging.getLogger(__name__)
S = TypeVar("S", bound=Stream)
T = TypeVar("T")

REMEMBERED_STREAMS = 2_000
"""Most streams kept in memory by a writer. Unit: aggregates of about 2 KB, so a few megabytes."""


@dataclass(frozen=True)
class Known:
    """A fact that has just become known to this node, own or received, at its journal position."""

    envelope: Envelope
    data: dict[str, Any]
    position: int
    arrived: datetime | None


Projector = Callable[[Connection, list[Known]], None]


class Departures(Protocol):
    """What gives own facts their places on their routes, and follows the directory while doing so."""

    def depart(self, connection: Connection, news: list[Known]) -> None: ...
    def commit(self) -> None: ...
    def rollback(self) -> None: ...


Reaction = Callable[["Desk", Known], None]


class SameKeyOtherOrder(Refusal):
    """An idempotency key was used again for something else."""

    code = "same-key-other-order"
    sentence = "This form was already sent with other content. Open the form again and send it once more."
    status = 422


@dataclass
class Memory:
    """What a writer remembers between groups; emptied when a commit fails."""

    streams: "OrderedDict[UUID, Stream]" = field(default_factory=OrderedDict)
    position: int = 0
    doubtful: bool = False

    def remember(self, stream: Stream) -> None:
        """Keep a stream's present state, forgetting the longest unused one when there are too many."""
        self.streams[stream.id] = stream
        self.streams.move_to_end(stream.id)
        if len(self.streams) > REMEMBERED_STREAMS:
            self.streams.popitem(last=False)


@dataclass(frozen=True)
class Parts:
    """What a group works with; the same for every group of a node."""

    engine: Engine
    recorder: SafeRecorder
    mapper: FactMapper
    ring: KeyRing
    projector: Projector
    departures: Departures
    reactions: Reaction
    memory: Memory


class Group:
    """Members that are committed together; used by the writer as a context."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._news: list[Known] = []
        self._stored: list[StoredEvent] = []
        self._journal: list[dict[str, Any]] = []
        self._received: list[dict[str, Any]] = []
        self._orders: dict[str, dict[str, Any]] = {}
        self._committed = False
        self.on_commit: list[Callable[[], None]] = []
        self.on_rollback: list[Callable[[], None]] = []

    def __enter__(self) -> "Group":
        self.connection = self.parts.engine.connect()
        try:
            self._transaction = self.connection.begin()
            if self.parts.memory.doubtful:
                self._look_where_the_journal_ends()
        except BaseException:
            self.connection.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        try:
            if not self._committed:
                self._forget_everything()
                self._transaction.rollback()
        finally:
            self.connection.close()

    def _forget_everything(self) -> None:
        """What a failed commit left in the database is not known before it answers again."""
        self.parts.memory.streams.clear()
        self.parts.memory.doubtful = True
        self.parts.departures.rollback()
        for undo in self.on_rollback:
            undo()

    def _look_where_the_journal_ends(self) -> None:
        last = self.connection.scalar(select(func.max(JOURNAL.c.position)))
        self.parts.memory.position = last or 0
        self.parts.memory.doubtful = False

    def run(self, work: Callable[["Group"], T]) -> T:
        """Do one member's work; what a refused member recorded is forgotten."""
        return work(self)

    def commit(self) -> None:
        """Make everything durable: keys first, then one commit."""
        self.flush()
        self.parts.ring.keep()
        self._transaction.commit()
        self._committed = True
        self.parts.departures.commit()
        for done in self.on_commit:
            done()

    def flush(self) -> None:
        """Write what is pending into the open transaction, so that questions see it."""
        self._write_log()
        if self._news:
            news, self._news = self._news, []
            self.parts.departures.depart(self.connection, news)
            self.parts.projector(self.connection, news)
        if self._orders:
            self.connection.execute(insert(ORDERS), list(self._orders.values()))
            self._orders = {}

    def ask(self, question: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Ask a projection; it sees everything recorded so far."""
        self.flush()
        return question(self.connection, *arguments, **named)

    def load(self, kind: type[S], stream: UUID) -> S:
        """The present state of a stream. Errors: NotFound."""
        known = self.parts.memory.streams.get(stream)
        if known is None:
            self.flush()
            known = self._replay(stream)
        if not isinstance(known, kind):
            raise NotFound(what=kind.__name__)
        self.parts.memory.remember(known)
        return known

    def forget(self, streams: Iterable[UUID]) -> None:
        """Drop streams whose state in memory is not what was recorded."""
        for stream in streams:
            self.parts.memory.streams.pop(stream, None)

    def record(self, stream: Stream, cause: Cause) -> list[Known]:
        """Take the facts that a stream has pending into the group, and let reactions follow."""
        facts = cast(Sequence[Fact], stream.collect_events())
        self.parts.memory.remember(stream)
        news = [self._own(self.parts.mapper.envelope(fact, stream.STREAM, cause)) for fact in facts]
        for known in news:
            self._react(known)
        return news

    def known_of(self, facts: list[UUID]) -> set[UUID]:
        """Those of the facts that are in this node's journal already."""
        pending = {row["fact"] for row in self._journal}
        stored = self.connection.scalars(select(JOURNAL.c.fact).where(JOURNAL.c.fact.in_(facts)))
        return set(stored) | (pending & set(facts))

    def receive(self, envelope: Envelope, arrived: datetime) -> Known:
        """Take a fact of another node into the journal, and let reactions follow. Errors: UnknownFact."""
        known = self._journalled(envelope, arrived)
        self.hold(envelope, arrived)
        self._react(known)
        return known

    def hold(self, envelope: Envelope, arrived: datetime) -> None:
        """Keep a fact of another node without acting on it: it is parked, or about to be received."""
        row = {"fact": envelope.id, "body": envelope.body, "arrived_at": moment_text(arrived)}
        self._received.append(row)

    def receive_held(self, envelope: Envelope, arrived: datetime) -> Known:
        """Take a fact that was only held into the journal, and let reactions follow. Errors: UnknownFact."""
        known = self._journalled(envelope, arrived)
        self._react(known)
        return known

    def answered(self, key: str, fingerprint: str) -> dict[str, Any] | None:
        """The first answer to an order with this key. Errors: SameKeyOtherOrder."""
        row = self._orders.get(key)
        if row is None:
            found = self.connection.execute(select(ORDERS).where(ORDERS.c.key == key)).mappings().first()
            row = dict(found) if found else None
        if row is None:
            return None
        if row["fingerprint"] != fingerprint:
            raise SameKeyOtherOrder()
        return json.loads(row["answer"])

    def remember_answer(self, key: str, fingerprint: str, answer: dict[str, Any], at: datetime) -> None:
        """Keep an order's answer under its key, with its facts."""
        self._orders[key] = {
            "key": key,
            "fingerprint": fingerprint,
            "answer": json.dumps(answer, ensure_ascii=False),
            "answered_at": moment_text(at),
        }

    def _own(self, envelope: Envelope) -> Known:
        self._stored.append(stored(envelope))
        return self._journalled(envelope, None)

    def _journalled(self, envelope: Envelope, arrived: datetime | None) -> Known:
        position = self.parts.memory.position + 1
        known = Known(envelope, data_of(envelope), position, arrived)
        self.parts.memory.position = position
        self._news.append(known)
        self._journal.append(
            {
                "position": position,
                "fact": envelope.id,
                "stream": envelope.stream,
                "stream_version": envelope.stream_version,
                "own": arrived is None,
            }
        )
        return known

    def _react(self, known: Known) -> None:
        desk = Desk(self, at=known.arrived or known.envelope.recorded, actor=None, cause=known.envelope.id)
        try:
            self.parts.reactions(desk, known)
        except Refusal as refusal:
            desk.give_up()
            log.info("no reaction to %s: %s", known.envelope.type, refusal.code)

    def _write_log(self) -> None:
        if self._stored:
            with Session(self.connection, autoflush=False) as session:
                self.parts.recorder.insert_events(self._stored, session=session)
        if self._received:
            self.connection.execute(insert(RECEIVED), self._received)
        if self._journal:
            self.connection.execute(insert(JOURNAL), self._journal)
        self._stored, self._received, self._journal = [], [], []

    def _replay(self, stream: UUID) -> Stream | None:
        state = None
        for event in self._events_of(stream):
            state = fact_of(Envelope.read(event)).mutate(state)
        return state

    def _events_of(self, stream: UUID) -> list[bytes]:
        events = STORED_EVENTS.c
        query = select(events.state).where(events.originator_id == stream)
        rows = self.connection.execute(query.order_by(events.originator_version))
        return [bytes(row.state) for row in rows]


class Desk:
    """Where one order is decided: time, actor, streams, seals and questions in one place."""

    def __init__(self, group: Group, *, at: datetime, actor: Actor | None, cause: UUID | None = None) -> None:
        self.group = group
        self.at = at
        self.actor = actor
        self._cause = Cause(actor.account if actor else "", cause)
        self._touched: dict[UUID, Stream] = {}
        self.recorded: list[Known] = []

    def load(self, kind: type[S], stream: UUID, version: int | None = None) -> S:
        """A stream's present state. Errors: NotFound; StaleVersion when `version` is not the present one."""
        found = self.group.load(kind, stream)
        if version is not None and found.version != version:
            raise StaleVersion(seen=version, now=found.version)
        self._touched[stream] = found
        return found

    def add(self, stream: S) -> S:
        """Take a new stream into the order. Errors: StaleVersion when there is one already."""
        if self.exists(stream.id):
            raise StaleVersion(seen=0, now=1)
        self._touched[stream.id] = stream
        return stream

    def exists(self, stream: UUID) -> bool:
        """Whether this node has recorded such a stream."""
        try:
            self.group.load(Stream, stream)
        except NotFound:
            return False
        return True

    def ask(self, question: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Ask a projection; it sees everything recorded so far, in this order too once kept."""
        return self.group.ask(question, *arguments, **named)

    def next_fact(self, stream: UUID, version: int) -> UUID:
        """The id of the fact that will be recorded after `version` of a stream of this node."""
        return self.group.parts.mapper.fact_id(stream, version + 1)

    def seals(self, stream: UUID, version: int, subject: UUID, *, making: bool = False) -> Seals:
        """Seals for the next fact of a stream; `making` for a subject that begins here."""
        return Seals(self.group.parts.ring, self.next_fact(stream, version), subject, making=making)

    def keep(self) -> list[Known]:
        """Record what the touched streams decided."""
        for stream in list(self._touched.values()):
            if stream.pending_events:
                self.recorded += self.group.record(stream, self._cause)
        return self.recorded

    def give_up(self) -> None:
        """Forget what the touched streams decided."""
        self.group.forget(self._touched)
