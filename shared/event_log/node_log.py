"""The node's log: start it, change it, read it from any point on."""

import hashlib
import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, func, select

from shared.database.batched_question import Foreseen
from shared.database.engines import engine_for_writing
from shared.envelope import Envelope, UnreadableEnvelope, moment_of, moment_text
from shared.event_log.group import (
    Departures,
    Desk,
    Expecting,
    Group,
    Known,
    Memory,
    Parts,
    Projector,
    Reaction,
    end_of_journal,
)
from shared.event_log.key_ring import KeyRing
from shared.event_log.mapper import FactMapper, data_of
from shared.event_log.recorder import OWN_EVENT, STORED_EVENTS, SafeRecorder, recorder_on
from shared.event_log.tables import JOURNAL, NODE_STATE, RECEIVED
from shared.event_log.tally import DONE, Tally
from shared.event_log.transaction import Fence
from shared.event_log.writer import Crew, Stopped, Writer
from shared.settings.limits import Flow
from shared.work.common.actor import Actor
from shared.work.common.refusals import Refusal

READ_AT_ONCE = 1_000
"""Facts read from the journal at a time. Unit: facts of about 1 KB, so that memory stays small."""

_JOURNAL = (
    select(
        JOURNAL.c.position,
        JOURNAL.c.own,
        STORED_EVENTS.c.state,
        RECEIVED.c.body,
        RECEIVED.c.arrived_at,
    )
    .outerjoin(STORED_EVENTS, OWN_EVENT & JOURNAL.c.own)
    .outerjoin(RECEIVED, RECEIVED.c.fact == JOURNAL.c.fact)
    .order_by(JOURNAL.c.position)
)
_NOT_PEOPLE = ("", "founding")


@dataclass(frozen=True)
class Order:
    """What somebody asks for: who, when, and a decision; `key` makes a repeated request harmless.

    `content` is what the form or the JSON body said, for recognising the same order again; `streams`
    are those it is known to ask for, so that a group reads them together, `fresh` those that it begins,
    `questions` what it will ask of projections.
    """

    by: Actor
    at: datetime
    decide: Callable[[Desk], Any]
    key: str | None = None
    content: Any = None
    streams: tuple[UUID, ...] = ()
    fresh: tuple[UUID, ...] = ()
    questions: tuple[Foreseen, ...] = ()


class NodeLog:
    """Facts of one node, written by one thread, readable from any thread."""

    def __init__(
        self,
        *,
        name: str,
        engine: Engine,
        crew: Crew,
        ring: KeyRing,
        projector: Projector,
        departures: Departures,
        reactions: Reaction,
        fence: Fence,
        flow: Flow,
        after_commit: Callable[[], None],
    ) -> None:
        self.name = name
        self.engine = engine
        self.ring = ring
        self.recorder: SafeRecorder = recorder_on(engine)
        self.mapper = FactMapper(name, incarnation_of(engine))
        self._parts = Parts(
            engine=engine,
            writing=engine_for_writing(engine),
            recorder=self.recorder,
            mapper=self.mapper,
            ring=ring,
            projector=projector,
            departures=departures,
            reactions=reactions,
            memory=Memory(position=self.last_position()),
            fence=fence,
        )
        self._writer = Writer(crew, self._open_group, flow=flow, after_commit=after_commit)

    def start(self) -> None:
        """Begin to take orders and arrivals."""
        self._writer.start()

    def stop(self) -> None:
        """Finish what waits and stop taking more."""
        self._writer.stop()

    def change(self, order: Order) -> "Future[dict[str, Any]]":
        """Queue an order; the future has its answer once the facts are durable, or its refusal."""
        work = Expecting(partial(_do, order), order.key, order.streams, order.fresh, order.questions)
        try:
            answer = self._writer.submit(work)
        except Refusal as refusal:
            self.tally.answered(refusal.code)
            raise
        answer.add_done_callback(self._count)
        return answer

    def change_many(self, orders: list[Order]) -> "list[Future[dict[str, Any]]]":
        """Queue many orders at once; each is answered for itself."""
        return [self.change(order) for order in orders]

    def write(self, work: Callable[[Group], Any]) -> "Future[Any]":
        """Queue other work of the node's own, such as arrivals; committed like an order, in turns with orders."""
        return self._writer.submit(work, order=False)

    def last_position(self) -> int:
        """The journal's last position; 0 when it is empty."""
        with self.engine.connect() as connection:
            return end_of_journal(connection)

    @property
    def position(self) -> int:
        """Where the writer stands in the journal, perhaps ahead of what is committed; asks nobody."""
        return self._parts.memory.position

    def last_moment(self) -> datetime | None:
        """When the last own fact was recorded; none when there is none."""
        query = select(STORED_EVENTS.c.state).order_by(STORED_EVENTS.c.id.desc()).limit(1)
        with self.engine.connect() as connection:
            body = connection.scalar(query)
        return Envelope.read(bytes(body)).recorded if body else None

    def count(self, topic: str) -> int:
        """How many own facts there are of a stored name."""
        query = select(func.count()).where(STORED_EVENTS.c.topic == topic)
        with self.engine.connect() as connection:
            return connection.scalar(query) or 0

    def ordered_facts(self) -> int:
        """How many own facts people ordered; reactions and the founding have no account that ordered them."""
        query = select(STORED_EVENTS.c.state)
        with self.engine.connect() as connection:
            bodies = connection.execute(query)
            return sum(Envelope.read(bytes(row.state)).actor not in _NOT_PEOPLE for row in bodies)

    def since(self, connection: Connection, position: int = 0) -> Iterator[Known]:
        """Own and received facts after a journal position, in the order in which they became known."""
        while rows := self.rows_after(connection, position):
            for row in rows:
                yield known_of(row)
            position = rows[-1].position

    @staticmethod
    def known(connection: Connection, facts: list[UUID]) -> list[Known]:
        """Some facts of the journal, in the order in which they became known."""
        return [known_of(row) for row in connection.execute(_JOURNAL.where(JOURNAL.c.fact.in_(facts)))]

    @staticmethod
    def rows_after(connection: Connection, position: int) -> list[Any]:
        """A portion of the journal after a position as it is stored, for `known_of`; nothing at its end."""
        query = _JOURNAL.where(JOURNAL.c.position > position).limit(READ_AT_ONCE)
        return list(connection.execute(query))

    @property
    def tally(self) -> Tally:
        """What this node's writer has counted since its process began."""
        return self._writer.tally

    def waiting(self) -> int:
        """How many orders wait for the writer."""
        return self._writer.waiting()

    def _count(self, answer: "Future[dict[str, Any]]") -> None:
        error = None if answer.cancelled() else answer.exception()
        code = error.code if isinstance(error, Refusal) else "error" if error else DONE
        self.tally.answered(code)

    def _open_group(self) -> Group:
        if self._parts.fence.is_lost():
            raise Stopped()
        return Group(self._parts)


def incarnation_of(engine: Engine) -> int:
    """Which life of its node a log is in."""
    with engine.connect() as connection:
        query = select(NODE_STATE.c.value).where(NODE_STATE.c.name == "incarnation")
        return int(connection.scalar(query) or 1)


def known_of(row: Any) -> Known:
    """The fact of a row of the journal. Errors: UnreadableEnvelope, UnknownFact."""
    body = row.state if row.own else row.body
    if body is None:
        raise UnreadableEnvelope(f"the fact of journal position {row.position} is gone")
    envelope = Envelope.read(bytes(body))
    arrived = None if row.own else moment_of(row.arrived_at)
    return Known(envelope, data_of(envelope), row.position, arrived)


def _do(order: Order, group: Group) -> dict[str, Any]:
    fingerprint = _fingerprint(order)
    first = _first_answer(order, group, fingerprint)
    if first is not None:
        return first
    desk = Desk(group, at=order.at, actor=order.by)
    try:
        answer = _answer(desk, order.decide(desk))
    except Refusal:
        desk.give_up()
        # What was done already is often refused the second time; a repeated request wants its answer.
        first = _first_answer(order, group, fingerprint, look=True)
        if first is None:
            raise
        return first
    if order.key is not None:
        group.parts.memory.answers.keep(order.key, fingerprint, answer, order.at)
    return answer


def _first_answer(
    order: Order, group: Group, fingerprint: str, *, look: bool = False
) -> dict[str, Any] | None:
    """What the same order was answered before; `look` also at what the writer does not remember."""
    if order.key is None:
        return None
    answers = group.parts.memory.answers
    if look:
        answers.read(group.asking, [order.key])
    return answers.find(order.key, fingerprint)


def _answer(desk: Desk, said: Any) -> dict[str, Any]:
    facts = desk.keep()
    last = facts[-1].envelope if facts else None
    return {
        "stream": str(last.stream) if last else None,
        "version": last.stream_version if last else None,
        "recorded_at": moment_text(desk.at),
        "facts": [str(known.envelope.id) for known in facts],
        **(said if isinstance(said, dict) else {}),
    }


def _fingerprint(order: Order) -> str:
    body = json.dumps(order.content, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(f"{order.by.account}|{body}".encode("utf-8", "surrogatepass")).hexdigest()
