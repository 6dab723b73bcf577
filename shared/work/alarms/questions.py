"""Alarms that this node raised or heard of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Column, Connection, Date, Index, String, Table, Uuid, bindparam, select

from shared.database.utc_time import UtcTime
from shared.projections.projection import Projection
from shared.projections.rows import METADATA, Put, RecordedFact, RowChange
from shared.work.common.fact import UnitId

ALARMS = Table(
    "authority_alarms",
    METADATA,
    Column("alarm", Uuid, primary_key=True),
    Column("unit", Uuid),
    Column("node", String),
    Column("code", String),
    Column("day", Date),
    Column("about", Uuid),
    Column("said", String),
    Column("fact", Uuid),
    Column("detail", String),
    Column("raised_at", UtcTime),
    Index("authority_alarms_in_order", "raised_at", "alarm"),
)
SHOWN = 50
"""Most alarms on a page. Unit: alarms; each stands for a day of one node."""


@dataclass(frozen=True)
class AlarmRow:
    """An alarm; `unit` raised it, `node` is who signed what it is about, `about` in whose name that was said."""

    alarm: UUID
    unit: UnitId
    node: str
    code: str
    day: date
    about: UnitId
    said: str
    fact: UUID
    detail: str
    raised_at: datetime


def _raised(fact: RecordedFact) -> Iterable[RowChange]:
    names = ("node", "code", "said", "detail")
    values = {name: fact.data[name] for name in names} | {"unit": fact.envelope.unit}
    values |= {name: UUID(fact.data[name]) for name in ("about", "fact")}
    values |= {"day": date.fromisoformat(fact.data["day"]), "raised_at": fact.envelope.recorded}
    yield Put(ALARMS, {"alarm": fact.envelope.stream}, values)


_NEWEST = (
    select(*(ALARMS.c[name] for name in AlarmRow.__dataclass_fields__))
    .order_by(ALARMS.c.raised_at.desc(), ALARMS.c.alarm.desc())
    .limit(bindparam("most"))
)


def newest_alarms(connection: Connection, most: int = SHOWN) -> list[AlarmRow]:
    """What was raised here and below, the last first."""
    return [AlarmRow(*row) for row in connection.execute(_NEWEST, {"most": most})]


PROJECTION = Projection("alarms", (ALARMS,), {"alarm.raised": _raised})
