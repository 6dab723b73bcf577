"""Row changes: what a handler may say, and how a batch of them is written without reading."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, MetaData, Table, and_

from shared.envelope import Envelope
from shared.upsert import upsert

METADATA = MetaData()
"""All projection tables; they have no schema of their own, a node's schema is translated in."""


@dataclass(frozen=True)
class Happening:
    """A fact as a handler sees it: envelope, upcast data, and how it came to this node.

    `data` is plain JSON of the newest version; `arrived` is none for the node's own facts;
    `position` is the place in this node's journal of own and received facts.
    """

    envelope: Envelope
    data: dict[str, Any]
    arrived: datetime | None
    position: int


@dataclass(frozen=True)
class Put:
    """Set columns of the row with this key; other columns keep their values.

    `newest` names one of the columns: where the row holds a greater value of it, nothing is set.
    A fact may overtake an earlier one of its stream (by another route, or from the node that kept
    the unit before), so columns that several kinds of facts write are guarded by the stream's version.
    """

    table: Table
    key: dict[str, Any]
    values: dict[str, Any] = field(default_factory=dict)
    newest: str | None = None


@dataclass(frozen=True)
class Add:
    """Add whole numbers to columns of the row with this key, from zero when there is none."""

    table: Table
    key: dict[str, Any]
    amounts: dict[str, int]


@dataclass(frozen=True)
class Remove:
    """Delete the row with this key."""

    table: Table
    key: dict[str, Any]


RowChange = Put | Add | Remove
Handler = Callable[[Happening], Iterable[RowChange]]

_Key = tuple[Any, ...]


class Batch:
    """Row changes of many facts, merged so that each row is written once."""

    def __init__(self) -> None:
        self._puts: dict[tuple[Table, str | None], dict[_Key, dict[str, Any]]] = {}
        self._adds: dict[Table, dict[_Key, dict[str, int]]] = {}
        self._removes: dict[Table, set[_Key]] = {}

    def take(self, changes: Iterable[RowChange]) -> None:
        """Merge changes, later ones winning."""
        for change in changes:
            key = tuple(change.key[column.name] for column in change.table.primary_key)
            if isinstance(change, Put):
                self._put(change, key)
            elif isinstance(change, Add):
                sums = self._adds.setdefault(change.table, {}).setdefault(key, {})
                for name, amount in change.amounts.items():
                    sums[name] = sums.get(name, 0) + amount
            else:
                for (table, _), rows in self._puts.items():
                    if table is change.table:
                        rows.pop(key, None)
                self._removes.setdefault(change.table, set()).add(key)

    def write(self, connection: Connection) -> None:
        """Write everything with a few statements a table: removals, then puts, then additions."""
        for table, keys in self._removes.items():
            names = [column.name for column in table.primary_key]
            for key in keys:
                connection.execute(table.delete().where(and_(*_matches(table, names, key))))
        for (table, newest), rows in self._puts.items():
            _upsert(connection, table, rows, newest=newest)
        for table, sums in self._adds.items():
            _upsert(connection, table, sums, adding=True)

    def _put(self, change: Put, key: _Key) -> None:
        row = self._puts.setdefault((change.table, change.newest), {}).setdefault(key, {})
        guard = change.newest
        if guard is None or guard not in row or row[guard] <= change.values[guard]:
            row.update(change.values)


def _matches(table: Table, names: Sequence[str], key: _Key) -> list[Any]:
    return [table.c[name] == value for name, value in zip(names, key, strict=True)]


def _upsert(connection: Connection, table: Table, rows: dict[_Key, dict[str, Any]], **how: Any) -> None:
    names = [column.name for column in table.primary_key]
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for key, values in rows.items():
        row = dict(zip(names, key, strict=True)) | values
        alike.setdefault(tuple(sorted(values)), []).append(row)
    for members in alike.values():
        upsert(connection, table, members, **how)
