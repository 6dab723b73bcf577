"""Streams that a writer remembers, and how the others are read: many at once where it is known before."""

from collections import OrderedDict
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Connection, bindparam, null, select, type_coerce

from shared.envelope import Envelope
from shared.event_log.mapper import fact_of
from shared.event_log.recorder import STORED_EVENTS
from shared.event_log.tables import HANDED_OVER, RECEIVED
from shared.work.common.fact import Stream
from shared.work.common.order_refusals import RecordTorn

REMEMBERED = 2_000
"""Most streams kept in memory by a writer. Unit: aggregates of about 2 KB, so a few megabytes."""

_STREAMS = bindparam("streams", expanding=True, type_=HANDED_OVER.c.stream.type)
_OWN = select(
    STORED_EVENTS.c.originator_id.label("stream"),
    STORED_EVENTS.c.originator_version.label("version"),
    STORED_EVENTS.c.state,
    type_coerce(null(), HANDED_OVER.c.hand_over.type).label("hand_over"),
).where(STORED_EVENTS.c.originator_id.in_(_STREAMS))
_HANDED_OVER = (
    select(HANDED_OVER.c.stream, HANDED_OVER.c.stream_version, RECEIVED.c.body, HANDED_OVER.c.hand_over)
    .join(RECEIVED, RECEIVED.c.fact == HANDED_OVER.c.fact)
    .where(HANDED_OVER.c.stream.in_(_STREAMS))
)
_EVENTS_OF_STREAMS = _OWN.union_all(_HANDED_OVER).order_by("stream", "version")
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
                envelope = Envelope.read(bytes(row.state))
                after = missing[envelope.stream] = self._after(missing[envelope.stream], envelope)
                if after is not None and after.handed_over != row.hand_over:
                    after.handed_over = row.hand_over
        for stream, state in missing.items():
            self.remember(stream, state)

    def _after(self, state: Stream | None, envelope: Envelope) -> Stream | None:
        """The state after the next fact; none of a stream in which a fact is missing."""
        stream = envelope.stream
        if envelope.stream_version != (state.version if state else 0) + 1:
            self._torn.add(stream)
        return None if stream in self._torn else fact_of(envelope).mutate(state)
