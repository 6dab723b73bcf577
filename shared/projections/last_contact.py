"""When each unit was last heard of, and by which node: the newest fact that is known of it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, String, Table, Uuid, select

from shared.database.utc_time import UtcTime
from shared.projections.columns import unseen
from shared.projections.projection import Projection
from shared.projections.rows import METADATA, Put, RecordedFact, RowChange
from shared.work.common.fact import UnitId

HEARD = Table(
    "heard",
    METADATA,
    Column("unit", Uuid, primary_key=True),
    Column("source", String, primary_key=True),
    Column("recorded_at", UtcTime),
    unseen("arrived_at", UtcTime),
    unseen("known_at", UtcTime),
)


@dataclass(frozen=True)
class LastHeard:
    """The newest fact of a unit; `arrived_at` is none for a unit that this node keeps itself."""

    unit: UnitId
    source: str
    recorded_at: datetime
    arrived_at: datetime | None
    known_at: datetime


def note_contact(fact: RecordedFact) -> Iterable[RowChange]:
    """Take note of any fact; one that was overtaken by a newer one changes nothing."""
    envelope = fact.envelope
    moments = {
        "recorded_at": envelope.recorded,
        "arrived_at": fact.arrived,
        "known_at": fact.arrived or envelope.recorded,
    }
    yield Put(HEARD, {"unit": envelope.unit, "source": envelope.source}, moments, newest="recorded_at")


def last_heard(connection: Connection, units: Collection[UnitId] | None = None) -> dict[UnitId, LastHeard]:
    """The newest fact of each unit (of all when none are named); units never heard of are absent."""
    query = select(*(HEARD.c[name] for name in LastHeard.__dataclass_fields__)).order_by(HEARD.c.recorded_at)
    if units is not None:
        query = query.where(HEARD.c.unit.in_(units))
    return {row.unit: LastHeard(*row) for row in connection.execute(query)}


def units_recorded_by(connection: Connection, source: str) -> set[UnitId]:
    """Units for which a node has recorded anything, whether it still keeps them or not."""
    return set(connection.scalars(select(HEARD.c.unit).where(HEARD.c.source == source)))


PROJECTION = Projection("heard", (HEARD,), of_all_work=note_contact)
