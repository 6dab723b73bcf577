"""Where this node stands in each topic it reads: a hint for the next start, kept with what was taken from there."""

from collections.abc import Iterable

from sqlalchemy import Engine, select

from shared.event_log.group import Group
from shared.event_log.tables import WIRE_PLACES
from shared.transport.wire import Arrived, Place


def places(engine: Engine) -> dict[str, Place]:
    """Per topic where reading goes on; no entry for a topic that was never read."""
    with engine.connect() as connection:
        rows = connection.execute(select(WIRE_PLACES))
        return {row.topic: Place(row.identity, row.offset) for row in rows}


def remember_places(group: Group, arrivals: Iterable[Arrived]) -> None:
    """Remember in the group's commit where these arrivals end."""
    ends = {arrived.message.topic: arrived.place for arrived in arrivals}
    rows = [{"topic": t, "identity": p.identity, "offset": p.offset} for t, p in ends.items()]
    group.writes.upsert(WIRE_PLACES, rows)
