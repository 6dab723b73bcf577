"""The one writer of a node: takes all that waits, decides it, commits it together, answers each.

Work is a function of the open `Group`; one runs after the other, so a
later order of the same group sees what an earlier one recorded. A refused order leaves nothing
behind; if the commit of a group fails, its members are tried again one by one, so that a bad one
fails alone. A commit of which it is not known whether it was kept is tried by nobody here: whoever
asked sends it again under the same key. Nothing is answered before it is durable.

While a group of orders is on its way (flight.py) and a whole group more waits, that one is decided on top of it. It is
sent only when the first is kept, and decided anew when that is not. With fewer orders the commit is waited for: those
whose answers it brings give their next orders then, and one large group costs far less than two small ones.
"""

import logging
import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from threading import Condition
from typing import Any

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.event_log.flight import Answer, Flight, GroupLike, Member, NotKept, Work
from shared.event_log.tally import Tally
from shared.event_log.transaction import Fenced
from shared.settings.limits import Flow
from shared.work.common.order_refusals import Busy, NotStored, Stopped
from shared.work.common.refusals import Refusal

log = logging.getLogger(__name__)


class WriterPool:
    """The threads that do the writers' work; every node of a process may share one.

    A node's work is still decided by one thread at a time, while another one may wait for a commit. More threads than
    the database can use at once only make them wait for each other: thirty-five on SQLite took three times as long.
    """

    linger = 0.0002
    """Longest wait for the next orders of those who were answered just now. Unit: seconds; a group costs as much by itself,
    and without the wait callers fall into two halves, each of which waits for the other's commit."""

    def __init__(self, threads: int = 2) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="writer")

    def do(self, turn: Callable[[], None]) -> None:
        """Let a thread take a turn as soon as one is free."""
        self._pool.submit(turn)

    def close(self) -> None:
        """End the threads after what they were given."""
        self._pool.shutdown()


class Writer:
    """Owns every write to one node's database: one group at a time."""

    def __init__(
        self,
        crew: WriterPool,
        open_group: Callable[[Flight | None], GroupLike],
        *,
        flow: Flow,
        after_commit: Callable[[], None],
    ) -> None:
        self._crew = crew
        self._flow = flow
        self._open_group = open_group
        self._after_commit = after_commit
        self.tally = Tally()
        self._orders: deque[Member] = deque()
        self._others: deque[Member] = deque()
        self._others_turn = False
        self._changed = Condition()
        self._started = self._at_work = self._stopping = False
        self._flight: Flight | None = None
        self._expected = 0

    def start(self) -> None:
        """Begin to take work."""
        with self._changed:
            self._started = True
            self._call()

    def submit(self, work: Work, *, order: bool = True) -> "Future[Any]":
        """Queue work; the future has its result once it is durable. Errors: Busy, Stopped.

        An order is what somebody waits for; it stands behind one piece of other work at most.
        """
        future: Future[Any] = Future()
        with self._changed:
            if self._stopping:
                raise Stopped()
            if order and len(self._orders) >= self._flow.queue:
                raise Busy(seconds=2)
            (self._orders if order else self._others).append((work, future))
            if len(self._orders) == self._expected:
                self._changed.notify_all()
            self._call()
        return future

    def waiting(self) -> int:
        """How many orders wait."""
        return len(self._orders)

    def stop(self) -> None:
        """Finish what waits and take no more."""
        with self._changed:
            self._stopping = True
            self._changed.wait_for(lambda: not self._at_work and self._flight is None)

    def _call(self) -> None:
        """Ask for a turn unless one is coming; the caller holds the lock."""
        if (self._orders or self._others) and self._started and not self._at_work:
            self._at_work = True
            self._crew.do(self._turn)

    def _turn(self) -> None:
        """One group, then back to the end of the line, so that no node keeps others waiting."""
        flight = None
        try:
            flight = self._do_next()
        finally:
            self._hand_over(flight)
        if flight is not None:
            flight.send()
            self._land_unless_another_turn_does(flight)

    def _do_next(self) -> Flight | None:
        """Decide what waits. Orders are on their way then if a whole group more waits, all else is done."""
        before, self._flight = self._flight, None
        with self._changed:
            self._let_others_come()
            members, are_orders = self._next_group()
        if not are_orders:
            self._finish(before)
            before = None
        flight = self._do(members, before)
        if are_orders and len(self._orders) >= self._flow.group:
            return flight
        self._finish(flight)
        return None

    def _let_others_come(self) -> None:
        """Whoever was answered mostly has the next order ready: wait a moment for those. The caller holds the lock."""
        if 0 < len(self._orders) < self._expected and not self._others:
            self._changed.wait_for(lambda: len(self._orders) >= self._expected, self._crew.linger)

    def _hand_over(self, flight: Flight | None) -> None:
        """End the turn; the next one may begin while this one's group is on its way."""
        with self._changed:
            self._flight, self._at_work = flight, False
            self._call()
            self._changed.notify_all()

    def _land_unless_another_turn_does(self, flight: Flight) -> None:
        with self._changed:
            if self._at_work or self._flight is not flight:
                return
            self._at_work = True
        try:
            self._finish(flight)
        finally:
            self._hand_over(None)

    def _next_group(self) -> tuple[list[Member], bool]:
        """All orders that wait, up to a group's size, or one piece of other work; in turns when both wait."""
        self._others_turn = bool(self._others) and (self._others_turn or not self._orders)
        if self._others_turn:
            self._others_turn = False
            return [self._others.popleft()], False
        self._others_turn = True
        return [self._orders.popleft() for _ in range(min(len(self._orders), self._flow.group))], True

    def _do(
        self, members: list[Member], before: Flight | None = None, *, again: bool = False
    ) -> Flight | None:
        """Decide members on top of what is on its way, which is landed then; none when they were dealt with."""
        with ExitStack() as held:
            try:
                return self._decided(held, members, before, again)
            except NotKept:
                held.close()
            except Exception as error:
                self._finish(before)
                held.close()
                self._failed(members, error, again)
                return None
        self._finish(before)
        return self._do(members, again=again)

    def _decided(self, held: ExitStack, members: list[Member], before: Flight | None, again: bool) -> Flight:
        """Members that are ready to be sent. Errors: NotKept, when that on which they were decided is not."""
        answers: list[Answer] = []
        group = held.enter_context(self._open_group(before))
        group.expect([work for work, _ in members], look=again)
        for work, future in members:
            answers.append((future, *_attempt(group, work)))
            if before is not None and before.is_over:
                before.land()  # who waits for these should not wait for the rest of this group
        if before is not None:
            before.land()
        group.seal()
        return Flight(group, members, answers, held.pop_all(), again, self._landed)

    def _finish(self, flight: Flight | None) -> None:
        """Land a group, or do what follows when it was not kept."""
        if flight is None:
            return
        try:
            flight.land()
        except NotKept as lost:
            flight.held.close()
            self._failed(flight.members, lost.error, flight.again)

    def _landed(self, flight: Flight) -> None:
        self._expected = min(len(flight.members) + len(self._orders), self._flow.group)
        self.tally.committed(len(flight.members), flight.seconds)
        self._after_commit()  # first: whoever has an answer may ask at once how far it has got
        for future, result, refusal in flight.answers:
            _answer(future, result, refusal)

    def _failed(self, members: list[Member], error: Exception, again: bool) -> None:
        if not isinstance(error, Refusal):
            self._one_by_one(members, error, again)
            return
        self._after_commit()  # it may have been kept
        for _, future in members:
            _answer(future, None, error)

    def _one_by_one(self, members: list[Member], error: Exception, again: bool) -> None:
        """Once more, each alone: a bad member fails by itself, and a lost link is made anew."""
        if not again:
            for member in members:
                self._finish(self._do([member], again=True))
            return
        # Where a database or a disk is away, the way here says nothing.
        away = isinstance(error, (OSError, OperationalError, PoolTimeout))
        log.warning("not stored: %s", error, exc_info=not away)
        _answer(members[0][1], None, _as_refusal(error))


def _attempt(group: GroupLike, work: Work) -> tuple[Any, Exception | None]:
    try:
        return group.run(work), None
    except Refusal as refusal:
        return None, refusal


def _as_refusal(error: Exception) -> Exception:
    if isinstance(error, Fenced):
        return Stopped()
    if isinstance(error, (DBAPIError, PoolTimeout, sqlite3.Error, OSError)):
        return NotStored(reason=type(error).__name__)
    return error


def _answer(future: "Future[Any]", result: Any, error: Exception | None) -> None:
    if not future.set_running_or_notify_cancel():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
