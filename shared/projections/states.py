"""Of which shape and rules the rows of each projection are, and making those anew that this program would make otherwise.

| column | says |
| --- | --- |
| shape, rules | the fingerprints of the program that made the rows (`fingerprints.py`) |
| tables | what they stand in, so that tables which a later release no longer declares are found |
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Row, String, Table, Text, delete, insert, inspect, select

from shared.projections.fingerprints import fingerprint_of
from shared.projections.projection import Projection
from shared.projections.projections import Projections

KEPT = MetaData()
STATES = Table(
    "projection_states",
    KEPT,
    Column("name", String, primary_key=True),
    Column("shape", String, nullable=False),
    Column("rules", String, nullable=False),
    Column("tables", Text, nullable=False),
)
"""Outside the projections' own tables: a revision of the migrations makes it, and nothing drops it."""


@dataclass(frozen=True)
class Stale:
    """What stands in a database otherwise than this program would write it.

    `moved` are projections whose tables have another shape, or are not there; of the `refilled` only the rules differ.
    `gone` are tables that no projection has any more.
    """

    moved: tuple[Projection, ...] = ()
    refilled: tuple[Projection, ...] = ()
    gone: frozenset[str] = frozenset()

    @property
    def projections(self) -> tuple[Projection, ...]:
        """Those that are to be replayed."""
        return (*self.moved, *self.refilled)

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.projections or self.gone)


def stale(connection: Connection, projections: Projections) -> Stale:
    """What is of another release. The table of states must be there."""
    kept = {row.name: row for row in connection.execute(select(STATES))}
    moved, refilled = list[Projection](), list[Projection]()
    for one in projections.declared:
        row, now = kept.get(one.name), fingerprint_of(one, connection.dialect)
        if row is None or (row.shape, row.tables) != (now.shape, _tables_of(one)):
            moved.append(one)
        elif row.rules != now.rules:
            refilled.append(one)
    return Stale(tuple(moved), tuple(refilled), _gone(kept.values(), projections))


def make_anew(
    connection: Connection,
    projections: Projections,
    found: Stale,
    replay: Callable[[Projections], None],
) -> None:
    """Drop, make and fill what is stale, in the caller's transaction; what is not stays untouched.

    Where only rules differ no table is touched: a role that may make none can run a release with a new calendar.
    """
    dropped = {name for one in found.moved for name in _tables_of(one).split()} | found.gone
    there = set(inspect(connection).get_table_names())
    for name in sorted(dropped & there):
        Table(name, MetaData()).drop(connection)
    projections.only(found.moved).create_tables(connection)
    if found.projections:
        replay(projections.only(found.projections))
    _note(connection, projections, found)


def _note(connection: Connection, projections: Projections, found: Stale) -> None:
    declared = [one.name for one in projections.declared]
    done = [one.name for one in found.projections]
    connection.execute(delete(STATES).where(STATES.c.name.in_(done) | STATES.c.name.not_in(declared)))
    for one in found.projections:
        values = {"name": one.name, "tables": _tables_of(one)}
        connection.execute(insert(STATES).values(values | vars(fingerprint_of(one, connection.dialect))))


def _gone(kept: Iterable[Row[Any]], projections: Projections) -> frozenset[str]:
    noted = {name for row in kept for name in row.tables.split()}
    return frozenset(noted - {table.name for table in projections.tables})


def _tables_of(projection: Projection) -> str:
    return " ".join(sorted(table.name for table in projection.tables))
