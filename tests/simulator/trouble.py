"""When a disk fails and when a process dies: at every write, before it and after it."""

import random
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from shared.database.engines import _sqlite_dialect  # pyright: ignore[reportPrivateUsage]
from shared.transport.wire import Message, WireDown

AT_COMMIT = (
    "crash before commit",
    "crash after commit",
    "commit refused",
    "commit's answer lost",
    "commit in doubt",
)
"""In doubt: it was kept, its answer got lost, and the database does not answer the question either."""
AT_SEND = (
    "crash before send",
    "crash within send",
    "crash after send",
    "send refused",
    "send cut short",
    "send's answer lost",
)
SOON = 4
"""Most writes that go well before the trouble comes."""


class Crash(BaseException):
    """The process dies here: what it had in memory is gone, what it had written is kept."""


class Trouble:
    """What goes wrong at the next writes, and what went wrong so far."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._coming: dict[str, list[tuple[str, int]]] = {"commit": [], "send": []}
        self._gone = 0
        self.seen: Counter[str] = Counter()

    def comes(self) -> None:
        """Let something go wrong at one of the next commits or sends."""
        where, kinds = self._chance.choice((("commit", AT_COMMIT), ("send", AT_SEND)))
        self._coming[where].append((self._chance.choice(kinds), self._chance.randrange(SOON)))

    def ends(self) -> None:
        """Nothing goes wrong any more."""
        self._coming = {"commit": [], "send": []}
        self._gone = 0

    def commit(self, connection: Any) -> None:
        """The commit of every database passes here. Errors: Crash, sqlite3.OperationalError."""
        kind = self._next("commit")
        if kind == "crash before commit":
            raise Crash(kind)
        if kind == "commit refused":
            raise sqlite3.OperationalError("database or disk is full")
        connection.commit()
        if kind == "crash after commit":
            raise Crash(kind)
        if kind in ("commit's answer lost", "commit in doubt"):
            self._gone = kind == "commit in doubt"
            raise sqlite3.OperationalError("disk I/O error")

    def execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        """Every statement passes here. Errors: sqlite3.OperationalError for the one after a doubtful commit."""
        if self._gone:
            self._gone = 0
            raise sqlite3.OperationalError("disk I/O error")
        cursor.execute(statement, parameters)

    def send(self, messages: Sequence[Message]) -> Iterator[Message]:
        """What of a batch reaches the wire. Errors: Crash, WireDown."""
        kind = self._next("send")
        reached = (
            self._chance.randrange(len(messages)) if kind in ("crash within send", "send cut short") else None
        )
        if kind in ("crash before send", "send refused"):
            reached = 0
        yield from messages[:reached]
        if kind and kind.startswith("crash"):
            raise Crash(kind)
        if kind:
            raise WireDown(kind)

    def _next(self, where: str) -> str | None:
        coming = self._coming[where]
        if not coming:
            return None
        kind, count = coming[0]
        if count:
            coming[0] = kind, count - 1
            return None
        coming.pop(0)
        self.seen[kind] += 1
        return kind


@contextmanager
def at_every_write(trouble: Trouble) -> Iterator[None]:
    """Let every commit of SQLite pass by the trouble."""
    dialect = _sqlite_dialect()
    with (
        patch.object(dialect, "do_commit", trouble.commit, create=True),
        patch.object(dialect, "do_execute", trouble.execute, create=True),
    ):
        yield
