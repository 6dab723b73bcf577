"""How much a neighbour may ask of this node: a bucket for each, which fills again with time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Quota:
    """At most `most` at once, and `a_second` more each second; of what, whoever takes it says."""

    most: float
    a_second: float


CONTROL = Quota(most=6_000, a_second=100)
"""Control messages of one kind from one node. Unit: messages; a township that asks for the keys of a year's matters at
once stays below, and a flood costs no more than a busy neighbour."""
RESENT = Quota(most=500_000, a_second=2_000)
"""Facts that are sent again for one node. Unit: facts; the whole log of a township, once."""


@dataclass
class Quotas:
    """What each asker has left; `now` is the node's clock, and one that was set back fills nothing."""

    quota: Quota
    now: Callable[[], datetime]
    _left: dict[tuple[str, ...], tuple[float, datetime]] = field(default_factory=dict)

    def take(self, *asker: str, cost: float = 1) -> bool:
        """Whether an asker may have so much more; it is gone then. What never fits is given when nothing was taken."""
        left, at = self._left.get(asker, (self.quota.most, self.now()))
        now = self.now()
        left = min(self.quota.most, left + max(0.0, (now - at).total_seconds()) * self.quota.a_second)
        may = left >= min(cost, self.quota.most)
        self._left[asker] = (left - cost if may else left, now)
        return may
