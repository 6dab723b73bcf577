"""One group of orders and arrivals that is committed together."""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from sqlalchemy import Connection, Engine, bindparam, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.database.batched_question import Foreseen
from shared.database.writes import Writes
from shared.envelope import Envelope, moment_text
from shared.event_log.answers import Answers
from shared.event_log.key_ring import KeyRing
from shared.event_log.mapper import Cause, FactMapper, data_of, stored
from shared.event_log.recorder import STORED_EVENTS, SafeRecorder
from shared.event_log.sealing import Seals
from shared.event_log.streams import Streams
from shared.event_log.tables import JOURNAL, RECEIVED
from shared.event_log.transaction import Fence, Transaction
from shared.work.common.actor import Actor
from shared.work.common.fact import Fact, Stream
from shared.work.common.refusals import NotFound, Refusal, StaleVersion

log = logging.getLogger(__name__)
S = TypeVar("S", bound=Stream)
T = TypeVar("T")

_STATE_OF = select(STORED_EVENTS.c.state).where(
    STORED_EVENTS.c.originator_id == bindparam("stream"),
    STORED_EVENTS.c.originator_version == bindparam("version"),
)
_JOURNALLED = select(JOURNAL.c.fact).where(JOURNAL.c.fact.in_(bindparam("facts", expanding=True)))
"""Built once: building it anew took as long as answering it."""


@dataclass(frozen=True)
class Known:
    """A fact that has just become known to this node, own or received, at its journal position."""

    envelope: Envelope
    data: dict[str, Any]
    position: int
    arrived: datetime | None


Projector = Callable[[Writes, list[Known]], None]


class Departures(Protocol):
    """What gives own facts their places on their routes, and follows the directory while doing so."""

    def read_again(self, connection: Connection) -> None: ...
    def depart(self, transaction: Transaction, news: list[Known]) -> None: ...
    def commit(self) -> None: ...
    def rollback(self) -> None: ...


Reaction = Callable[["Desk", Known], None]


class CommitInDoubt(Refusal):
    """The database went away while it committed, and does not answer the question whether it did."""

    code = "commit-in-doubt"
    sentence = (
        "The database stopped while it was saving, so it is not known whether this was saved. "
        "Send the same form again in a minute: what was saved is not done twice."
    )
    status = 503


@dataclass
class Memory:
    """What a writer remembers between groups; emptied when a commit fails."""

    streams: Streams = field(default_factory=Streams)
    answers: Answers = field(default_factory=Answers)
    position: int = 0
    doubtful: bool = False


@dataclass(frozen=True)
class Parts:
    """What a group works with; the same for every group of a node."""

    engine: Engine
    writing: Engine
    recorder: SafeRecorder
    mapper: FactMapper
    ring: KeyRing
    projector: Projector
    departures: Departures
    reactions: Reaction
    memory: Memory
    fence: Fence


class Work(Protocol):
    """What a member does in the open group."""

    def __call__(self, group: "Group", /) -> Any: ...


@dataclass(frozen=True)
class Expecting:
    """Work that says before what it will ask for, so that a group asks once for all its members.

    `streams` have begun; `fresh` ones most likely have not, nor was `key` used before: these are not
    looked up. Where that is wrong, the database holds the fact or the key already, so the commit
    fails, and the member is tried again alone after a look. `questions` are asked of projections.
    """

    work: Work
    key: str | None = None
    streams: tuple[UUID, ...] = ()
    fresh: tuple[UUID, ...] = ()
    questions: tuple[Foreseen, ...] = ()

    def __call__(self, group: "Group", /) -> Any:
        """Do the work."""
        return group.taking_for_new(self.fresh, self.work)


class Group:
    """Members that are committed together; used by the writer as a context."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._taken_for_new: frozenset[UUID] = frozenset()
        self._news: list[Known] = []
        self._answers: dict[Foreseen, Any] = {}
        self._units: set[UUID] = set()
        self._stored: list[StoredEvent] = []
        self._last: StoredEvent | None = None
        self._journal: list[dict[str, Any]] = []
        self._received: list[dict[str, Any]] = []
        self._committed = False
        self.on_commit: list[Callable[[], None]] = []
        self.on_rollback: list[Callable[[], None]] = []

    def __enter__(self) -> "Group":
        self._transaction = Transaction(self.parts.writing, self.parts.fence)
        try:
            self._transaction.first += [
                *self.parts.fence.statements(),
                *self.parts.recorder.opening(self.asking),
            ]
            if self.parts.memory.doubtful:
                self._look_where_the_journal_ends()
            self._first_position = self.parts.memory.position
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
        return self._transaction.connection

    @property
    def asking(self) -> Connection:
        """The link for questions, which need no transaction."""
        return self._transaction.link

    @property
    def writes(self) -> Writes:
        """Changes that wait and travel with the group's."""
        return self._transaction.writes

    def expect(self, works: Iterable[Work], *, look: bool = False) -> None:
        """Ask once for what the members will ask for; `look` also at what is most likely new."""
        memory = self.parts.memory
        expecting = [work for work in works if isinstance(work, Expecting)]
        streams = {stream for work in expecting for stream in work.streams}
        if look:
            streams |= {stream for work in expecting for stream in work.fresh}
            memory.answers.read(self.asking, [work.key for work in expecting if work.key is not None])
        memory.streams.read(self.asking, streams)
        self._answers = self._answered({question for work in expecting for question in work.questions})

    def _answered(self, questions: Collection[Foreseen]) -> dict[Foreseen, Any]:
        keys: dict[Any, set[Any]] = {}
        for question in questions:
            keys.setdefault(question.of_many, set()).add(question.key)
        answers = {of_many: of_many(self.asking, asked) for of_many, asked in keys.items()}
        return {question: answers[question.of_many][question.key] for question in questions}

    def taking_for_new(self, streams: Iterable[UUID], work: Work) -> Any:
        """Do a member's work; of these streams those that nothing is known of have not begun, for it alone."""
        self._taken_for_new = frozenset(streams)
        try:
            return work(self)
        finally:
            self._taken_for_new = frozenset()

    def _forget_everything(self) -> None:
        """What a failed commit left in the database is not known before it answers again."""
        self.parts.memory.streams.clear()
        self.parts.memory.answers.clear()
        self.parts.memory.doubtful = True
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

    def commit(self) -> None:
        """Make everything durable: keys first, then one commit. Errors: CommitInDoubt, the database's."""
        self._gather()
        self.parts.ring.keep()
        try:
            self._transaction.commit()
        except DBAPIError:
            if not self._was_kept():
                raise
        self._committed = True
        self.parts.departures.commit()
        for done in self.on_commit:
            done()

    def _was_kept(self) -> bool:
        """Whether a commit whose answer got lost was kept; another process may write this journal by now."""
        if self.parts.memory.position == self._first_position:
            return False  # no facts: what else there was is harmless to do again
        try:
            with self.parts.engine.connect() as connection:
                return self._is_stored(connection)
        except (DBAPIError, PoolTimeout) as error:
            raise CommitInDoubt() from error

    def _is_stored(self, connection: Connection) -> bool:
        """Whether the group's last own fact is in the log, to the byte, or what it received is in the journal."""
        if self._last is None:
            return end_of_journal(connection) == self.parts.memory.position
        state = connection.scalar(
            _STATE_OF, {"stream": self._last.originator_id, "version": self._last.originator_version}
        )
        return state is not None and bytes(state) == self._last.state

    def flush(self) -> None:
        """Write what is pending into the open transaction, so that questions see it."""
        self._gather()
        self._transaction.send()

    def _gather(self) -> None:
        """Let everything pending wait to be sent: the log, places, projections, answers."""
        writes = self._transaction.writes
        self.parts.recorder.write_events(writes, self._stored)
        writes.insert(RECEIVED, self._received)
        writes.insert(JOURNAL, self._journal)
        self._stored, self._received, self._journal = [], [], []
        if self._news:
            news, self._news = self._news, []
            self.parts.departures.depart(self._transaction, news)
            self.parts.projector(writes, news)
        self.parts.memory.answers.write(writes)

    def ask(self, question: Callable[..., T], *arguments: Any, about: UUID | None = None, **named: Any) -> T:
        """Ask a projection; it sees everything recorded so far.

        `about` says that only facts of one unit bear on the answer, so that what other units have
        pending need not be written first; a group's members then share their statements.
        """
        if about is None or any(known.envelope.unit == about for known in self._news):
            self.flush()
        return question(self.asking, *arguments, **named)

    def answer(self, question: Foreseen) -> Any:
        """The answer that the group was given for all its members, or today's once its unit has news in the group."""
        if question in self._answers and question.about not in self._units:
            return self._answers[question]
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
            if any(row["stream"] == stream for row in self._journal):
                self.flush()
            memory.streams.read(self.asking, [stream])
        return memory.streams.get(stream)

    def forget(self, streams: Iterable[UUID]) -> None:
        """Drop streams whose state in memory is not what was recorded."""
        self.parts.memory.streams.forget(streams)

    def record(self, stream: Stream, cause: Cause) -> list[Known]:
        """Take the facts that a stream has pending into the group, and let reactions follow."""
        facts = cast(Sequence[Fact], stream.collect_events())
        self.parts.memory.streams.remember(stream.id, stream)
        news = [self._own(self.parts.mapper.envelope(fact, stream.STREAM, cause)) for fact in facts]
        for known in news:
            self.react(known)
        return news

    def known_of(self, facts: list[UUID]) -> set[UUID]:
        """Those of the facts that are in this node's journal already."""
        pending = {row["fact"] for row in self._journal}
        stored = self.asking.scalars(_JOURNALLED, {"facts": facts})
        return set(stored) | (pending & set(facts))

    def receive(self, envelope: Envelope, arrived: datetime) -> Known:
        """Take a fact of another node into the journal, and let reactions follow. Errors: UnknownFact."""
        known = self._journalled(envelope, arrived)
        self.hold(envelope, arrived)
        self.react(known)
        return known

    def hold(self, envelope: Envelope, arrived: datetime) -> None:
        """Keep a fact of another node without acting on it: it is parked, or about to be received."""
        row = {"fact": envelope.id, "body": envelope.body, "arrived_at": moment_text(arrived)}
        self._received.append(row)

    def receive_held(self, envelope: Envelope, arrived: datetime) -> Known:
        """Take a fact that was only held into the journal, and let reactions follow. Errors: UnknownFact."""
        known = self._journalled(envelope, arrived)
        self.react(known)
        return known

    def take_back(self, envelope: Envelope) -> Known:
        """Take an own fact of an earlier life, which came back from others, into the log; nothing follows yet."""
        return self._own(envelope)

    def _own(self, envelope: Envelope) -> Known:
        self._last = stored(envelope)
        self._stored.append(self._last)
        return self._journalled(envelope, None)

    def _journalled(self, envelope: Envelope, arrived: datetime | None) -> Known:
        position = self.parts.memory.position + 1
        known = Known(envelope, data_of(envelope), position, arrived)
        self.parts.memory.position = position
        self._news.append(known)
        self._units.add(envelope.unit)
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

    def react(self, known: Known, had: Collection[UUID] = ()) -> None:
        """Let follow what follows from a fact that is known now; the streams of `had` have it already."""
        at, cause = known.arrived or known.envelope.recorded, known.envelope.id
        desk = Desk(self, at=at, actor=None, cause=cause, had=had)
        try:
            self.parts.reactions(desk, known)
        except Refusal as refusal:
            desk.give_up()
            log.info("no reaction to %s: %s", known.envelope.type, refusal.code)


def end_of_journal(connection: Connection) -> int:
    """The journal's last position; 0 when it is empty."""
    return connection.scalar(select(func.max(JOURNAL.c.position))) or 0


class Desk:
    """Where one order is decided: time, actor, streams, seals and questions in one place."""

    def __init__(
        self,
        group: Group,
        *,
        at: datetime,
        actor: Actor | None,
        cause: UUID | None = None,
        had: Collection[UUID] = (),
    ) -> None:
        self.group = group
        self._had = had
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
        return self.group.find(stream) is not None

    def ask(self, question: Callable[..., T], *arguments: Any, about: UUID | None = None, **named: Any) -> T:
        """Ask a projection; it sees everything recorded so far, in this order too once kept.

        `about` names the unit when no other unit's facts bear on the answer.
        """
        return self.group.ask(question, *arguments, about=about, **named)

    def answer(self, question: Foreseen) -> Any:
        """As `ask`, for a question that the order has foreseen."""
        return self.group.answer(question)

    def next_fact(self, stream: UUID, version: int) -> UUID:
        """The id of the fact that will be recorded after `version` of a stream of this node."""
        return self.group.parts.mapper.fact_id(stream, version + 1)

    def seals(self, stream: UUID, version: int, subject: UUID, *, making: bool = False) -> Seals:
        """Seals for the next fact of a stream; `making` for a subject that begins here."""
        return Seals(self.group.parts.ring, self.next_fact(stream, version), subject, making=making)

    def keep(self) -> list[Known]:
        """Record what the touched streams decided; what one of them has had from this cause is forgotten."""
        self.group.forget(self._had)
        for stream in list(self._touched.values()):
            if stream.pending_events and stream.id not in self._had:
                self.recorded += self.group.record(stream, self._cause)
        return self.recorded

    def give_up(self) -> None:
        """Forget what the touched streams decided."""
        self.group.forget(self._touched)
