"""A group that is decided and on its way into the database.

The thread that decided it sends it, and meanwhile the writer's next turn decides on top of it: waiting for commits was
a quarter to a half of a busy writer's time. Whoever has the turn lands it: then its members are answered, or whoever
built on it begins anew.
"""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import ExitStack
from threading import Lock
from typing import Any, Protocol

Work = Callable[[Any], Any]
Member = tuple[Work, "Future[Any]"]
Answer = tuple["Future[Any]", Any, Exception | None]
"""Whom to answer, what a member's work gave, and its refusal."""


class GroupLike(Protocol):
    """What the writer needs of a group: members, a commit in three steps, and a way to give up.

    `seal` makes ready everything that `commit` then sends, and nothing else happens in that; `land` is called once it
    is kept. `commit` may run while the next group is decided, the others only in the writer's turn.
    """

    def __enter__(self) -> "GroupLike": ...
    def __exit__(self, *error: object) -> None: ...
    def expect(self, works: Iterable[Work], /, *, look: bool = False) -> None: ...
    def run(self, work: Work, /) -> Any: ...
    def seal(self) -> None: ...
    def commit(self) -> None: ...
    def land(self) -> None: ...


class NotKept(Exception):
    """A group that was on its way is not in the database, or that is in doubt; nothing was answered."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class Flight:
    """A sealed group with its members' answers; `held` gives back what it holds, `again` says that it is a second try.

    `seconds` is how long its commit took, `is_over` whether it is known how that ended.
    """

    def __init__(
        self,
        group: GroupLike,
        members: list[Member],
        answers: list[Answer],
        held: ExitStack,
        again: bool,
        landed: Callable[["Flight"], None],
    ) -> None:
        self.group = group
        self.members = members
        self.answers = answers
        self.held = held
        self.again = again
        self.seconds = 0.0
        self.is_over = False
        self._landed = landed
        self._has_landed = False
        self._error: Exception | None = None
        self._sending = Lock()

    def send(self) -> None:
        """Commit; whoever comes second waits until the first has done it. Errors: none, `land` tells."""
        with self._sending:
            if not self.is_over:
                begun = time.monotonic()
                try:
                    self.group.commit()
                except Exception as error:
                    self._error = error
                self.seconds = time.monotonic() - begun
                self.is_over = True

    def land(self) -> None:
        """Answer the members, once, if they are kept. Errors: NotKept, every time."""
        self.send()
        if self._error is not None:
            raise NotKept(self._error)
        if not self._has_landed:
            self._has_landed = True
            try:
                self.group.land()
            finally:  # they are kept, whatever else goes wrong
                self.held.close()
                self._landed(self)
