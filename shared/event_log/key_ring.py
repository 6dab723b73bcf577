"""The key ring: keys of sealed fields, apart from the log and its backups.

One small SQLite file a node on both settings. A key is durable here before the fact that it
seals is committed. Erasing a person or a case is deleting its keys.
"""

import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from uuid import UUID

from shared.database.private_file import make_private
from shared.work.common.cannot_go_on import CannotGoOn
from shared.work.common.sealed import subject_of

KEY_BYTES = 32
"""AES-256."""


class KeyRingGone(CannotGoOn):
    """A log without its key ring: nothing sealed could be read, and new keys would hide that."""

    code = "key-ring-gone"


class KeyRing:
    """Keys by name; safe to use from several threads."""

    @classmethod
    def beside(cls, path: Path, *, log_has_facts: bool) -> "KeyRing":
        """The ring of a log; a new one only for a log that is empty. Errors: KeyRingGone."""
        try:
            if log_has_facts and not path.exists():
                raise KeyRingGone(f"{path} is missing: put the key ring back from its own backup, then start")
            return cls(path)
        except (sqlite3.Error, OSError) as error:
            raise KeyRingGone(f"{path} cannot be used ({error}): put it back, or give it room") from error

    def __init__(self, path: Path) -> None:
        self._lock = Lock()
        self._known: dict[str, bytes] = {}
        self._fresh: dict[str, bytes] = {}
        self._given: dict[str, bytes] = {}
        self._one_time: dict[UUID, bytes] = {}
        make_private(path)
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA secure_delete=ON")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS keys (name TEXT PRIMARY KEY, subject TEXT NOT NULL, key BLOB NOT NULL)"
        )
        self._db.execute("CREATE INDEX IF NOT EXISTS keys_by_subject ON keys (subject)")

    def find(self, name: str) -> bytes | None:
        """The key of that name, if this node holds it."""
        with self._lock:
            key = self._known.get(name) or self._fresh.get(name)
            if key is None:
                row = self._db.execute("SELECT key FROM keys WHERE name = ?", (name,)).fetchone()
                key = self._known[name] = row[0] if row else self._given.get(name, b"")
            return key or None

    def make(self, name: str) -> bytes:
        """The key of that name, made now if there is none; durable after `keep`."""
        known = self.find(name)
        if known is not None:
            return known
        with self._lock:
            return self._fresh.setdefault(name, os.urandom(KEY_BYTES))

    def keep(self) -> None:
        """Make every new key durable; called before what goes with them is committed.

        Errors: sqlite3.IntegrityError when a writer that was taken over made one of them meanwhile; what was
        sealed with the other key is not committed then, and the next try finds the one that is here.
        """
        with self._lock:
            if self._fresh or self._given:
                fresh, self._fresh = self._fresh, {}
                self._store(fresh)
                self._known.update(fresh)
                self._given = {}

    def take(self, keys: dict[str, bytes]) -> None:
        """Take keys that came in a parcel, durable after `keep`; a key that is here already stays as it is."""
        with self._lock:
            self._given = keys | self._given
            for name in keys:
                self._known.pop(name, None)

    def of_subject(self, subject: UUID) -> dict[str, bytes]:
        """Every key of a case or letter that this node holds."""
        with self._lock:
            rows = self._db.execute("SELECT name, key FROM keys WHERE subject = ?", (str(subject),))
            given = {name: key for name, key in self._given.items() if subject_of(name) == subject}
            return given | dict(rows.fetchall())

    def destroy(self, names: Iterable[str]) -> None:
        """Delete keys for good; what they sealed can never be read again here."""
        with self._lock:
            for name in names:
                self._db.execute("DELETE FROM keys WHERE name = ?", (name,))
                self._known.pop(name, None)
                self._fresh.pop(name, None)
                self._given.pop(name, None)
            self._wipe()

    def keep_one_time(self, subject: UUID, private: bytes) -> None:
        """Remember the private half of a one-time key while its parcel is awaited, and never on the disk.

        A process that starts anew asks again with another one.
        """
        with self._lock:
            self._one_time[subject] = private

    def one_time(self, subject: UUID) -> bytes | None:
        """The private half that is waiting for a parcel about the subject."""
        with self._lock:
            return self._one_time.get(subject)

    def drop_one_time(self, subject: UUID) -> None:
        """Forget a one-time key after its parcel was opened."""
        with self._lock:
            self._one_time.pop(subject, None)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def _store(self, fresh: dict[str, bytes]) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        with self._db:
            self._db.executemany("INSERT INTO keys VALUES (?, ?, ?)", _rows(fresh))
            self._db.executemany("INSERT OR IGNORE INTO keys VALUES (?, ?, ?)", _rows(self._given))

    def _wipe(self) -> None:
        """Let the file that is written ahead forget what was deleted; the main file overwrites it."""
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _rows(keys: dict[str, bytes]) -> list[tuple[str, str, bytes]]:
    return [(name, str(subject_of(name)), key) for name, key in keys.items()]
