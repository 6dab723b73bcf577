"""The node's clock: real time, or in a rehearsal the moment that the rehearsal is playing."""

from datetime import UTC, datetime
from threading import Lock


class Clock:
    """Real time."""

    rehearsal = False

    def now(self) -> datetime:
        """The present moment, aware, UTC."""
        return datetime.now(UTC)


class RehearsalClock(Clock):
    """The latest moment that the rehearsal has named; it never goes back."""

    rehearsal = True

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._lock = Lock()

    def now(self) -> datetime:
        return self._now

    def advance(self, moment: datetime) -> None:
        """Take note of a later moment."""
        with self._lock:
            self._now = max(self._now, moment)
