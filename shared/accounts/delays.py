"""Delays that grow with every wrong try: a guesser is slowed, and whoever mistyped waits seconds, not a quarter of an hour."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

NO_TIME = timedelta(0)


@dataclass(frozen=True)
class Slack:
    """How many wrong tries cost nothing, and how long the pause grows: one second after them, then twice the last.

    free: tries; longest: the pause that is never exceeded, so that nobody is kept out by what others do.
    """

    free: int
    longest: timedelta

    def pause_after(self, failures: int) -> timedelta:
        """The pause after so many wrong tries; none while they are free."""
        if failures < self.free:
            return NO_TIME
        doublings = min(failures - self.free, 20)
        return min(timedelta(seconds=2**doublings), self.longest)


class Guesses:
    """Wrong guesses of strangers in this process, by several keys each: of whom, and from where.

    A guess counts when it is made and is taken back when it was right, so that guesses sent side by side do not all
    pass. Holds at most `keys_at_most` keys; beyond that the one heard of longest ago is forgotten.
    """

    def __init__(self, *, within: timedelta, keys_at_most: int = 20_000) -> None:
        self._within, self._keys_at_most = within, keys_at_most
        self._made: dict[str, deque[datetime]] = {}
        self._lock = Lock()

    def admit(self, keys: Sequence[tuple[str, Slack]], at: datetime) -> timedelta:
        """How long to wait before another guess under these keys; none: it may be made, and is counted."""
        with self._lock:
            waits = [self._wait(key, slack, at) for key, slack in keys]
            if max(waits) > NO_TIME:
                return max(waits)
            for key, _ in keys:
                self._count(key, at)
            return NO_TIME

    def was_right(self, keys: Sequence[tuple[str, Slack]]) -> None:
        """The guess that was counted last under these keys was none."""
        with self._lock:
            for key, _ in keys:
                if made := self._made.get(key):
                    made.pop()

    def _wait(self, key: str, slack: Slack, at: datetime) -> timedelta:
        made = self._made.get(key)
        while made and made[0] <= at - self._within:
            made.popleft()
        return made[-1] + slack.pause_after(len(made)) - at if made else NO_TIME

    def _count(self, key: str, at: datetime) -> None:
        made = self._made.pop(key, None) or deque[datetime](maxlen=1_000)
        made.append(at)
        self._made[key] = made
        if len(self._made) > self._keys_at_most:
            del self._made[next(iter(self._made))]
