"""When each unit was last heard of, and by which node: the newest fact that is known of it, and how many are."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, Integer, String, Table, Uuid, bindparam, func, select

from shared.database.utc_time import UtcTime
from shared.projections.columns import unseen
from shared.projections.projection import Projection
from shared.projections.rows import METADATA, Add, Put, RecordedFact, RowChange
from shared.work.common.fact import UnitId

HEARD = Table(
    "heard",
    METADATA,
    Column("unit", Uuid, primary_key=True),
    Column("source", String, primary_key=True),
    Column("recorded_at", UtcTime),
    unseen("arrived_at", UtcTime),
    unseen("known_at", UtcTime),
    Column("facts", Integer),
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
    key = {"unit": envelope.unit, "source": envelope.source}
    yield Put(HEARD, key, moments, newest="recorded_at")
    yield Add(HEARD, key, {"facts": 1})


_HEARD = select(*(HEARD.c[name] for name in LastHeard.__dataclass_fields__)).order_by(HEARD.c.recorded_at)
_HEARD_OF = _HEARD.where(HEARD.c.unit.in_(bindparam("units", expanding=True, type_=Uuid())))
_CAME_IN = select(func.sum(HEARD.c.facts)).where(HEARD.c.arrived_at.is_not(None))


def last_heard(connection: Connection, units: Collection[UnitId] | None = None) -> dict[UnitId, LastHeard]:
    """The newest fact of each unit (of all when none are named); units never heard of are absent."""
    if units is None:
        rows = connection.execute(_HEARD)
    else:
        rows = connection.execute(_HEARD_OF, {"units": list(units)})
    return {row.unit: LastHeard(*row) for row in rows}


def count_came_in(connection: Connection) -> int:
    """How many facts of the work came in at this node from others."""
    return connection.scalar(_CAME_IN) or 0


def units_recorded_by(connection: Connection, source: str) -> set[UnitId]:
    """Units for which a node has recorded anything, whether it still keeps them or not."""
    return set(connection.scalars(select(HEARD.c.unit).where(HEARD.c.source == source)))


PROJECTION = Projection("heard", (HEARD,), of_all_work=note_contact)
