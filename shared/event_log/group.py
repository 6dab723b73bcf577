"""One group of orders and arrivals that is committed together."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

from sqlalchemy import Connection, Engine, bindparam, select
from sqlalchemy.exc import DBAPIError

from shared.database.batched_question import BatchedQuestion
from shared.database.writes import Writes
from shared.envelope import Envelope
from shared.event_log.commit import was_kept
from shared.event_log.journal import known_among
from shared.event_log.key_ring import KeyRing
from shared.event_log.known import Departures, JournaledFact, Projector, end_of_journal
from shared.event_log.mapper import Cause, FactMapper
from shared.event_log.memory import Memory
from shared.event_log.pending import PendingFacts
from shared.event_log.prefetch import Prefetched, Wanted
from shared.event_log.recorder import SafeRecorder
from shared.event_log.tables import RECEIVED
from shared.event_log.transaction import Fence, Transaction
from shared.work.common.fact import Fact, Stream
from shared.work.common.refusals import NotFound

S = TypeVar("S", bound=Stream)
T = TypeVar("T")
Work = Callable[["Group"], Any]
"""What a member does in the open group."""

_BODIES = select(RECEIVED).where(RECEIVED.c.fact.in_(bindparam("facts", expanding=True)))
_HELD = select(RECEIVED.c.fact).where(RECEIVED.c.fact.in_(bindparam("facts", expanding=True)))
"""Built once: building it anew took as long as answering it."""


class OnItsWay(Protocol):
    """A group that is being committed; `land` waits until it is kept. Errors: NotKept."""

    @property
    def group(self) -> Any: ...
    def land(self) -> None: ...


@dataclass(frozen=True)
class Parts:
    """What a group works with; the same for every group of a node.

    `follow` does what follows from a fact; the streams in its last argument have had it already.
    """

    engine: Engine
    writing: Engine
    recorder: SafeRecorder
    mapper: FactMapper
    ring: KeyRing
    projector: Projector
    departures: Departures
    follow: Callable[["Group", JournaledFact, Collection[UUID]], None]
    memory: Memory
    fence: Fence


class Group:
    """Members that are committed together; used by the writer as a context.

    `on_commit` and `on_rollback` are called once, after the group is durable or given up. `before` is the group on
    top of which this one is decided: what that recorded is in memory, and in the database only once it has landed.
    """

    def __init__(self, parts: Parts, before: OnItsWay | None = None) -> None:
        self.parts = parts
        self._before = before
        self._taken_for_new: frozenset[UUID] = frozenset()
        self._prefetched = Prefetched()
        self._committed = False
        self.on_commit: list[Callable[[], None]] = []
        self.on_rollback: list[Callable[[], None]] = []

    def __enter__(self) -> "Group":
        self._transaction = Transaction(self.parts.writing, self.parts.fence)
        try:
            self._transaction.first += [
                *self.parts.fence.statements(),
                *self.parts.recorder.opening(self._transaction.link),
            ]
            if self.parts.memory.doubtful:
                self._look_where_the_journal_ends()
            self._pending = PendingFacts(self.parts.memory)
        except BaseException:
            self._transaction.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        try:
            if not self._committed:
                self._forget_everything()
        finally:
            self._transaction.close()

    @property
    def connection(self) -> Connection:
        """The link inside the group's transaction, for whoever changes rows at once."""
        self._land_before()
        return self._transaction.connection

    @property
    def asking(self) -> Connection:
        """The link for questions, which need no transaction; what was decided before is in the database by now."""
        self._land_before()
        return self._transaction.link

    def _asking_about(self, *, streams: Collection[UUID] = (), units: Collection[UUID] = ()) -> Connection:
        """As `asking`, for what depends on these alone: only who has facts of them is waited for."""
        if self._before is not None and self._before.group.touches(streams, units):
            self._land_before()
        return self._transaction.link

    def _land_before(self) -> None:
        if self._before is not None:
            self._before.land()

    def touches(self, streams: Collection[UUID], units: Collection[UUID]) -> bool:
        """Whether the group has facts of one of these."""
        pending = self._pending
        return not (pending.streams.isdisjoint(streams) and pending.units.isdisjoint(units))

    @property
    def writes(self) -> Writes:
        """Changes that wait and travel with the group's."""
        return self._transaction.writes

    def expect(self, works: Iterable[Work], *, look: bool = False) -> None:
        """Ask once for what the members will ask for; `look` also at what is most likely new."""
        wanted = Wanted.of(works, look=look)
        unknown = [stream for stream in wanted.streams if stream not in self.parts.memory.streams]
        asking = self.asking if look else self._asking_about(streams=unknown, units=wanted.units)
        self._prefetched.read(asking, self.parts.memory, wanted)

    def taking_for_new(self, streams: Iterable[UUID], work: Work) -> Any:
        """Do one member's work. While it runs, these streams count as not begun unless something is known of them."""
        self._taken_for_new = frozenset(streams)
        try:
            return work(self)
        finally:
            self._taken_for_new = frozenset()

    def _forget_everything(self) -> None:
        self.parts.memory.forget()
        self.parts.departures.rollback()
        for undo in self.on_rollback:
            undo()

    def _look_where_the_journal_ends(self) -> None:
        """Begin from what the database holds; a commit that was in doubt may have been kept."""
        self.parts.memory.position = end_of_journal(self.asking)
        self.parts.departures.read_again(self.asking)
        self.parts.memory.doubtful = False

    def run(self, work: Callable[["Group"], T]) -> T:
        """Do one member's work; what a refused member recorded is forgotten."""
        return work(self)

    def seal(self) -> None:
        """Make ready what `commit` sends; keys are durable before what they seal. Errors: sqlite3's, the database's."""
        self._gather()
        self.parts.ring.keep()
        self._transaction.compose()
        self._end = self.parts.memory.position

    def commit(self) -> None:
        """Make everything durable. Errors: CommitInDoubt, the database's."""
        try:
            self._transaction.commit()
        except DBAPIError:
            if not self._was_kept():
                raise

    def land(self) -> None:
        """It is durable: show it to everybody."""
        self._committed = True
        self.parts.departures.commit()
        for done in self.on_commit:
            done()

    def _was_kept(self) -> bool:
        """Whether a commit whose answer got lost was kept. Without facts it does no harm to do it again."""
        return self._pending.has_facts and was_kept(self.parts.engine, self._pending.last_own, self._end)

    def flush(self) -> None:
        """Write what is pending into the open transaction, so that questions see it."""
        self._land_before()
        self._gather()
        self._transaction.send()

    def _gather(self) -> None:
        """Let everything pending wait to be sent: the log, places, projections, answers."""
        writes = self._transaction.writes
        if news := self._pending.write(writes, self.parts.recorder):
            self.parts.departures.depart(self._transaction, news)
            self.parts.projector(writes, news)
        self.parts.memory.answers.write(writes)

    def ask(self, question: Callable[..., T], *arguments: Any, about: UUID | None = None, **named: Any) -> T:
        """Ask a projection; it sees everything recorded so far.

        `about` says that only facts of one unit bear on the answer, so that what other units have
        pending need not be written first; a group's members then share their statements.
        """
        if about is None or self._pending.has_news_of(about):
            self.flush()
        asking = self.asking if about is None else self._asking_about(units=(about,))
        return question(asking, *arguments, **named)

    def answer(self, question: BatchedQuestion) -> Any:
        """The answer asked for all members together; a new one once the question's unit has news in the group."""
        if question in self._prefetched and question.about not in self._pending.units:
            return self._prefetched[question]
        return self.ask(question.of_many, [question.key], about=question.about)[question.key]

    def load(self, kind: type[S], stream: UUID) -> S:
        """The present state of a stream. Errors: NotFound."""
        known = self.find(stream)
        if not isinstance(known, kind):
            raise NotFound(what=kind.__name__)
        return known

    def find(self, stream: UUID) -> Stream | None:
        """The present state of a stream; none when this node has recorded nothing of it."""
        memory = self.parts.memory
        if stream not in memory.streams:
            if stream in self._taken_for_new:
                return None
            if self._pending.has_stream(stream):
                self.flush()
            memory.streams.read(self._asking_about(streams=(stream,)), [stream])
        return memory.streams.get(stream)

    def forget(self, streams: Iterable[UUID]) -> None:
        """Drop streams whose state in memory is not what was recorded."""
        self.parts.memory.streams.forget(streams)

    def record(self, stream: Stream, cause: Cause) -> list[JournaledFact]:
        """Take the facts that a stream has pending into the group, then do what follows from them."""
        facts = cast(Sequence[Fact], stream.collect_events())
        self.parts.memory.streams.remember(stream.id, stream)
        news = [self._pending.own(self.parts.mapper.envelope(fact, stream.STREAM, cause)) for fact in facts]
        for known in news:
            self.react(known)
        return news

    def known_of(self, facts: list[UUID]) -> set[UUID]:
        """Those facts of other nodes that are held here already, in the journal or parked."""
        stored = self.asking.scalars(_HELD, {"facts": facts})
        return set(stored) | (self._pending.held() & set(facts))

    def bodies_of(self, facts: set[UUID]) -> dict[UUID, bytes]:
        """The canonical bytes of facts of other nodes that are held here."""
        if not self._pending.held().isdisjoint(facts):
            self.flush()
        rows = self.asking.execute(_BODIES, {"facts": list(facts)}) if facts else ()
        return {row.fact: bytes(row.body) for row in rows}

    def find_facts(self, facts: list[UUID]) -> list[JournaledFact]:
        """Those of the facts that are in this node's journal, also of this group, in the order of the journal."""
        if not self._pending.facts().isdisjoint(facts):
            self.flush()
        return known_among(self.asking, facts)

    def receive(self, envelope: Envelope, arrived: datetime) -> JournaledFact:
        """Take a fact of another node into the journal, then do what follows from it. Errors: UnknownFact."""
        known = self._pending.journal(envelope, arrived)
        self._pending.hold(envelope, arrived)
        self.react(known)
        return known

    def hold(self, envelope: Envelope, arrived: datetime) -> None:
        """Keep a fact of another node without acting on it: it is parked."""
        self._pending.hold(envelope, arrived)

    def receive_held(self, envelope: Envelope, arrived: datetime) -> JournaledFact:
        """Take a fact that was only held into the journal, then do what follows from it. Errors: UnknownFact."""
        known = self._pending.journal(envelope, arrived)
        self.react(known)
        return known

    def take_back(self, envelope: Envelope) -> JournaledFact:
        """Take an own fact of an earlier incarnation, which came back from others, into the log; nothing follows yet."""
        return self._pending.own(envelope)

    def send_also(self, node: str, facts: list[JournaledFact]) -> None:
        """Let own facts that are in the journal travel to a node besides their routes."""
        self.parts.departures.send_also(self._transaction, node, facts)

    def react(self, known: JournaledFact, had: Collection[UUID] = ()) -> None:
        """Do what follows from a fact that is known now; the streams of `had` have had it already."""
        self.parts.follow(self, known, had)
