"""The node's clock: real time, or in a rehearsal a clock that can be put forward."""

import secrets
from datetime import UTC, datetime
from threading import Lock


def new_rehearsal_token() -> str:
    """What whoever sets a new rehearsal's clock shows besides being signed in; it stands in the network's own file alone."""
    return secrets.token_urlsafe(24)


class Clock:
    """Real time."""

    rehearsal = False

    def now(self) -> datetime:
        """The present moment, aware, UTC."""
        return datetime.now(UTC)


class RehearsalClock(Clock):
    """Real time, or the latest moment that the rehearsal has named while that is still ahead.

    It never goes back: what people do after a month was played comes after the month.
    """

    rehearsal = True

    def __init__(self, start: datetime) -> None:
        self._named = start
        self._lock = Lock()

    def now(self) -> datetime:
        return max(self._named, super().now())

    def advance(self, moment: datetime) -> None:
        """Take note of a later moment."""
        with self._lock:
            self._named = max(self._named, moment)
