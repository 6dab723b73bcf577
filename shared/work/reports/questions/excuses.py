"""Days that units were excused from, with the number of each excuse, and when it was taken back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, Date, Index, Integer, Row, String, Table, Uuid, func, or_, select

from shared.database.utc_time import UtcTime
from shared.projections.columns import unseen, value_of
from shared.projections.projection import Projection
from shared.projections.rows import METADATA, Handler, Put, RecordedFact, RowChange
from shared.work.common.fact import UnitId
from shared.work.common.numbering import numbers_before
from shared.work.reports.excuses import excuse_number

EXCUSES = Table(
    "excuses",
    METADATA,
    Column("excuse", Uuid, primary_key=True),
    Column("unit", Uuid),
    Column("day", Date),
    Column("granted_by", Uuid),
    Column("reason", String),
    Column("year", Integer),
    Column("running", Integer),
    Column("recorded_at", UtcTime),
    unseen("known_at", UtcTime),
    Column("revoked_at", UtcTime),
    unseen("revoked_known_at", UtcTime),
    Index("excuses_by_day", "day"),
    Index("excuses_by_unit", "unit", "day"),
    Index("excuses_by_number", "granted_by", "year", "running"),
)


@dataclass(frozen=True)
class ExcuseRow:
    """A day that a unit owed no report for; `number` is empty for an excuse of an earlier release."""

    excuse: UUID
    unit: UnitId
    day: date
    granted_by: UnitId
    reason: str
    number: str
    recorded_at: datetime
    revoked_at: datetime | None


def _excused(fact: RecordedFact) -> Iterable[RowChange]:
    data, envelope = fact.data, fact.envelope
    said = {"unit": UnitId(data["excused"]), "day": date.fromisoformat(data["day"])}
    said |= {name: data[name] for name in ("reason", "year", "running")}
    moments = {"recorded_at": envelope.recorded, "known_at": fact.arrived or envelope.recorded}
    yield Put(EXCUSES, {"excuse": envelope.stream}, said | moments | {"granted_by": envelope.unit})


def _revoked(fact: RecordedFact) -> Iterable[RowChange]:
    recorded = fact.envelope.recorded
    moments = {"revoked_at": recorded, "revoked_known_at": fact.arrived or recorded}
    yield Put(EXCUSES, {"excuse": fact.envelope.stream}, moments)


HANDLERS: dict[str, Handler] = {"excuse.granted": _excused, "excuse.revoked": _revoked}

_AS_OF = value_of(EXCUSES.c.known_at, "as_of")
_UNIT, _GIVER = value_of(EXCUSES.c.unit, "unit"), value_of(EXCUSES.c.granted_by, "giver")
_KNOWN = select(EXCUSES).where(EXCUSES.c.known_at <= _AS_OF).order_by(EXCUSES.c.recorded_at)
_STANDING = _KNOWN.where(or_(EXCUSES.c.revoked_known_at.is_(None), EXCUSES.c.revoked_known_at > _AS_OF))
_OF_DAY = _STANDING.where(EXCUSES.c.day == value_of(EXCUSES.c.day, "day"))
_BETWEEN = EXCUSES.c.day.between(value_of(EXCUSES.c.day, "first"), value_of(EXCUSES.c.day, "last"))
_OF_UNIT = _STANDING.where(EXCUSES.c.unit == _UNIT, _BETWEEN)
_EVER_OF_UNIT = _KNOWN.where(EXCUSES.c.unit == _UNIT, _BETWEEN)
_HIGHEST = select(func.max(EXCUSES.c.running)).where(
    EXCUSES.c.granted_by == _GIVER, EXCUSES.c.year == value_of(EXCUSES.c.year, "year")
)


def excuses_of_unit(
    connection: Connection, unit: UnitId, first: date, last: date, *, as_of: datetime
) -> list[ExcuseRow]:
    """Excused days of a unit in a range of days; what was revoked is left out."""
    values = {"unit": unit, "first": first, "last": last, "as_of": as_of}
    return [_row_of(row) for row in connection.execute(_OF_UNIT, values)]


def excuses_of_day(connection: Connection, day: date, *, as_of: datetime) -> list[ExcuseRow]:
    """Units that were excused on a day; what was revoked is left out."""
    return [_row_of(row) for row in connection.execute(_OF_DAY, {"day": day, "as_of": as_of})]


def all_excuses(connection: Connection, unit: UnitId, day: date, *, as_of: datetime) -> list[ExcuseRow]:
    """Every excuse that a unit had for a day, the revoked ones too, in their order."""
    values = {"unit": unit, "first": day, "last": day, "as_of": as_of}
    return [_row_of(row) for row in connection.execute(_EVER_OF_UNIT, values)]


def excuse_of(
    connection: Connection, unit: UnitId, day: date, giver: UnitId, *, as_of: datetime
) -> ExcuseRow | None:
    """The excuse that an office gave a unit for a day, if it stands."""
    standing = excuses_of_unit(connection, unit, day, day, as_of=as_of)
    return next((row for row in standing if row.granted_by == giver), None)


def next_excuse_no(connection: Connection, giver: UnitId, year: int, life: int) -> int:
    """The number of the office's next excuse of the year, counted from 1; in a later life from where that begins."""
    highest = connection.scalar(_HIGHEST, {"giver": giver, "year": year}) or 0
    return max(highest, numbers_before(life)) + 1


def _row_of(row: Row[Any]) -> ExcuseRow:
    said = {name: getattr(row, name) for name in ExcuseRow.__dataclass_fields__ if name != "number"}
    return ExcuseRow(**said, number=excuse_number(row.year, row.running))


PROJECTION = Projection("excuses", (EXCUSES,), HANDLERS)
