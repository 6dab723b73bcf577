"""Which units owe a report on a day: the tree of units as it stood on that day, with the names of that day.

Every fact of a unit's stream brings its whole entry and the day from which it holds.
"""

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
from shared.projections.rows import METADATA, Put, RecordedFact, RowChange
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
    """A unit that existed on a day, as it was called then.

    `owes` says whether it owed a report: from the day after it was opened to the day on which it was closed.
    """

    unit: UnitId
    parent: UnitId | None
    code: str
    name: str
    name_en: str
    kind: str
    owes: bool


Units = dict[UnitId, Duty]


def _unit_changed(fact: RecordedFact) -> Iterable[RowChange]:
    entry = fact.data.get("entry")
    if entry is None:
        return
    shown = {name: entry[name] for name in ("code", "name", "name_en", "kind")}
    dated = {"since": date.fromisoformat(entry["since"]), "parent": unit_of(entry["parent"])}
    closed = {"closed": fact.envelope.name == "unit.closed"}
    yield Put(
        OBLIGATIONS,
        {"unit": fact.envelope.stream, "version": fact.envelope.stream_version},
        shown | dated | closed,
    )


_TERMS = (
    select(OBLIGATIONS)
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
    """The units of a day; `terms` are what the directory says of them, in its order."""
    begun: dict[UnitId, date] = {}
    last: dict[UnitId, Row[Any]] = {}
    for term in (term for term in terms if term.since <= day):
        before = last.get(term.unit)
        if before is None or (before.closed and before.since < term.since):
            begun[term.unit] = term.since
        last[term.unit] = term
    units = sorted((term for term in last.values() if _is_there(term, day)), key=lambda term: term.code)
    return {term.unit: _duty(term, owes=begun[term.unit] < day) for term in units}


def _is_there(term: Row[Any], day: date) -> bool:
    """A unit is there on the day of its closing still, as it was."""
    return not term.closed or term.since == day


def _duty(term: Row[Any], *, owes: bool) -> Duty:
    return Duty(term.unit, term.parent, term.code, term.name, term.name_en, term.kind, owes)


def tier_of(duty: Duty, units: Units) -> Tier:
    """The tier at which a unit reports; a department reports like the units beside it."""
    tiers = {UnitKind.COUNTY: Tier.COUNTY, UnitKind.TOWNSHIP: Tier.TOWNSHIP}
    if duty.kind == UnitKind.DEPARTMENT:
        above = units.get(duty.parent) if duty.parent else None
        return Tier.TOWNSHIP if above and above.kind == UnitKind.COUNTY else Tier.VILLAGE
    return tiers.get(UnitKind(duty.kind), Tier.VILLAGE)


PROJECTION = Projection("duties", (OBLIGATIONS,), of_stream={"unit": _unit_changed})
