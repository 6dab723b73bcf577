"""The tray between a reading thread and the one who polls: few batches, one owner, woken from anywhere."""

import threading
import time
from collections import deque

from shared.transport.wire import Arrived, WireDown

BATCHES = 4
"""Batches that lie ready before the reading thread waits."""
Item = list[Arrived] | WireDown


class BatchHandover:
    """Batches, or why none come. Only the present owner may fill it; a new owner finds it empty."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._items: deque[Item] = deque()
        self._owner: object = None
        self._woken = False

    def give_to(self, owner: object) -> None:
        """Make somebody the owner; what lies in the tray is thrown away."""
        with self._changed:
            self._owner = owner
            self._items.clear()
            self._changed.notify_all()

    def is_of(self, owner: object) -> bool:
        """Whether this is still the owner."""
        return self._owner is owner

    def put(self, owner: object, item: Item) -> None:
        """Lay a batch down; waits for room while the owner is the same. Of errors in a row the last stays."""
        with self._changed:
            if isinstance(item, WireDown) and self._items and isinstance(self._items[-1], WireDown):
                self._items.pop()
            self._changed.wait_for(lambda: len(self._items) < BATCHES or self._owner is not owner)
            if self._owner is owner:
                self._items.append(item)
                self._changed.notify_all()

    def pause(self, owner: object, seconds: float) -> None:
        """Wait, but not longer than this owner is the owner."""
        with self._changed:
            self._changed.wait_for(lambda: self._owner is not owner, seconds)

    def take(self, seconds: float) -> list[Arrived]:
        """The next batch; empty when none came in time or somebody woke the taker. Errors: WireDown."""
        deadline = time.monotonic() + seconds
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._woken, deadline - time.monotonic())
            self._woken = False
            item = self._items.popleft() if self._items else []
            self._changed.notify_all()
        if isinstance(item, WireDown):
            raise item
        return item

    def wake(self) -> None:
        """End a waiting `take`, or the next one."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()
