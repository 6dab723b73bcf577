"""Which node writes each record that this one has heard of: a record has one writer at a time."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from shared.event_log.group import Group
from shared.event_log.recorder import STORED_EVENTS
from shared.event_log.tables import RECEIVED_PLACES, STREAM_WRITERS

REMEMBERED = 20_000
"""Records whose writer is kept in memory. Unit: records, of about 200 bytes."""

_OTHERS = select(STREAM_WRITERS).where(STREAM_WRITERS.c.stream.in_(bindparam("streams", expanding=True)))
_OWN = (
    select(STORED_EVENTS.c.originator_id)
    .where(STORED_EVENTS.c.originator_id.in_(bindparam("streams", expanding=True)))
    .distinct()
)


_PLACES = select(RECEIVED_PLACES.c.fact, RECEIVED_PLACES.c.number).where(
    RECEIVED_PLACES.c.fact.in_(bindparam("facts", expanding=True)),
    RECEIVED_PLACES.c.source == bindparam("source"),
    RECEIVED_PLACES.c.route == bindparam("route"),
)


def places_of(connection: Connection, facts: Collection[UUID], source: str, route: str) -> dict[UUID, int]:
    """The numbers of facts on a source's route; what came in the present batch has none yet."""
    asked = {"facts": list(facts), "source": source, "route": route}
    return {row.fact: row.number for row in connection.execute(_PLACES, asked)}


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
        """Who writes a record of the batch; none when nothing is known of it."""
        return self._known.get(stream)

    def note(self, group: Group, stream: UUID, source: str) -> None:
        """A fact of a record was taken; whoever goes on with one that another began is its writer from now on."""
        before = self._known.get(stream)
        if before != source:
            self._known[stream] = source
            row = {"stream": stream, "source": source}
            (group.writes.upsert if before else group.writes.insert)(STREAM_WRITERS, [row])
