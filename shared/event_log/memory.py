"""What a writer remembers between groups."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from shared.event_log.answers import Answers
from shared.event_log.streams import Streams

T = TypeVar("T")

KEPT_AT_MOST = 1_000
"""Sums that are kept up. Unit: sums of an office and a day, under a kilobyte each."""


@dataclass
class Memory:
    """Streams, answers of orders, sums that rules keep up, the journal's last position; `doubtful` after a failed commit."""

    streams: Streams = field(default_factory=Streams)
    answers: Answers = field(default_factory=Answers)
    position: int = 0
    doubtful: bool = False
    _kept: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict[Hashable, Any])

    def kept(self, key: Hashable, read: Callable[[], T]) -> T:
        """What a rule keeps up itself from order to order, read from the record where it is not known."""
        if key not in self._kept:
            self._kept[key] = read()
            if len(self._kept) > KEPT_AT_MOST:
                self._kept.popitem(last=False)
        return self._kept[key]

    def forget(self) -> None:
        """What a failed commit left in the database is not known before it answers again."""
        self.streams.clear()
        self.answers.clear()
        self._kept.clear()
        self.doubtful = True
