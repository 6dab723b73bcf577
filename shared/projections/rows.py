"""Row changes: what a handler may say, and how a batch of them is written without reading."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import MetaData, Table

from shared.database.writes import Writes
from shared.envelope import Envelope

METADATA = MetaData()
"""All projection tables; they have no schema of their own, a node's schema is translated in."""


@dataclass(frozen=True)
class RecordedFact:
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


RowChange = Put | Add
Handler = Callable[[RecordedFact], Iterable[RowChange]]

_Key = tuple[Any, ...]


class Batch:
    """Row changes of many facts, merged so that each row is written once."""

    def __init__(self) -> None:
        self._puts: dict[tuple[Table, str | None], dict[_Key, dict[str, Any]]] = {}
        self._adds: dict[Table, dict[_Key, dict[str, int]]] = {}

    def take(self, changes: Iterable[RowChange]) -> None:
        """Merge changes, later ones winning."""
        for change in changes:
            key = tuple([change.key[name] for name in _key_names(change.table)])
            if isinstance(change, Put):
                self._put(change, key)
            else:
                sums = self._adds.setdefault(change.table, {}).setdefault(key, {})
                for name, amount in change.amounts.items():
                    sums[name] = sums.get(name, 0) + amount

    def write(self, writes: Writes) -> None:
        """Write everything with a few statements a table: puts, then additions."""
        for (table, newest), rows in self._puts.items():
            _upsert(writes, table, rows, newest=newest)
        for table, sums in self._adds.items():
            _upsert(writes, table, sums, adding=True)

    def _put(self, change: Put, key: _Key) -> None:
        row = self._puts.setdefault((change.table, change.newest), {}).setdefault(key, {})
        guard = change.newest
        if guard is None or guard not in row or row[guard] <= change.values[guard]:
            row.update(change.values)


@cache
def _key_names(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.primary_key)


def _upsert(writes: Writes, table: Table, rows: dict[_Key, dict[str, Any]], **how: Any) -> None:
    names = _key_names(table)
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for key, values in rows.items():
        # Rows whose values came in another order are only another statement; to sort them all took longer.
        alike.setdefault(tuple(values), []).append(dict(zip(names, key, strict=True)) | values)
    for members in alike.values():
        writes.upsert(table, members, **how)
