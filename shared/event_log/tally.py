"""What a node's writer counts for whoever watches the machine: outcomes, sizes and times; nothing about matters."""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from threading import Lock

from shared.work.common.order_refusals import NotStored

SIZES = (1, 2, 5, 10, 20, 50, 100, 200)
"""Upper bounds for members of a group; 200 is the largest group."""

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0)
"""Upper bounds for a commit; a good disk needs two milliseconds, the database gives up after fifteen seconds."""

NOT_STORED = NotStored.code
"""The outcome of an order that the database did not take."""

DONE = "done"
"""The outcome of an order that was not refused."""


@dataclass
class Histogram:
    """How many values lay at or below each bound; written by one thread."""

    bounds: tuple[float, ...]
    total: float = 0.0
    _counts: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self._counts = [0] * (len(self.bounds) + 1)

    def add(self, value: float) -> None:
        """One value more."""
        self._counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def up_to(self) -> list[tuple[str, int]]:
        """Each bound with the number of values at or below it; the last bound is "+Inf"."""
        reached, steps = 0, []
        for bound, count in zip((*map(str, self.bounds), "+Inf"), self._counts, strict=True):
            reached += count
            steps.append((bound, reached))
        return steps


class Tally:
    """Counts of one node since its process began; `refuses`: an order was not stored, and nothing was since."""

    def __init__(self) -> None:
        self.group_sizes = Histogram(SIZES)
        self.commit_seconds = Histogram(SECONDS)
        self.refuses = False
        self._outcomes: Counter[str] = Counter()
        self._lock = Lock()

    def answered(self, code: str) -> None:
        """An order was done or refused; `code` is `DONE` or the refusal's."""
        with self._lock:
            self._outcomes[code] += 1
            self.refuses = self.refuses or code == NOT_STORED

    def committed(self, members: int, seconds: float) -> None:
        """A group became durable."""
        self.refuses = False
        self.group_sizes.add(members)
        self.commit_seconds.add(seconds)

    def outcomes(self) -> dict[str, int]:
        """How many orders had each outcome."""
        with self._lock:
            return dict(self._outcomes)
