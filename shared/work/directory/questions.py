"""The directory as this node knows it: units with dated names, hosting, and nodes' public keys."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import Column, Connection, Date, String, Table, Uuid, select

from shared.projections.columns import unseen
from shared.projections.projection import Projection
from shared.projections.rows import METADATA, Handler, Put, RecordedFact, RowChange
from shared.work.common.unit_tree import Directory, NodeInfo, UnitInfo

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
NODES = Table(
    "nodes",
    METADATA,
    Column("name", String, primary_key=True),
    Column("tier", String),
    Column("area", String),
    unseen("signing_key", String),
    unseen("receiving_key", String),
)


def _unit_changed(fact: RecordedFact) -> Iterable[RowChange]:
    entry = fact.data["entry"]
    unit, since = fact.envelope.stream, date.fromisoformat(entry["since"])
    parent = UUID(entry["parent"]) if entry["parent"] else None
    kept = {name: entry[name] for name in ("code", "name", "name_en", "mark", "kind", "node", "contact")}
    dates = {"unit.opened": {"opened_on": since}, "unit.closed": {"closed_on": since}}
    yield Put(UNITS, {"unit": unit}, kept | {"parent": parent} | dates.get(fact.envelope.name, {}))


def _node_admitted(fact: RecordedFact) -> Iterable[RowChange]:
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


def directory(connection: Connection) -> Directory:
    """The directory as this node knows it."""
    known = [UnitInfo(**row) for row in connection.execute(select(UNITS)).mappings()]
    return Directory(known, [NodeInfo(**row) for row in connection.execute(select(NODES)).mappings()])


def owner_of_mark(connection: Connection, mark: str) -> str | None:
    """The name of the unit whose register mark this is or was; none when it is free."""
    return connection.scalar(select(UNITS.c.name).where(UNITS.c.mark == mark).limit(1))


PROJECTION = Projection("units", (UNITS, NODES), HANDLERS)
