"""The one writer of a node: takes all that waits, decides it, commits it together, answers each.

Work is a function of the open `Group`; it runs in the writer's thread, one after the other, so a
later order of the same group sees what an earlier one recorded. A refused order leaves nothing
behind; if the commit of a group fails, its members are tried again one by one, so that a bad one
fails alone. Nothing is answered before it is durable.
"""

import logging
import queue
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import Any, Protocol

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.casework.refusals import Refusal

log = logging.getLogger(__name__)

QUEUE_LONGEST = 2_000
"""Most orders that may wait for one node. Unit: orders; about two seconds of work on two cores."""

GROUP_LARGEST = 200
"""Most orders committed together. Unit: orders; larger groups make the first one wait too long."""


class Busy(Refusal):
    """The node's queue is full."""

    code = "busy"
    sentence = "This office's computer is busy. Nothing was saved; send it again in %(seconds)s seconds."
    status = 503


class Stopped(Refusal):
    """The node is stopping or has lost its place as the writer."""

    code = "stopped"
    sentence = "This office's computer is being restarted. Nothing was saved; send it again in a minute."
    status = 503


class NotStored(Refusal):
    """The database did not take the facts: gone, full, or locked."""

    code = "not-stored"
    sentence = (
        "The database does not answer (%(reason)s). Nothing was saved; try again, and tell the administrator."
    )
    status = 503


class GroupLike(Protocol):
    """What the writer needs of a group: members, a commit, and a way to give up."""

    def __enter__(self) -> "GroupLike": ...
    def __exit__(self, *error: object) -> None: ...
    def run(self, work: Callable[[Any], Any]) -> Any: ...
    def commit(self) -> None: ...


Work = Callable[[Any], Any]


class Writer:
    """A thread that owns every write to one node's database."""

    def __init__(
        self, name: str, open_group: Callable[[], GroupLike], *, after_commit: Callable[[], None]
    ) -> None:
        self._open_group = open_group
        self._after_commit = after_commit
        self._waiting: queue.Queue[tuple[Work, Future[Any]] | None] = queue.Queue(QUEUE_LONGEST)
        self._thread = Thread(target=self._run, name=f"writer-{name}", daemon=True)
        self._stopping = False

    def start(self) -> None:
        """Begin to take work."""
        self._thread.start()

    def submit(self, work: Work) -> "Future[Any]":
        """Queue work; the future has its result once it is durable. Errors: Busy, Stopped."""
        if self._stopping:
            raise Stopped()
        future: Future[Any] = Future()
        try:
            self._waiting.put_nowait((work, future))
        except queue.Full:
            raise Busy(seconds=2) from None
        return future

    def stop(self) -> None:
        """Finish what waits, then end the thread."""
        if not self._stopping:
            self._stopping = True
            self._waiting.put(None)
            if self._thread.is_alive():
                self._thread.join()

    def _run(self) -> None:
        stopped = False
        while not stopped:
            members, stopped = self._take()
            if members:
                self._do(members)

    def _take(self) -> tuple[list[tuple[Work, "Future[Any]"]], bool]:
        members: list[tuple[Work, Future[Any]]] = []
        item = self._waiting.get()
        while item is not None:
            members.append(item)
            if len(members) >= GROUP_LARGEST:
                return members, False
            try:
                item = self._waiting.get_nowait()
            except queue.Empty:
                return members, False
        return members, True

    def _do(self, members: list[tuple[Work, "Future[Any]"]]) -> None:
        answers: list[tuple[Future[Any], Any, Exception | None]] = []
        try:
            with self._open_group() as group:
                for work, future in members:
                    answers.append((future, *_attempt(group, work)))
                group.commit()
        except Exception as error:
            self._one_by_one(members, error)
            return
        for future, result, refusal in answers:
            _answer(future, result, refusal)
        self._after_commit()

    def _one_by_one(self, members: list[tuple[Work, "Future[Any]"]], error: Exception) -> None:
        if len(members) > 1:
            for member in members:
                self._do([member])
            return
        log.warning("not stored: %s", error, exc_info=not isinstance(error, OSError))
        _answer(members[0][1], None, _as_refusal(error))


def _attempt(group: GroupLike, work: Work) -> tuple[Any, Exception | None]:
    try:
        return group.run(work), None
    except Refusal as refusal:
        return None, refusal


def _as_refusal(error: Exception) -> Exception:
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
