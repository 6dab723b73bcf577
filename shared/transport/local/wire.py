"""The local wire: one SQLite file between all nodes of one machine, in one process or many.

Senders of the same process wake the readers at once; another process's messages are seen by a look
at the file's version every 50 milliseconds.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from weakref import WeakSet

from shared.transport.local.file import LocalFile, Topic
from shared.transport.sizes import refuse_too_large
from shared.transport.wire import Arrived, Message, Place

KEEP = 20_000
"""Messages that stay readable in a topic. Unit: messages; who is further behind asks the sender again."""
LOOK_EVERY = 0.05
"""Time between two looks for messages of other processes. Unit: seconds."""
BATCH = 500
"""Most messages that one poll returns. Unit: messages."""

_open_wires: dict[Path, "WeakSet[LocalWire]"] = {}
_open_wires_lock = threading.Lock()


class LocalWire:
    """A wire (shared/transport/wire.py) over the file at `path`, which is made at the first use.

    A missing, replaced or emptied file has new identities. A full disk, a broken file or one locked
    for over five seconds raises WireDown.
    """

    def __init__(self, path: Path, *, keep: int = KEEP) -> None:
        self._path = path.resolve()
        self._keep = keep
        self._out = LocalFile(self._path)
        self._in = LocalFile(self._path)
        self._known: set[str] = set()
        self._places: dict[str, Place | None] = {}
        self._reading = threading.Lock()
        self._seen: tuple[int, ...] | None = None
        self._look = threading.Event()
        self._woken = False
        with _open_wires_lock:
            _open_wires.setdefault(self._path, WeakSet()).add(self)

    def ensure_topics(self, topics: Sequence[str]) -> None:
        """Make topics that do not exist. Errors: WireDown."""
        self._known.update(topics)
        missing = set(topics) - self._out.topics().keys()
        if missing:
            self._out.make(sorted(missing))

    def send(self, messages: Sequence[Message]) -> None:
        """Append the messages in one transaction. Errors: WireDown, MessageTooLarge."""
        refuse_too_large(messages)
        if messages:
            self._out.append(messages, self._keep)
            self._tell_readers()

    def read_from(self, places: Mapping[str, Place | None]) -> None:
        """Set the topics to read and where."""
        with self._reading:
            self._places = dict(places)
            self._known.update(places)
            self._seen = None
        self._look.set()

    def poll(self, seconds: float) -> list[Arrived]:
        """Messages that came, in order per topic; waits at most `seconds`. Errors: WireDown."""
        deadline = time.monotonic() + seconds
        while True:
            self._look.clear()
            arrived = self._read_news()
            left = deadline - time.monotonic()
            if arrived or self._woken or left <= 0:
                self._woken = False
                return arrived
            self._look.wait(min(LOOK_EVERY, left))

    def wake(self) -> None:
        """End a waiting `poll` at once."""
        self._woken = True
        self._look.set()

    def identities(self) -> Mapping[str, str]:
        """Today's identity of each known topic; one that is missing is made. Errors: WireDown."""
        self.ensure_topics(sorted(self._known))
        return {name: topic.identity for name, topic in self._out.topics().items()}

    def close(self) -> None:
        """Let go of the file."""
        with _open_wires_lock:
            _open_wires[self._path].discard(self)
        self.wake()
        self._in.close()
        self._out.close()

    def _tell_readers(self) -> None:
        with _open_wires_lock:
            wires = list(_open_wires[self._path])
        for wire in wires:
            wire._look.set()

    def _read_news(self) -> list[Arrived]:
        with self._reading:
            version = self._in.version()
            if version == self._seen:
                return []
            arrived = self._read_topics()
            # A full batch may have left messages behind, so only a version with nothing left counts as seen.
            self._seen = None if arrived else version
            return arrived

    def _read_topics(self) -> list[Arrived]:
        topics = self._in.topics()
        starts = {name: _start(topics[name], place) for name, place in self._places.items() if name in topics}
        waiting = {name: start for name, start in starts.items() if start < topics[name].next}
        share = max(1, BATCH // max(1, len(waiting)))
        arrived: list[Arrived] = []
        for name, start in waiting.items():
            for offset, message, readable in self._in.read(name, start, share):
                arrived.append(Arrived(message, Place(topics[name].identity, offset + 1), readable))
                self._places[name] = arrived[-1].place
        return arrived


def _start(topic: Topic, place: Place | None) -> int:
    """The offset to read: the place, or the oldest message when the place is of another incarnation or not there."""
    if place is None or place.identity != topic.identity or not topic.first <= place.offset <= topic.next:
        return topic.first
    return place.offset
