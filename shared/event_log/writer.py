"""The one writer of a node: takes all that waits, decides it, commits it together, answers each.

Work is a function of the open `Group`; one runs after the other, so a
later order of the same group sees what an earlier one recorded. A refused order leaves nothing
behind; if the commit of a group fails, its members are tried again one by one, so that a bad one
fails alone. A commit of which it is not known whether it was kept is tried by nobody here: whoever
asked sends it again under the same key. Nothing is answered before it is durable.
"""

import logging
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Condition
from typing import Any, Protocol

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.event_log.tally import Tally
from shared.event_log.transaction import Fenced
from shared.settings.limits import Flow
from shared.work.common.order_refusals import Busy, NotStored, Stopped
from shared.work.common.refusals import Refusal

log = logging.getLogger(__name__)


class GroupLike(Protocol):
    """What the writer needs of a group: members, a commit, and a way to give up."""

    def __enter__(self) -> "GroupLike": ...
    def __exit__(self, *error: object) -> None: ...
    def expect(self, works: "Iterable[Work]", /, *, look: bool = False) -> None: ...
    def run(self, work: "Work", /) -> Any: ...
    def commit(self) -> None: ...


Work = Callable[[Any], Any]
Member = tuple[Work, "Future[Any]"]


class WriterPool:
    """The threads that do the writers' work; every node of a process may share one.

    A node's work is still done by one thread at a time. More threads than the database can use at
    once only make them wait for each other: thirty-five threads on SQLite took three times as long.
    """

    def __init__(self, threads: int = 1) -> None:
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
        open_group: Callable[[], GroupLike],
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
            self._call()
        return future

    def waiting(self) -> int:
        """How many orders wait."""
        return len(self._orders)

    def stop(self) -> None:
        """Finish what waits and take no more."""
        with self._changed:
            self._stopping = True
            self._changed.wait_for(lambda: not self._at_work)

    def _call(self) -> None:
        """Ask for a turn unless one is coming; the caller holds the lock."""
        if (self._orders or self._others) and self._started and not self._at_work:
            self._at_work = True
            self._crew.do(self._turn)

    def _turn(self) -> None:
        """One group, then back to the end of the line, so that no node keeps others waiting."""
        with self._changed:
            members = self._next_group()
        try:
            self._do(members)
        finally:
            with self._changed:
                self._at_work = False
                self._call()
                self._changed.notify_all()

    def _next_group(self) -> list[Member]:
        """All orders that wait, up to a group's size, or one piece of other work; in turns when both wait."""
        self._others_turn = bool(self._others) and (self._others_turn or not self._orders)
        if self._others_turn:
            self._others_turn = False
            return [self._others.popleft()]
        self._others_turn = True
        return [self._orders.popleft() for _ in range(min(len(self._orders), self._flow.group))]

    def _do(self, members: list[Member], *, again: bool = False) -> None:
        answers: list[tuple[Future[Any], Any, Exception | None]] = []
        try:
            with self._open_group() as group:
                group.expect([work for work, _ in members], look=again)
                for work, future in members:
                    answers.append((future, *_attempt(group, work)))
                started = time.monotonic()
                group.commit()
                self.tally.committed(len(members), time.monotonic() - started)
        except Refusal as in_doubt:
            self._after_commit()  # it may have been kept
            for _, future in members:
                _answer(future, None, in_doubt)
            return
        except Exception as error:
            self._one_by_one(members, error, again)
            return
        self._after_commit()  # first: whoever has an answer may ask at once how far it has got
        for future, result, refusal in answers:
            _answer(future, result, refusal)

    def _one_by_one(self, members: list[Member], error: Exception, again: bool) -> None:
        """Once more, each alone: a bad member fails by itself, and a lost link is made anew."""
        if not again:
            for member in members:
                self._do([member], again=True)
            return
        log.warning("not stored: %s", error, exc_info=not isinstance(error, OSError))
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
