"""The directory as this node knows it: units with dated names, hosting, and nodes' public keys."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, Connection, Date, Integer, Row, String, Table, Uuid, select

from shared.projections.columns import unit_of, unseen
from shared.projections.projection import Projection
from shared.projections.rows import METADATA, Handler, Put, RecordedFact, RowChange
from shared.work.common.unit_info import NodeInfo, UnitInfo, homes_with
from shared.work.common.unit_tree import Directory

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
    Column("successor", Uuid),
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
ABOVE_EVER = Table(
    "units_above",
    METADATA,
    Column("unit", Uuid, primary_key=True),
    Column("above", Uuid, primary_key=True),
)
"""Every office that a unit belongs or belonged to, or that succeeded it; the present ones stand in `units`."""
LIVES = Table(
    "unit_lives",
    METADATA,
    Column("unit", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("since", Date),
    Column("opens", Boolean),
)
"""When a unit was closed, and when it was there again."""


def _unit_changed(fact: RecordedFact) -> Iterable[RowChange]:
    entry = fact.data["entry"]
    unit, since = fact.envelope.stream, date.fromisoformat(entry["since"])
    kept = {name: entry[name] for name in ("code", "name", "name_en", "mark", "kind", "node", "contact")}
    above = {"parent": unit_of(entry["parent"]), "successor": unit_of(fact.data.get("successor"))}
    version = fact.envelope.stream_version
    closed_on = since if fact.envelope.name == "unit.closed" else None
    kept |= {**above, "closed_on": closed_on, "version": version}
    # Whoever asks for a unit hears of its past after what made him ask.
    yield Put(UNITS, {"unit": unit}, kept, newest="version")
    if fact.envelope.name == "unit.opened":
        yield Put(UNITS, {"unit": unit}, {"opened_on": since})
    yield Put(HOSTINGS, {"unit": unit, "version": version}, {"node": entry["node"]})
    if fact.envelope.name == "unit.began_anew":
        yield Put(UNITS, {"unit": unit}, {"anew_at": version})
    yield from (Put(ABOVE_EVER, {"unit": unit, "above": one}) for one in above.values() if one)
    if fact.envelope.name in ("unit.closed", "unit.reopened"):
        opens = {"since": since, "opens": fact.envelope.name == "unit.reopened"}
        yield Put(LIVES, {"unit": unit, "version": version}, opens)


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
    "unit.moved": _unit_changed,
    "unit.closed": _unit_changed,
    "unit.reopened": _unit_changed,
    "node.admitted": _node_admitted,
    "node.rekeyed": _rekeyed,
    "node.revoked": _revoked,
}


def directory(connection: Connection) -> Directory:
    """The directory as this node knows it."""
    homes, moved_at = _homes(connection)
    away = _away(connection)
    known = [
        replace(
            _info(row),
            homes=homes[row["unit"]],
            begins_anew=(row["anew_at"] or 0) > moved_at[row["unit"]],
            away=tuple(away.get(row["unit"], ())),
        )
        for row in connection.execute(select(UNITS)).mappings()
    ]
    return Directory(known, _nodes(connection), _sets(connection, ABOVE_EVER))


def _info(row: Any) -> UnitInfo:
    """A unit as it is now; one whose opening has not come here exists since the first day of all."""
    named: dict[str, Any] = {name: value for name, value in row.items() if name != "anew_at"}
    named["opened_on"] = row["opened_on"] or date.min
    return UnitInfo(**named)


def _homes(connection: Connection) -> tuple[dict[UUID, tuple[str, ...]], dict[UUID, int]]:
    """The nodes that have kept each unit, in their order, and the version of its record at which the last one began."""
    homes: dict[UUID, tuple[str, ...]] = {}
    moved_at: dict[UUID, int] = {}
    for row in connection.execute(select(HOSTINGS).order_by(HOSTINGS.c.unit, HOSTINGS.c.version)):
        before = homes.get(row.unit, ())
        homes[row.unit] = homes_with(before, row.node)
        if homes[row.unit] != before:
            moved_at[row.unit] = row.version
    return homes, moved_at


def _sets(connection: Connection, table: Table) -> dict[UUID, frozenset[Any]]:
    """What a table of pairs has beside each unit."""
    found: dict[UUID, set[Any]] = {}
    for unit, beside in connection.execute(select(table)):
        found.setdefault(unit, set()).add(beside)
    return {unit: frozenset(kept) for unit, kept in found.items()}


def _away(connection: Connection) -> dict[UUID, list[tuple[date, date]]]:
    """The closings of units that were undone."""
    found: dict[UUID, list[tuple[date, date]]] = {}
    closed: dict[UUID, date] = {}
    for row in connection.execute(select(LIVES).order_by(LIVES.c.unit, LIVES.c.version)):
        if row.opens and row.unit in closed:
            found.setdefault(row.unit, []).append((closed.pop(row.unit), row.since))
        elif not row.opens:
            closed[row.unit] = row.since
    return found


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


def open_below(connection: Connection, unit: UUID) -> list[UnitInfo]:
    """Open units directly below a unit, in the order of the codes."""
    query = select(UNITS).where(UNITS.c.parent == unit, UNITS.c.closed_on.is_(None)).order_by(UNITS.c.code)
    return [_info(row) for row in connection.execute(query).mappings()]


def node_of_open(connection: Connection, unit: UUID) -> str | None:
    """The node that keeps an open unit now; none for one that is closed or not known."""
    return connection.scalar(select(UNITS.c.node).where(UNITS.c.unit == unit, UNITS.c.closed_on.is_(None)))


def closed_into(connection: Connection, unit: UUID) -> list[UUID]:
    """Closed units whose work goes on at a unit, also by way of one that was closed itself."""
    rows = connection.execute(select(UNITS.c.unit, UNITS.c.successor).where(UNITS.c.successor.is_not(None)))
    before: dict[UUID, list[UUID]] = {}
    for closed, successor in rows:
        before.setdefault(successor, []).append(closed)
    found: list[UUID] = []
    waiting = [unit]
    while waiting:
        more = [one for one in before.get(waiting.pop(), ()) if one not in found]
        found += more
        waiting += more
    return sorted(found)


def owner_of_mark(connection: Connection, mark: str) -> str | None:
    """The name of the unit whose register mark this is or was; none when it is free."""
    return connection.scalar(select(UNITS.c.name).where(UNITS.c.mark == mark).limit(1))


def owner_of_code(connection: Connection, code: str, but: UUID | None = None) -> str | None:
    """The name of the open unit that bears a code, but for one; none when it is free."""
    query = select(UNITS.c.name).where(UNITS.c.code == code, UNITS.c.closed_on.is_(None))
    return connection.scalar((query if but is None else query.where(UNITS.c.unit != but)).limit(1))


PROJECTION = Projection("units", (UNITS, HOSTINGS, ABOVE_EVER, LIVES, NODES, NODE_KEYS), HANDLERS)
