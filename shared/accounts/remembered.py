"""Sessions that were looked up a moment ago: asked again of the database at least once a minute.

Every change of an account goes through the process that serves it, so that process may remember
whom it let in. A look-up that began before such a change is not remembered after it.
"""

import threading
from dataclasses import dataclass
from datetime import datetime

from shared.accounts.limits import Limits
from shared.accounts.people import Person

MOST = 10_000
"""Sessions that are remembered. Unit: sessions; a node has some hundred clerks, and each takes under a kilobyte."""


@dataclass(frozen=True)
class Remembered:
    """Who was let in, and the two moments that its end is counted from."""

    person: Person
    created_at: datetime
    last_seen_at: datetime


class RememberedSessions:
    """The sessions of one node by the hash of their cookie; usable from any thread."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._known: dict[str, Remembered] = {}
        self._changes = 0

    @property
    def changes(self) -> int:
        """How many changes there were; a look-up says before which one it began."""
        return self._changes

    def find(self, cookie_sha256: str, at: datetime) -> Person | None:
        """Whom this cookie lets in; none when only the database can say, or its last use is to be written."""
        found = self._known.get(cookie_sha256)
        if found is None or at - found.last_seen_at >= min(self._limits.seen_every, self._limits.idle):
            return None
        return found.person if at - found.created_at < self._limits.absolute else None

    def keep(self, cookie_sha256: str, found: Remembered, *, since: int) -> None:
        """Remember a look-up that began after change number `since`, unless there was another one."""
        with self._lock:
            if since == self._changes:
                if len(self._known) >= MOST:
                    self._known.clear()
                self._known[cookie_sha256] = found

    def forget(self) -> None:
        """An account or a session changed: everything is asked again."""
        with self._lock:
            self._changes += 1
            self._known.clear()
