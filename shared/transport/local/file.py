"""The file of the local wire: topics and messages in SQLite, shared by all processes of one machine.

Nothing is synced to the disk (`synchronous=OFF`): the wire is a wire, not a store, and what a power
cut takes from it the nodes send again from their logs. A file that SQLite calls broken is put aside
and a new one begun; its topics have new identities, so senders and readers start over.
"""

import json
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from shared.database.private_file import make_private
from shared.transport.wire import Message, WireDown

log = logging.getLogger(__name__)
_T = TypeVar("_T")
Row = tuple[int, bytes, bytes, bytes]

BUSY_SECONDS = 5.0
"""Longest wait for another process that is writing. Unit: seconds."""
READ_BYTES = 8 * 1024 * 1024
"""Values read at once before the rest waits for the next read. Unit: bytes."""
BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
SCHEMA = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = OFF",
    "CREATE TABLE IF NOT EXISTS topics (topic TEXT PRIMARY KEY,"
    " identity TEXT NOT NULL, first INTEGER NOT NULL, next INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS messages (topic TEXT, offset INTEGER, key TEXT NOT NULL,"
    " headers TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (topic, offset)) WITHOUT ROWID",
)
INSERT = "INSERT INTO messages (topic, offset, key, headers, value) VALUES (?, ?, ?, ?, ?)"
SELECT = (
    "SELECT offset, CAST(key AS BLOB), CAST(headers AS BLOB), CAST(value AS BLOB) FROM messages"
    " WHERE topic = ? AND offset >= ? ORDER BY offset LIMIT ?"
)
"""As data, since one row that is no UTF-8 would end the reading of all."""


@dataclass(frozen=True)
class Topic:
    """A topic: its identity, the oldest offset kept and the offset of the next message."""

    identity: str
    first: int
    next: int


class LocalFile:
    """One connection to the file; usable from any thread, one caller at a time. Errors: WireDown."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._inode = (0, 0)

    def version(self) -> tuple[int, ...]:
        """A value that changes when anybody wrote to the file or put another in its place."""
        return self._run(lambda db: (*self._inode, db.execute("PRAGMA data_version").fetchone()[0]))

    def topics(self) -> dict[str, Topic]:
        """All topics of the file."""
        query = "SELECT topic, identity, first, next FROM topics"
        return self._run(lambda db: {name: Topic(*rest) for name, *rest in db.execute(query)})

    def make(self, topics: Iterable[str]) -> None:
        """Make the topics that do not exist."""
        self._run(lambda db: _make(db, topics))

    def append(self, messages: Sequence[Message], keep: int) -> None:
        """Append messages in one transaction; a topic keeps its last `keep` messages, and some more."""
        self._run(lambda db: _append(db, messages, keep))

    def read(self, topic: str, offset: int, limit: int) -> list[tuple[int, Message, bool]]:
        """Messages of a topic from an offset on, at most `limit`, with their offsets and whether they are readable."""
        rows = self._run(lambda db: _some(db.execute(SELECT, (topic, offset, limit))))
        return [(row[0], *_message(topic, row)) for row in rows]

    def close(self) -> None:
        """Let go of the file; the next use opens it again."""
        with self._lock:
            self._let_go()

    def _run(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        with self._lock:
            try:
                return work(self._opened())
            except (sqlite3.Error, OSError) as error:
                self._let_go()
                self._put_aside_if_broken(error)
                raise WireDown(f"local wire {self._path.name}: {error}") from error

    def _opened(self) -> sqlite3.Connection:
        if self._connection is not None and self._inode == _inode(self._path):
            return self._connection
        self._let_go()
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        make_private(self._path)
        self._connection = sqlite3.connect(
            self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        for statement in SCHEMA:
            self._connection.execute(statement)
        self._inode = _inode(self._path)
        return self._connection

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _put_aside_if_broken(self, error: Exception) -> None:
        broken = isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) & 0xFF in BROKEN
        if broken and self._inode in ((0, 0), _inode(self._path)):
            log.error("local wire %s is broken, a new one is begun: %s", self._path.name, error)
            os.replace(self._path, self._path.with_name(self._path.name + ".broken"))
        self._inode = (0, 0)


def _inode(path: Path) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return (0, 0)
    return (found.st_dev, found.st_ino)


def _some(rows: Iterable[Row]) -> list[Row]:
    taken: list[Row] = []
    size = 0
    for row in rows:
        taken.append(row)
        size += len(row[3])
        if size > READ_BYTES:
            break
    return taken


def _message(topic: str, row: Row) -> tuple[Message, bool]:
    """A message, and whether its row can be read; of one that was damaged the headers are kept as they stand there."""
    _, key, headers, value = row
    try:
        named = json.loads(headers)
        if isinstance(named, dict) and all(isinstance(text, str) for text in named.values()):
            return Message(topic, key.decode(), named, value), True
    except (ValueError, RecursionError):
        pass
    damaged = {"damaged": headers.decode(errors="replace")}
    return Message(topic, key.decode(errors="replace"), damaged, value), False


def _make(db: sqlite3.Connection, topics: Iterable[str]) -> None:
    rows = [(topic, uuid4().hex) for topic in topics]
    db.executemany("INSERT OR IGNORE INTO topics (topic, identity, first, next) VALUES (?, ?, 0, 0)", rows)


def _append(db: sqlite3.Connection, messages: Sequence[Message], keep: int) -> None:
    db.execute("BEGIN IMMEDIATE")
    _make(db, {message.topic for message in messages})
    for topic, group in groupby(sorted(messages, key=lambda m: m.topic), key=lambda m: m.topic):
        first, offset = db.execute("SELECT first, next FROM topics WHERE topic = ?", (topic,)).fetchone()
        rows = [(topic, offset + i, m.key, _text(m), m.value) for i, m in enumerate(group)]
        db.executemany(INSERT, rows)
        first = _trim(db, topic, first, offset + len(rows), keep)
        db.execute(
            "UPDATE topics SET first = ?, next = ? WHERE topic = ?", (first, offset + len(rows), topic)
        )
    db.execute("COMMIT")


def _text(message: Message) -> str:
    return json.dumps(dict(message.headers), ensure_ascii=False)


def _trim(db: sqlite3.Connection, topic: str, first: int, following: int, keep: int) -> int:
    """Delete old messages, a tenth of the kept number at a time; returns the oldest offset now."""
    if following - first <= keep + keep // 10:
        return first
    db.execute("DELETE FROM messages WHERE topic = ? AND offset < ?", (topic, following - keep))
    return following - keep
