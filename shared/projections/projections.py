"""All projections of a node: which handlers a fact has, how to rebuild them, and their canonical dump."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from functools import cache
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Engine, Select, Table, delete, select

from shared.database.writes import Writes
from shared.envelope import moment_text
from shared.projections.projection import Projection
from shared.projections.rows import METADATA, Batch, Handler, RecordedFact


class Placed(Protocol):
    """What is read of a journal; `position` is its place there, counted from 1."""

    @property
    def position(self) -> int: ...


Row = TypeVar("Row", bound=Placed)

DERIVED_AT_ONCE = 1_000
"""Things whose rows are derived together in a rebuild. Unit: things; more of them save nothing and take memory."""


class Projections:
    """The projections that a node keeps, as the list of subjects declares them.

    `apart` are the stable names of facts that are no work of the offices: the directory's.
    """

    def __init__(self, declared: Iterable[Projection], *, apart: Collection[str] = ()) -> None:
        self.declared = tuple(declared)
        self.tables: tuple[Table, ...] = tuple(
            sorted((table for one in self.declared for table in one.tables), key=lambda table: table.name)
        )
        self._apart = frozenset(apart)
        self._handlers: dict[str, tuple[Handler, ...]] = {}

    def only(self, some: Collection[Projection]) -> "Projections":
        """Some of them, as if there were no others."""
        return Projections(some, apart=self._apart)

    def handlers_for(self, name: str) -> tuple[Handler, ...]:
        """The handlers of a fact by its stable name; order does not matter, they write different tables."""
        if name not in self._handlers:
            named = [handler for one in self.declared if (handler := one.handler_of(name))]
            of_all = [one.of_all_work for one in self.declared if one.of_all_work and name not in self._apart]
            self._handlers[name] = (*named, *of_all)
        return self._handlers[name]

    def create_tables(self, place: Engine | Connection) -> None:
        """Make the tables that do not exist yet."""
        METADATA.create_all(place, tables=self.tables)

    def apply(self, writes: Writes, happenings: Iterable[RecordedFact]) -> None:
        """Bring the projections up to the given facts, in their order, when the writes are sent."""
        touched = Touched(self.declared)
        self._change_rows(writes, happenings, touched)
        touched.derive(writes)

    def _change_rows(self, writes: Writes, happenings: Iterable[RecordedFact], touched: "Touched") -> None:
        batch = Batch()
        for happening in happenings:
            for handler in self.handlers_for(happening.envelope.name):
                batch.take(handler(happening))
            touched.note(happening)
        batch.write(writes)

    def rebuild(
        self,
        connection: Connection,
        read: Callable[[int], Sequence[Row]],
        happening: Callable[[Row], RecordedFact],
    ) -> None:
        """Empty every projection table and replay a journal, in the caller's transaction.

        `read` gives the portion of the journal after a position, none at its end, by way of the same
        connection. One thread has the connection and works while this one turns the portion before into
        row changes: a server reads and writes as long as it takes to decide. What follows from rows is
        written once, at the end.
        """
        for table in self.tables:
            connection.execute(delete(table))
        touched = Touched(self.declared)
        with ThreadPoolExecutor(1, "rebuild") as hand:
            reading, sending = hand.submit(read, 0), None
            while rows := reading.result():
                reading = hand.submit(read, rows[-1].position)
                writes = Writes(connection)
                self._change_rows(writes, map(happening, rows), touched)
                writes.compose()
                if sending is not None:
                    sending.result()
                sending = hand.submit(writes.send)
            if sending is not None:
                sending.result()
        for writes in touched.in_portions(lambda: Writes(connection)):
            writes.send()

    def dump(self, connection: Connection) -> str:
        """Every row of every projection as sorted JSON lines, equal on two nodes that know the same.

        Columns marked `info={"dump": False}` are left out: keys, ciphertext, hashes, arrival, places.
        """
        lines = (line for table in self.tables for line in _lines(connection, table))
        return "".join(f"{line}\n" for line in sorted(lines))


class Touched:
    """The things of every derivation on which some facts bear."""

    def __init__(self, declared: Iterable[Projection]) -> None:
        self._of_each = [(one.derivation, set[UUID]()) for one in declared if one.derivation]

    def note(self, happening: RecordedFact) -> None:
        """Take a fact into account."""
        for derivation, things in self._of_each:
            things.update(derivation.touched(happening))

    def derive(self, writes: Writes) -> None:
        """Write the rows of all of them."""
        for derivation, things in self._of_each:
            if things:
                derivation.derive(writes, sorted(things))

    def in_portions(self, writes: Callable[[], Writes]) -> Iterator[Writes]:
        """The same where they may be very many, a portion at a time."""
        for derivation, things in self._of_each:
            waiting = sorted(things)
            for begun in range(0, len(waiting), DERIVED_AT_ONCE):
                some = writes()
                derivation.derive(some, waiting[begun : begun + DERIVED_AT_ONCE])
                yield some


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
