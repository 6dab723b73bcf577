"""Which units owe a report on a day: the tree of units as it stood on that day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    Integer,
    Row,
    String,
    Table,
    Uuid,
    bindparam,
    or_,
    select,
)

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


@dataclass(frozen=True, slots=True)
class Duty:
    """A unit that existed on a day, as it was called then."""

    unit: UnitId
    parent: UnitId | None
    code: str
    name: str
    name_en: str
    kind: str


Units = dict[UnitId, Duty]


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


_TERMS = (
    select(*(OBLIGATIONS.c[name] for name in (*Duty.__dataclass_fields__, "since", "closed")))
    .where(OBLIGATIONS.c.since <= bindparam("last", type_=OBLIGATIONS.c.since.type))
    .order_by(OBLIGATIONS.c.since, OBLIGATIONS.c.version)
)
_UNIT = bindparam("unit", type_=OBLIGATIONS.c.unit.type)
_OWN = OBLIGATIONS.alias("own")
_ABOVE = select(_OWN.c.parent).where(_OWN.c.unit == _UNIT)
_TERMS_OF_UNIT = _TERMS.where(or_(OBLIGATIONS.c.unit == _UNIT, OBLIGATIONS.c.unit.in_(_ABOVE)))


def units_on(connection: Connection, day: date) -> Units:
    """The units that existed on a day, in the order of the codes."""
    return _as_of(day, connection.execute(_TERMS, {"last": day}).all())


def unit_between(connection: Connection, unit: UnitId, first: date, last: date) -> dict[date, Units]:
    """For each day of a range a unit and those it was ever below, as far as they existed on it."""
    terms = connection.execute(_TERMS_OF_UNIT, {"last": last, "unit": unit}).all()
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return {day: _as_of(day, terms) for day in days}


def _as_of(day: date, terms: Sequence[Row[Any]]) -> Units:
    last = {term.unit: term for term in terms if term.since <= day}
    units = sorted((term for term in last.values() if not term.closed), key=lambda term: term.code)
    return {term.unit: Duty(*term[:_NAMES]) for term in units}


_NAMES = len(Duty.__dataclass_fields__)


def tier_of(duty: Duty, units: Units) -> Tier:
    """The tier at which a unit reports; a department reports like the units beside it."""
    tiers = {UnitKind.COUNTY: Tier.COUNTY, UnitKind.TOWNSHIP: Tier.TOWNSHIP}
    if duty.kind == UnitKind.DEPARTMENT:
        above = units.get(duty.parent) if duty.parent else None
        return Tier.TOWNSHIP if above and above.kind == UnitKind.COUNTY else Tier.VILLAGE
    return tiers.get(UnitKind(duty.kind), Tier.VILLAGE)


PROJECTION = Projection("duties", (OBLIGATIONS,), HANDLERS)
