"""The node's log: start it, change it, read it from any point on."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from shared.database.engines import engine_for_writing
from shared.envelope import Envelope
from shared.event_log import journal
from shared.event_log.flight import Flight
from shared.event_log.group import Group, Parts
from shared.event_log.key_ring import KeyRing
from shared.event_log.known import Departures, JournaledFact, Projector, end_of_journal
from shared.event_log.mapper import FactMapper
from shared.event_log.memory import Memory
from shared.event_log.order_context import Reaction, decide, react
from shared.event_log.prefetch import Prefetch
from shared.event_log.recorder import STORED_EVENTS, SafeRecorder, recorder_on
from shared.event_log.tally import DONE, Tally
from shared.event_log.transaction import Fence
from shared.event_log.writer import Writer, WriterPool
from shared.settings.limits import Flow
from shared.work.common.order_refusals import Stopped
from shared.work.common.order_request import OrderRequest
from shared.work.common.refusals import Refusal

_NOT_PEOPLE = ("", "founding")


class NodeLog:
    """Facts of one node, written by one thread, readable from any thread."""

    def __init__(
        self,
        *,
        name: str,
        engine: Engine,
        incarnation: int,
        crew: WriterPool,
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
        self.mapper = FactMapper(name, incarnation)
        self._parts = Parts(
            engine=engine,
            writing=engine_for_writing(engine),
            recorder=self.recorder,
            mapper=self.mapper,
            ring=ring,
            projector=projector,
            departures=departures,
            follow=partial(react, reactions),
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

    def change(self, request: OrderRequest) -> "Future[dict[str, Any]]":
        """Queue an order; the future has its answer once the facts are durable, or its refusal.

        Errors: Busy, Stopped.
        """
        work = Prefetch(
            partial(decide, request), request.key, request.streams, request.expected_new, request.questions
        )
        try:
            answer = self._writer.submit(work)
        except Refusal as refusal:
            self.tally.answered(refusal.code)
            raise
        answer.add_done_callback(self._count)
        return answer

    def change_many(self, requests: list[OrderRequest]) -> "list[Future[dict[str, Any]]]":
        """Queue many orders at once; each is answered for itself."""
        return [self.change(request) for request in requests]

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

    def count(self, name: str) -> int:
        """How many own facts there are of a stored name, in whichever version."""
        query = select(func.count()).where(STORED_EVENTS.c.topic.startswith(f"{name}.v"))
        with self.engine.connect() as connection:
            return connection.scalar(query) or 0

    def ordered_facts(self) -> int:
        """How many own facts people ordered; reactions and the founding have no account that ordered them."""
        query = select(STORED_EVENTS.c.state)
        with self.engine.connect() as connection:
            bodies = connection.execute(query)
            return sum(Envelope.read(bytes(row.state)).actor not in _NOT_PEOPLE for row in bodies)

    @staticmethod
    def since(connection: Connection, position: int = 0) -> Iterator[JournaledFact]:
        """Own and received facts after a journal position, in the order in which they became known."""
        return journal.since(connection, position)

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

    def _open_group(self, before: Flight | None) -> Group:
        if self._parts.fence.is_lost():
            raise Stopped()
        return Group(self._parts, before)
