"""Row changes that wait and go to the database together: one round trip on a server, no ORM, no compiling.

A group of orders changes rows in some ten tables. Sent one statement after the other they took more
time than deciding the orders did; here the statements of a table and shape are compiled once a
process, their rows are kept in order, and all of it is sent at once.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, MetaData, Table, or_
from sqlalchemy.dialects import postgresql, sqlite

_Shape = tuple[Table, tuple[str, ...], str, str | None]
_Into = Callable[[Any], Any]
_INSERT, _PUT, _ADD = "insert", "put", "add"
MOST_ROWS = 64
"""Most rows of one statement in a file. Unit: rows; a table has up to 58 columns, a statement takes 32,766 values."""

_VALUES = re.compile(r"(.* VALUES )(\(.*?\))((?: ON CONFLICT .*)?)", re.DOTALL)


class Writes:
    """Statements for one open transaction, in the order in which they were given."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect
        schemas = connection.get_execution_options().get("schema_translate_map") or {}
        self._schema: str | None = schemas.get(None)
        self._raw: Any = connection.connection
        self._on_server = self._dialect.name == "postgresql"
        self._waiting: list[tuple[_Prepared, Sequence[dict[str, Any]]]] = []

    def insert(self, table: Table, rows: Sequence[dict[str, Any]]) -> None:
        """Rows of one shape that are not there yet."""
        self._take(table, rows, _INSERT, None)

    def upsert(
        self,
        table: Table,
        rows: Sequence[dict[str, Any]],
        *,
        adding: bool = False,
        newest: str | None = None,
    ) -> None:
        """Rows of one shape; other columns of rows that exist keep their values.

        `adding` adds the values to what is there instead of replacing it. `newest` names a column: a
        row that holds a greater value there is left as it is.
        """
        self._take(table, rows, _ADD if adding else _PUT, newest)

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(self._waiting)

    def send(self, *, first: Sequence[str] = (), last: Sequence[str] = ()) -> None:
        """Send what waits; `first` and `last` are statements for a server that go around it."""
        waiting, self._waiting = self._waiting, []
        cursor = self._raw.cursor()
        try:
            if self._on_server:
                self._run([*first, *(prepared.text(cursor, rows) for prepared, rows in waiting), *last])
            else:
                for prepared, rows in waiting:
                    for statement, values in prepared.filled(rows):
                        cursor.execute(statement, values)
        finally:
            cursor.close()

    def _take(self, table: Table, rows: Sequence[dict[str, Any]], how: str, newest: str | None) -> None:
        if rows:
            shape = (table, tuple(rows[0]), how, newest)
            self._waiting.append((_prepared(self._dialect, shape, self._schema), rows))

    def _run(self, statements: list[str]) -> None:
        """Through SQLAlchemy, which knows a lost link when it sees one; the values are in the text already."""
        if statements:
            self._connection.execution_options(no_parameters=True).exec_driver_sql(";".join(statements))


def upsert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]], **how: Any) -> None:
    """Insert or update by primary key at once, the same on SQLite and PostgreSQL."""
    writes = Writes(connection)
    writes.upsert(table, rows, **how)
    writes.send()


class _Prepared:
    """The SQL of one shape, and how its values become the driver's."""

    def __init__(self, dialect: Dialect, shape: _Shape, schema: str | None) -> None:
        table, names, *_ = shape
        statement = _statement(dialect.name, shape, _in_schema(table, schema))
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(names))
        self._into: dict[str, _Into | None] = {
            name: table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
            for name in compiled.positiontup or names
        }
        parts = _VALUES.fullmatch(str(compiled))
        if parts is None:
            raise ValueError(f"not an INSERT of values: {compiled}")
        self._head, self._row, self._tail = parts.groups()
        self._texts: dict[int, str] = {}

    def text(self, cursor: Any, rows: Sequence[dict[str, Any]]) -> str:
        """The whole statement with the values in it, as the driver writes them."""
        values = b",".join(
            cursor.mogrify(self._row, dict(zip(self._into, self._driven(row), strict=True))) for row in rows
        )
        return f"{self._head}{values.decode()}{self._tail}"

    def filled(self, rows: Sequence[dict[str, Any]]) -> Iterator[tuple[str, list[Any]]]:
        """Statements with question marks and their values: as few as there are powers of two in the number of rows.

        The driver lets go of the interpreter once a statement or row and waits to get it back, so one
        statement of sixteen rows comes back far sooner than sixteen; and it keeps few texts prepared.
        """
        begun = 0
        while begun < len(rows):
            count = min(MOST_ROWS, 1 << (len(rows) - begun).bit_length() - 1)
            yield (
                self._for(count),
                [value for row in rows[begun : begun + count] for value in self._driven(row)],
            )
            begun += count

    def _for(self, count: int) -> str:
        if count not in self._texts:
            self._texts[count] = f"{self._head}{','.join([self._row] * count)}{self._tail}"
        return self._texts[count]

    def _driven(self, row: dict[str, Any]) -> list[Any]:
        """The values of a row as the driver takes them, in the order of the statement's question marks."""
        return [into(row[name]) if into else row[name] for name, into in self._into.items()]


@lru_cache(maxsize=20_000)
def _prepared(dialect: Dialect, shape: _Shape, schema: str | None) -> _Prepared:
    return _Prepared(dialect, shape, schema)


@lru_cache(maxsize=10_000)
def _in_schema(table: Table, schema: str | None) -> Table:
    return table if schema is None else table.to_metadata(MetaData(), schema=schema)


def _statement(dialect: str, shape: _Shape, table: Table) -> Any:
    _, given, how, newest = shape
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(table).inline()
    if how == _INSERT:
        return insert
    keys = [column.name for column in table.primary_key]
    columns = [name for name in given if name not in keys]
    if not columns:
        return insert.on_conflict_do_nothing(index_elements=keys)
    new = insert.excluded
    changes = {name: (table.c[name] + new[name] if how == _ADD else new[name]) for name in columns}
    still = or_(table.c[newest].is_(None), table.c[newest] <= new[newest]) if newest else None
    return insert.on_conflict_do_update(index_elements=keys, set_=changes, where=still)
