"""Streams that a writer remembers, and how the others are read: many at once where it is known before."""

from collections import OrderedDict
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from shared.envelope import Envelope
from shared.event_log.mapper import fact_of
from shared.event_log.recorder import STORED_EVENTS
from shared.work.common.fact import Stream
from shared.work.common.order_refusals import RecordTorn

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
        self._torn: set[UUID] = set()

    def __contains__(self, stream: UUID) -> bool:
        return stream in self._states

    def get(self, stream: UUID) -> Stream | None:
        """A remembered stream. Errors: KeyError, RecordTorn."""
        if stream in self._torn:
            raise RecordTorn()
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
            self._torn.discard(stream)

    def clear(self) -> None:
        """Drop everything."""
        self._states.clear()
        self._torn.clear()

    def read(self, connection: Connection, streams: Iterable[UUID]) -> None:
        """Read those that are not remembered, with one question."""
        missing: dict[UUID, Stream | None] = {s: None for s in streams if s not in self._states}
        if missing:
            for row in connection.execute(_EVENTS_OF_STREAMS, {"streams": list(missing)}):
                stream, envelope = row.originator_id, Envelope.read(bytes(row.state))
                missing[stream] = self._after(stream, missing[stream], envelope)
        for stream, state in missing.items():
            self.remember(stream, state)

    def _after(self, stream: UUID, state: Stream | None, envelope: Envelope) -> Stream | None:
        """The state after the next fact; none of a stream in which a fact is missing."""
        if envelope.stream_version != (state.version if state else 0) + 1:
            self._torn.add(stream)
        return None if stream in self._torn else fact_of(envelope).mutate(state)
