"""The send window: how far a route may run ahead of those who read it, so that one sender never starves others.

Many villages write to one topic, and it is read in order. A village with a million facts to catch up
would fill it, and what another village says today would stand behind all of that. So a route has at
most a window of facts (shared/settings/limits.py) on the way: the next ones go when a receipt says that some of these are held.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

SILENT_AFTER = 10.0
"""Time without progress after which a reader is not waited for: it is down. Unit: seconds; while it works its
receipts come five times a second. What it misses it reads from the wire later, or asks for."""


TAIL_LOST = 10.0
"""Seconds without progress before the end of a route is sent again; receipts come within a second."""

LONGEST_PATIENCE = 320.0
"""Longest time between two such sendings. Unit: seconds; it doubles from `TAIL_LOST` on, since whoever is down
for a night reads all of them in the morning: some hundred a night instead of three thousand."""


@dataclass
class SendWindow:
    """Follows what each holder of each route of one node says it holds; `window` in facts."""

    window: int
    _held: dict[tuple[str, str], tuple[int, float]] = field(default_factory=dict)
    _tails: dict[str, tuple[int, float, float]] = field(default_factory=dict)

    def may_send_up_to(self, route: str, sent: int, held: Mapping[str, int], now: float) -> int:
        """The last number of a route that may be sent; `held`: what each holder says, `now`: seconds.

        Holders that are in step set the pace, the slowest of them. One that is far behind or silent
        does not hold up the others; when all are, the one that is furthest does.
        """
        in_step = [
            number
            for holder, number in held.items()
            if sent - number <= self.window and not self._is_silent(route, holder, number, sent, now)
        ]
        return min(in_step or [max(held.values(), default=sent)]) + self.window

    def _is_silent(self, route: str, holder: str, number: int, sent: int, now: float) -> bool:
        before = self._held.get((route, holder))
        if before is None or before[0] != number or sent <= number:
            self._held[route, holder] = number, now
            return False
        return now - before[1] > SILENT_AFTER

    def tail_is_lost(self, route: str, sent: int, held: int, now: float) -> bool:
        """Whether the end of a route is to be sent again: its slowest holder has not moved for too long."""
        before = self._tails.get(route)
        if before is None or before[0] != held or held >= sent:
            self._tails[route] = held, now, TAIL_LOST
            return False
        _, since, patience = before
        if now - since <= patience:
            return False
        self._tails[route] = held, now, min(2 * patience, LONGEST_PATIENCE)
        return True
