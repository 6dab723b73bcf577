"""Which node began each record that this one has heard of: a record has one writer."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import bindparam, select

from shared.event_log.group import Group
from shared.event_log.recorder import STORED_EVENTS
from shared.event_log.tables import STREAM_WRITERS

REMEMBERED = 20_000
"""Records whose writer is kept in memory. Unit: records, of about 200 bytes."""

_OTHERS = select(STREAM_WRITERS).where(STREAM_WRITERS.c.stream.in_(bindparam("streams", expanding=True)))
_OWN = (
    select(STORED_EVENTS.c.originator_id)
    .where(STORED_EVENTS.c.originator_id.in_(bindparam("streams", expanding=True)))
    .distinct()
)


class StreamWriters:
    """Asked inside the node's writer, for a whole batch at once; `me` began those of the node's own log."""

    def __init__(self, me: str) -> None:
        self._me = me
        self._known: dict[UUID, str] = {}

    def begin(self, group: Group, streams: Collection[UUID]) -> None:
        """Read what a batch will be asked for."""
        if len(self._known) > REMEMBERED:
            self._known.clear()
        group.on_rollback.append(self._known.clear)
        unknown = [stream for stream in streams if stream not in self._known]
        if unknown:
            for row in group.asking.execute(_OTHERS, {"streams": unknown}):
                self._known[row.stream] = row.source
            new = [stream for stream in unknown if stream not in self._known]
            own = group.asking.scalars(_OWN, {"streams": new}) if new else ()
            self._known |= dict.fromkeys(own, self._me)

    def of(self, stream: UUID) -> str | None:
        """Who began a record of the batch; none when nothing is known of it."""
        return self._known.get(stream)

    def note(self, group: Group, stream: UUID, source: str) -> None:
        """A fact of a record was taken."""
        if stream not in self._known:
            self._known[stream] = source
            group.writes.insert(STREAM_WRITERS, [{"stream": stream, "source": source}])
