"""Which units owe a report on a day: the tree of units as it stood on that day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Date, Integer, Row, String, Table, Uuid, select

from shared.projections.columns import unit_of
from shared.projections.projection import Projection
from shared.projections.rows import METADATA, Handler, Put, RecordedFact, RowChange
from shared.work.common.fact import UnitId
from shared.work.common.words import Tier, UnitKind

OBLIGATIONS = Table(
    "duties",
    METADATA,
    Column("unit", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("since", Date),
    Column("parent", Uuid),
    Column("code", String),
    Column("name", String),
    Column("name_en", String),
    Column("kind", String),
    Column("closed", Boolean),
)


@dataclass(frozen=True)
class Duty:
    """A unit that existed on a day, as it was called then."""

    unit: UnitId
    parent: UnitId | None
    code: str
    name: str
    name_en: str
    kind: str


def _unit_changed(fact: RecordedFact) -> Iterable[RowChange]:
    entry = fact.data["entry"]
    shown = {name: entry[name] for name in ("code", "name", "name_en", "kind")}
    dated = {"since": date.fromisoformat(entry["since"]), "parent": unit_of(entry["parent"])}
    closed = {"closed": fact.envelope.name == "unit.closed"}
    yield Put(
        OBLIGATIONS,
        {"unit": fact.envelope.stream, "version": fact.envelope.stream_version},
        shown | dated | closed,
    )


HANDLERS: dict[str, Handler] = dict.fromkeys(
    ("unit.opened", "unit.renamed", "unit.rehosted", "unit.contact_set", "unit.closed"), _unit_changed
)


def units_between(connection: Connection, first: date, last: date) -> dict[date, dict[UnitId, Duty]]:
    """For each day of a range the units that existed on it, in the order of the codes."""
    query = (
        select(OBLIGATIONS)
        .where(OBLIGATIONS.c.since <= last)
        .order_by(OBLIGATIONS.c.since, OBLIGATIONS.c.version)
    )
    terms = connection.execute(query).all()
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return {day: _as_of(day, terms) for day in days}


def _as_of(day: date, terms: Sequence[Row[Any]]) -> dict[UnitId, Duty]:
    last = {term.unit: term for term in terms if term.since <= day}
    names = Duty.__dataclass_fields__
    units = sorted((term for term in last.values() if not term.closed), key=lambda term: term.code)
    return {term.unit: Duty(**{name: term._mapping[name] for name in names}) for term in units}


def tier_of(duty: Duty, units: dict[UnitId, Duty]) -> Tier:
    """The tier at which a unit reports; a department reports like the units beside it."""
    tiers = {UnitKind.COUNTY: Tier.COUNTY, UnitKind.TOWNSHIP: Tier.TOWNSHIP}
    if duty.kind == UnitKind.DEPARTMENT:
        above = units.get(duty.parent) if duty.parent else None
        return Tier.TOWNSHIP if above and above.kind == UnitKind.COUNTY else Tier.VILLAGE
    return tiers.get(UnitKind(duty.kind), Tier.VILLAGE)


PROJECTION = Projection("duties", (OBLIGATIONS,), HANDLERS)
