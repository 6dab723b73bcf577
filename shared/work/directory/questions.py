"""The directory as this node knows it: units with dated names, hosting, and nodes' public keys."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, Date, Integer, Row, String, Table, Uuid, select

from shared.projections.columns import unseen
from shared.projections.projection import Projection
from shared.projections.rows import METADATA, Handler, Put, RecordedFact, RowChange
from shared.work.common.unit_tree import Directory, NodeInfo, UnitInfo, homes_with

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
    Column("version", Integer),
    Column("anew_at", Integer),
)
"""`anew_at` is the version at which the county let the office's node begin without what the one before it has."""
NODES = Table(
    "nodes",
    METADATA,
    Column("name", String, primary_key=True),
    Column("tier", String),
    Column("area", String),
    unseen("signing_key", String),
    unseen("receiving_key", String),
    Column("revoked_on", Date),
)
"""With the present keys, as release 0.1 reads them; all that there were stand in `node_keys`."""
NODE_KEYS = Table(
    "node_keys",
    METADATA,
    Column("name", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    unseen("signing_key", String),
    unseen("receiving_key", String),
)
HOSTINGS = Table(
    "hostings",
    METADATA,
    Column("unit", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("node", String),
)
"""Which node keeps a unit, as each fact of its record says."""


def _unit_changed(fact: RecordedFact) -> Iterable[RowChange]:
    entry = fact.data["entry"]
    unit, since = fact.envelope.stream, date.fromisoformat(entry["since"])
    parent = UUID(entry["parent"]) if entry["parent"] else None
    kept = {name: entry[name] for name in ("code", "name", "name_en", "mark", "kind", "node", "contact")}
    dates = {"unit.opened": {"opened_on": since}, "unit.closed": {"closed_on": since}}
    version = fact.envelope.stream_version
    kept |= {"parent": parent, "version": version}
    if fact.envelope.name == "unit.began_anew":
        kept["anew_at"] = version
    yield Put(UNITS, {"unit": unit}, kept | dates.get(fact.envelope.name, {}))
    yield Put(HOSTINGS, {"unit": unit, "version": version}, {"node": entry["node"]})


def _node_admitted(fact: RecordedFact) -> Iterable[RowChange]:
    yield Put(NODES, {"name": fact.data["name"]}, {name: fact.data[name] for name in ("tier", "area")})
    yield from _rekeyed(fact)


def _rekeyed(fact: RecordedFact) -> Iterable[RowChange]:
    key = {"name": fact.data["name"], "version": fact.envelope.stream_version}
    keys = {name: fact.data[name] for name in ("signing_key", "receiving_key")}
    yield Put(NODE_KEYS, key, keys)
    yield Put(NODES, {"name": fact.data["name"]}, keys)


def _revoked(fact: RecordedFact) -> Iterable[RowChange]:
    yield Put(NODES, {"name": fact.data["name"]}, {"revoked_on": date.fromisoformat(fact.data["since"])})


HANDLERS: dict[str, Handler] = {
    "unit.opened": _unit_changed,
    "unit.renamed": _unit_changed,
    "unit.rehosted": _unit_changed,
    "unit.contact_set": _unit_changed,
    "unit.began_anew": _unit_changed,
    "unit.closed": _unit_changed,
    "node.admitted": _node_admitted,
    "node.rekeyed": _rekeyed,
    "node.revoked": _revoked,
}


def directory(connection: Connection) -> Directory:
    """The directory as this node knows it."""
    homes: dict[UUID, tuple[str, ...]] = {}
    moved_at: dict[UUID, int] = {}
    for row in connection.execute(select(HOSTINGS).order_by(HOSTINGS.c.unit, HOSTINGS.c.version)):
        before = homes.get(row.unit, ())
        homes[row.unit] = homes_with(before, row.node)
        if homes[row.unit] != before:
            moved_at[row.unit] = row.version
    known = [
        UnitInfo(
            **{name: value for name, value in row.items() if name != "anew_at"},
            homes=homes[row["unit"]],
            begins_anew=(row["anew_at"] or 0) > moved_at[row["unit"]],
        )
        for row in connection.execute(select(UNITS)).mappings()
    ]
    return Directory(known, _nodes(connection))


def _nodes(connection: Connection) -> Iterable[NodeInfo]:
    keys: dict[str, list[Row[Any]]] = {}
    for row in connection.execute(select(NODE_KEYS).order_by(NODE_KEYS.c.version)):
        keys.setdefault(row.name, []).append(row)
    for row in connection.execute(select(NODES)):
        *earlier, last = keys[row.name]
        yield NodeInfo(
            *(row.name, row.tier, row.area, last.signing_key, last.receiving_key),
            rotations=len(earlier),
            earlier_keys=tuple(one.signing_key for one in earlier),
            revoked_on=row.revoked_on,
        )


def owner_of_mark(connection: Connection, mark: str) -> str | None:
    """The name of the unit whose register mark this is or was; none when it is free."""
    return connection.scalar(select(UNITS.c.name).where(UNITS.c.mark == mark).limit(1))


def owner_of_code(connection: Connection, code: str, but: UUID | None = None) -> str | None:
    """The name of the open unit that bears a code, but for one; none when it is free."""
    query = select(UNITS.c.name).where(UNITS.c.code == code, UNITS.c.closed_on.is_(None))
    return connection.scalar((query if but is None else query.where(UNITS.c.unit != but)).limit(1))


PROJECTION = Projection("units", (UNITS, HOSTINGS, NODES, NODE_KEYS), HANDLERS)
