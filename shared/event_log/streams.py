"""Streams that a writer remembers, and how the others are read: many at once where it is known before."""

from collections import OrderedDict
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from shared.casework.fact import Stream
from shared.envelope import Envelope
from shared.event_log.mapper import fact_of
from shared.event_log.recorder import STORED_EVENTS

REMEMBERED = 2_000
"""Most streams kept in memory by a writer. Unit: aggregates of about 2 KB, so a few megabytes."""

_EVENTS_OF_STREAMS = (
    select(STORED_EVENTS.c.originator_id, STORED_EVENTS.c.state)
    .where(STORED_EVENTS.c.originator_id.in_(bindparam("streams", expanding=True)))
    .order_by(STORED_EVENTS.c.originator_id, STORED_EVENTS.c.originator_version)
)
"""Built once: building it anew took as long as answering it."""


class Streams:
    """The present state of streams, none for one that has not begun; the longest unused is forgotten."""

    def __init__(self) -> None:
        self._states: OrderedDict[UUID, Stream | None] = OrderedDict()

    def __contains__(self, stream: UUID) -> bool:
        return stream in self._states

    def get(self, stream: UUID) -> Stream | None:
        """A remembered stream. Errors: KeyError."""
        self._states.move_to_end(stream)
        return self._states[stream]

    def remember(self, stream: UUID, state: Stream | None) -> None:
        """Keep a stream's present state."""
        self._states[stream] = state
        self._states.move_to_end(stream)
        if len(self._states) > REMEMBERED:
            self._states.popitem(last=False)

    def forget(self, streams: Iterable[UUID]) -> None:
        """Drop streams whose state in memory is not what was recorded."""
        for stream in streams:
            self._states.pop(stream, None)

    def clear(self) -> None:
        """Drop everything."""
        self._states.clear()

    def read(self, connection: Connection, streams: Iterable[UUID]) -> None:
        """Read those that are not remembered, with one question."""
        missing: dict[UUID, Stream | None] = {s: None for s in streams if s not in self._states}
        if missing:
            for row in connection.execute(_EVENTS_OF_STREAMS, {"streams": list(missing)}):
                stream = row.originator_id
                missing[stream] = fact_of(Envelope.read(bytes(row.state))).mutate(missing[stream])
        for stream, state in missing.items():
            self.remember(stream, state)
