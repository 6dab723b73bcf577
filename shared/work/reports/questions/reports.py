"""Every version of every report as it was sent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
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
from shared.projections.columns import Position, unseen, value_of
from shared.projections.projection import Projection
from shared.projections.rows import METADATA, Handler, Put, RecordedFact, RowChange
from shared.work.common.calendar import day_of
from shared.work.common.fact import UnitId
from shared.work.common.register_place import RegisterPlace
from shared.work.reports.periods import Period
from shared.work.reports.register import Figures
from shared.work.reports.reporting_day import begin_of, end_of

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
    Column("covers_from", Position),
    Column("covers_to", Position),
    Column("speaks_from", UtcTime),
    Column("speaks_to", UtcTime),
    unseen("looks_from", Date),
    unseen("by_register", Boolean),
    Column("carried_by", JSON),
    Column("reason", String),
    Column("recorded_at", UtcTime),
    unseen("arrived_at", UtcTime),
    unseen("known_at", UtcTime),
    Column("fact", Uuid),
    Index("report_versions_by_day", "day", "unit"),
    Index("report_versions_by_place", "unit", "covers_to"),
)
"""`covers_from` and `covers_to` are codes of register places; `looks_from` is the day of `speaks_from`, the first day there is
where the report speaks of all that was before; `by_register` says whether its figures are the register's."""


@dataclass(frozen=True)
class Report:
    """One version of a unit's report for a day; `arrived_at` is none where it was recorded.

    It speaks of what came after `speaks_from` (none: of all before) up to `speaks_to`.
    """

    unit: UnitId
    day: date
    version: int
    kind: str
    figures: Figures
    checked: tuple[str, ...]
    signed_by: str
    register_count: int
    register_last: int
    covers_from: RegisterPlace
    covers_to: RegisterPlace
    speaks_from: datetime | None
    speaks_to: datetime
    by_register: bool
    carried_by: tuple[date, ...]
    reason: str | None
    recorded_at: datetime
    arrived_at: datetime | None


def _reported(fact: RecordedFact) -> Iterable[RowChange]:
    data, envelope = fact.data, fact.envelope
    if data["period"] != Period.DAY:
        return  # a sheet is of days; other periods have no list yet
    day = date.fromisoformat(data["day"])
    key = {"unit": envelope.unit, "day": day, "version": data["version"]}
    names = ("kind", "checked", "signed_by", "register_count", "register_last")
    said = {name: data[name] for name in names} | {name: data["figures"][name] for name in FIGURES}
    said |= {name: RegisterPlace(**data[name]).code for name in ("covers_from", "covers_to")}
    said |= {"carried_by": data["carried_by"], "reason": data.get("reason")}
    moments = {
        "recorded_at": envelope.recorded,
        "arrived_at": fact.arrived,
        "known_at": fact.arrived or envelope.recorded,
    }
    # A unit that moves may report at both nodes before the old one hears of it: whichever report comes
    # first, every node's list has the one that was recorded last. The other stays in the log.
    spoken = _spoken(data, day, envelope.recorded)
    yield Put(REPORTS, key, said | moments | spoken | {"fact": envelope.id}, newest="recorded_at")


def _spoken(data: dict[str, Any], day: date, recorded: datetime) -> dict[str, Any]:
    """Of which time the report speaks; one of an earlier release, which did not say, of its day."""
    known = data["speaks_to"] is not None
    since = begin_of(day) if not known else _moment(data["speaks_from"])
    return {
        "speaks_from": since,
        "speaks_to": _moment(data["speaks_to"]) if known else min(recorded, end_of(day)),
        "looks_from": day_of(since) if since else date.min,
        "by_register": known,
    }


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


HANDLERS: dict[str, Handler] = {
    "report.filed": _reported,
    "report.corrected": _reported,
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
        RegisterPlace.of(row.covers_from),
        RegisterPlace.of(row.covers_to),
        row.speaks_from,
        row.speaks_to,
        row.by_register,
        tuple(date.fromisoformat(day) for day in row.carried_by),
        row.reason,
        row.recorded_at,
        row.arrived_at,
    )


PROJECTION = Projection("reports", (REPORTS,), HANDLERS)
