"""Every version of every report as it was sent, and the days that units were excused from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Date,
    Index,
    Integer,
    Row,
    String,
    Table,
    Uuid,
    select,
)

from shared.database.utc_time import UtcTime
from shared.projections.columns import unseen, value_of
from shared.projections.projection import Projection
from shared.projections.rows import METADATA, Handler, Put, RecordedFact, RowChange
from shared.work.common.fact import UnitId
from shared.work.reports.periods import Period
from shared.work.reports.reporting_day import Figures

FIGURES = tuple(Figures.__dataclass_fields__)
REPORTS = Table(
    "report_versions",
    METADATA,
    Column("unit", Uuid, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("kind", String),
    *(Column(name, Integer) for name in FIGURES),
    Column("checked", JSON),
    Column("signed_by", String),
    Column("register_count", Integer),
    Column("register_last", Integer),
    Column("covers_from", Integer),
    Column("covers_to", Integer),
    Column("recorded_at", UtcTime),
    unseen("arrived_at", UtcTime),
    unseen("known_at", UtcTime),
    Column("fact", Uuid),
    Index("report_versions_by_day", "day", "unit"),
)
EXCUSES = Table(
    "excuses",
    METADATA,
    Column("unit", Uuid, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("granted_by", Uuid, primary_key=True),
    Column("reason", String),
    Column("recorded_at", UtcTime),
    unseen("known_at", UtcTime),
    Index("excuses_by_day", "day"),
)


@dataclass(frozen=True)
class Report:
    """One version of a unit's report for a day; `arrived_at` is none where it was recorded."""

    unit: UnitId
    day: date
    version: int
    kind: str
    figures: Figures
    checked: tuple[str, ...]
    signed_by: str
    register_count: int
    register_last: int
    covers_from: int
    covers_to: int
    recorded_at: datetime
    arrived_at: datetime | None


@dataclass(frozen=True)
class ExcuseRow:
    """A day that a unit owed no report for."""

    unit: UnitId
    day: date
    granted_by: UnitId
    reason: str
    recorded_at: datetime


def _reported(fact: RecordedFact) -> Iterable[RowChange]:
    data, envelope = fact.data, fact.envelope
    if data["period"] != Period.DAY:
        return  # a sheet is of days; other periods have no list yet
    day = date.fromisoformat(data["day"])
    key = {"unit": envelope.unit, "day": day, "version": data["version"]}
    names = ("kind", "checked", "signed_by", "register_count", "register_last")
    said = {name: data[name] for name in names} | {name: data["figures"][name] for name in FIGURES}
    said |= {name: data[name]["number"] for name in ("covers_from", "covers_to")}
    moments = {
        "recorded_at": envelope.recorded,
        "arrived_at": fact.arrived,
        "known_at": fact.arrived or envelope.recorded,
    }
    # A unit that moves may report at both nodes before the old one hears of it: whichever report comes
    # first, every node's list has the one that was recorded last. The other stays in the log.
    yield Put(REPORTS, key, said | moments | {"fact": envelope.id}, newest="recorded_at")


def _excused(fact: RecordedFact) -> Iterable[RowChange]:
    data, envelope = fact.data, fact.envelope
    excused = {"unit": UnitId(data["excused"]), "day": date.fromisoformat(data["day"])}
    moments = {"recorded_at": envelope.recorded, "known_at": fact.arrived or envelope.recorded}
    yield Put(EXCUSES, excused | {"granted_by": envelope.unit}, moments | {"reason": data["reason"]})


HANDLERS: dict[str, Handler] = {
    "report.filed": _reported,
    "report.corrected": _reported,
    "excuse.granted": _excused,
}


_KNOWN = select(REPORTS).where(REPORTS.c.known_at <= value_of(REPORTS.c.known_at, "as_of"))
_OF_UNIT = REPORTS.c.unit == value_of(REPORTS.c.unit, "unit")
_REPORTS_OF_DAY = _KNOWN.where(REPORTS.c.day == value_of(REPORTS.c.day, "day")).order_by(
    REPORTS.c.unit, REPORTS.c.version
)
_REPORTS_OF_UNIT = _KNOWN.where(
    _OF_UNIT, REPORTS.c.day.between(value_of(REPORTS.c.day, "first"), value_of(REPORTS.c.day, "last"))
).order_by(REPORTS.c.day, REPORTS.c.version)
_LAST_OF_UNIT = _KNOWN.where(_OF_UNIT).order_by(REPORTS.c.day.desc(), REPORTS.c.version.desc()).limit(1)

_EXCUSED = select(*(EXCUSES.c[name] for name in ExcuseRow.__dataclass_fields__)).where(
    EXCUSES.c.known_at <= value_of(EXCUSES.c.known_at, "as_of")
)
_EXCUSES_OF_DAY = _EXCUSED.where(EXCUSES.c.day == value_of(EXCUSES.c.day, "day"))
_EXCUSES_OF_UNIT = _EXCUSED.where(
    EXCUSES.c.unit == value_of(EXCUSES.c.unit, "unit"),
    EXCUSES.c.day.between(value_of(EXCUSES.c.day, "first"), value_of(EXCUSES.c.day, "last")),
)


def report_versions(connection: Connection, unit: UnitId, day: date, *, as_of: datetime) -> list[Report]:
    """All versions for a unit and day that were known at a moment, the first one first."""
    return reports_of_unit(connection, unit, day, day, as_of=as_of)


def latest_report(connection: Connection, unit: UnitId, day: date, *, as_of: datetime) -> Report | None:
    """The newest version for a unit and day that was known at a moment."""
    versions = report_versions(connection, unit, day, as_of=as_of)
    return versions[-1] if versions else None


def last_report(connection: Connection, unit: UnitId, *, as_of: datetime) -> Report | None:
    """The newest version for the newest day that a unit has reported for."""
    row = connection.execute(_LAST_OF_UNIT, {"unit": unit, "as_of": as_of}).first()
    return _report_of(row) if row else None


def reports_of_unit(
    connection: Connection, unit: UnitId, first: date, last: date, *, as_of: datetime
) -> list[Report]:
    """All versions of a unit's reports for a range of days, by day and version."""
    values = {"unit": unit, "first": first, "last": last, "as_of": as_of}
    return [_report_of(row) for row in connection.execute(_REPORTS_OF_UNIT, values)]


def reports_of_day(connection: Connection, day: date, *, as_of: datetime) -> list[Report]:
    """All versions of every unit's reports for a day, by unit and version."""
    return [_report_of(row) for row in connection.execute(_REPORTS_OF_DAY, {"day": day, "as_of": as_of})]


def excuses_of_unit(
    connection: Connection, unit: UnitId, first: date, last: date, *, as_of: datetime
) -> list[ExcuseRow]:
    """Excused days of a unit in a range of days."""
    values = {"unit": unit, "first": first, "last": last, "as_of": as_of}
    return [ExcuseRow(*row) for row in connection.execute(_EXCUSES_OF_UNIT, values)]


def excuses_of_day(connection: Connection, day: date, *, as_of: datetime) -> list[ExcuseRow]:
    """Units that were excused on a day."""
    return [ExcuseRow(*row) for row in connection.execute(_EXCUSES_OF_DAY, {"day": day, "as_of": as_of})]


def _report_of(row: Row[Any]) -> Report:
    return Report(
        row.unit,
        row.day,
        row.version,
        row.kind,
        Figures(*(getattr(row, name) for name in FIGURES)),
        tuple(row.checked),
        row.signed_by,
        row.register_count,
        row.register_last,
        row.covers_from,
        row.covers_to,
        row.recorded_at,
        row.arrived_at,
    )


PROJECTION = Projection(
    "reports",
    (
        REPORTS,
        EXCUSES,
    ),
    HANDLERS,
)
