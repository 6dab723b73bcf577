"""The directory as this node knows it: units with dated names, hosting, and nodes' public keys."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Column, Connection, Date, String, Table, Uuid, select

from shared.projections.columns import unseen
from shared.projections.rows import METADATA, Handler, Happening, Put, RowChange

UNITS = Table(
    "units",
    METADATA,
    Column("unit", Uuid, primary_key=True),
    Column("code", String),
    Column("mark", String),
    Column("name", String),
    Column("name_en", String),
    Column("kind", String),
    Column("parent", Uuid),
    Column("node", String),
    Column("contact", String),
    Column("opened_on", Date),
    Column("closed_on", Date),
)
UNIT_TERMS = Table(
    "unit_terms",
    METADATA,
    Column("unit", Uuid, primary_key=True),
    Column("since", Date, primary_key=True),
    Column("code", String),
    Column("name", String),
    Column("name_en", String),
    Column("parent", Uuid),
)
NODES = Table(
    "nodes",
    METADATA,
    Column("name", String, primary_key=True),
    Column("tier", String),
    Column("area", String),
    unseen("signing_key", String),
    unseen("receiving_key", String),
)


@dataclass(frozen=True)
class UnitRow:
    """One unit as it is now; `closed_on` is none while it is open."""

    unit: UUID
    code: str
    mark: str
    name: str
    name_en: str
    kind: str
    parent: UUID | None
    node: str
    contact: str
    opened_on: date
    closed_on: date | None


@dataclass(frozen=True)
class NodeRow:
    """One node and its public keys (base64 of the raw keys)."""

    name: str
    tier: str
    area: str
    signing_key: str
    receiving_key: str


def _unit_changed(fact: Happening) -> Iterable[RowChange]:
    entry = fact.data["entry"]
    unit, since = fact.envelope.stream, date.fromisoformat(entry["since"])
    parent = UUID(entry["parent"]) if entry["parent"] else None
    shown = {"code": entry["code"], "name": entry["name"], "name_en": entry["name_en"], "parent": parent}
    kept = {name: entry[name] for name in ("mark", "kind", "node", "contact")}
    dates = {"unit.opened": {"opened_on": since}, "unit.closed": {"closed_on": since}}
    yield Put(UNITS, {"unit": unit}, shown | kept | dates.get(fact.envelope.name, {}))
    yield Put(UNIT_TERMS, {"unit": unit, "since": since}, shown)


def _node_admitted(fact: Happening) -> Iterable[RowChange]:
    entry = {name: fact.data[name] for name in ("tier", "area", "signing_key", "receiving_key")}
    yield Put(NODES, {"name": fact.data["name"]}, entry)


HANDLERS: dict[str, Handler] = {
    "unit.opened": _unit_changed,
    "unit.renamed": _unit_changed,
    "unit.rehosted": _unit_changed,
    "unit.contact_set": _unit_changed,
    "unit.closed": _unit_changed,
    "node.admitted": _node_admitted,
}


def all_units(connection: Connection) -> list[UnitRow]:
    """Every unit this node knows, in the order of the codes."""
    return [UnitRow(*row) for row in connection.execute(select(UNITS).order_by(UNITS.c.code))]


def all_nodes(connection: Connection) -> list[NodeRow]:
    """Every node this node knows, by name."""
    return [NodeRow(*row) for row in connection.execute(select(NODES).order_by(NODES.c.name))]


def name_as_of(connection: Connection, unit: UUID, day: date) -> str | None:
    """The name the unit had on a day; none when it is not known for that day."""
    terms = UNIT_TERMS.c
    query = select(terms.name).where(terms.unit == unit, terms.since <= day)
    return connection.scalar(query.order_by(terms.since.desc()).limit(1))


def owner_of_mark(connection: Connection, mark: str) -> str | None:
    """The name of the unit whose register mark this is or was; none when it is free."""
    return connection.scalar(select(UNITS.c.name).where(UNITS.c.mark == mark).limit(1))
