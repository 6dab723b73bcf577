"""Every projection of a node: which handlers a fact has, how to rebuild them, and their canonical dump."""

import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from functools import cache
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Select, Table, delete, select

from shared.envelope import moment_text
from shared.projections import (
    cases,
    duties,
    entitlements,
    heard,
    referrals,
    reports,
    supervisions,
    timeline,
    units,
)
from shared.projections.rows import METADATA, Batch, Handler, Happening
from shared.writes import Writes

__all__ = ["METADATA", "apply", "dump", "handlers_for", "rebuild"]

_BY_NAME = (cases, duties, entitlements, referrals, reports, supervisions, units)
_FOR_WORK: tuple[Handler, ...] = (heard.heard, timeline.remember)
"""Handlers of every fact of the work, whatever its name; the directory is not work."""
_DIRECTORY = ("unit.", "node.")


class Placed(Protocol):
    """What is read of a journal; `position` is its place there, counted from 1."""

    @property
    def position(self) -> int: ...


Row = TypeVar("Row", bound=Placed)


@cache
def handlers_for(name: str) -> tuple[Handler, ...]:
    """The handlers of a fact by its stable name; order does not matter, they write different tables."""
    named = tuple(room.HANDLERS[name] for room in _BY_NAME if name in room.HANDLERS)
    return named if name.startswith(_DIRECTORY) else named + _FOR_WORK


def apply(writes: Writes, happenings: Iterable[Happening]) -> None:
    """Bring the projections up to the given facts, in their order, when the writes are sent."""
    batch = Batch()
    for happening in happenings:
        for handler in handlers_for(happening.envelope.name):
            batch.take(handler(happening))
    batch.write(writes)


def rebuild(
    connection: Connection, read: Callable[[int], Sequence[Row]], happening: Callable[[Row], Happening]
) -> None:
    """Empty every projection table and replay a journal, in the caller's transaction.

    `read` gives the portion of the journal after a position, none at its end, by way of the same
    connection. One thread has the connection and works while this one turns the portion before into
    row changes: a server reads and writes as long as it takes to decide.
    """
    for table in METADATA.sorted_tables:
        connection.execute(delete(table))
    with ThreadPoolExecutor(1, "rebuild") as hand:
        reading, sending = hand.submit(read, 0), None
        while rows := reading.result():
            reading = hand.submit(read, rows[-1].position)
            writes = Writes(connection)
            apply(writes, map(happening, rows))
            writes.compose()
            if sending is not None:
                sending.result()
            sending = hand.submit(writes.send)
        if sending is not None:
            sending.result()


def dump(connection: Connection) -> str:
    """Every row of every projection as sorted JSON lines, equal on two nodes that know the same.

    Columns marked `info={"dump": False}` are left out: keys, ciphertext, hashes, arrival, places.
    """
    lines = (line for table in METADATA.sorted_tables for line in _lines(connection, table))
    return "".join(f"{line}\n" for line in sorted(lines))


def _lines(connection: Connection, table: Table) -> Iterable[str]:
    for row in connection.execute(_shown(table)).mappings():
        plain = {name: _plain(value) for name, value in row.items()}
        yield json.dumps({"table": table.name} | plain, sort_keys=True, ensure_ascii=False)


@cache
def _shown(table: Table) -> Select[Any]:
    return select(*(column for column in table.c if column.info.get("dump", True)))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
