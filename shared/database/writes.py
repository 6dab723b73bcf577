"""Row changes that wait and go to the database together: one round trip on a server, no ORM, no compiling.

A group of orders changes rows in some ten tables. Sent one statement after the other they took more
time than deciding the orders did; here the statements of a table and shape are compiled once a
process, their rows are kept in order, and all of it is sent at once.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import JSON, Connection, Delete, Dialect, MetaData, Select, Table, func, literal_column, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

from shared.database.keyed import Keyed, keyed
from shared.database.literals import row_of, without_nul

_Shape = tuple[Table, tuple[str, ...], str, str | None]
_Into = Callable[[Any], Any]
_INSERT, _PUT, _ADD = "insert", "put", "add"
MOST_VALUES = 256
"""Most values of one statement in a file. Unit: values. A prepared statement takes 80 to 130 bytes a value, so one of 64 rows of the
widest tables took 300 KB in each connection that kept it; a hand-over of the interpreter for eight rows is cheap enough."""

_VALUES = re.compile(r"(.* VALUES )(\(.*?\))((?: ON CONFLICT .*)?)", re.DOTALL)
_NAMED = re.compile(r"%\((\w+)\)s")


class Writes:
    """Statements for one open transaction, in the order in which they were given.

    `flush` sends what waits, for whoever has to send something around it.
    """

    def __init__(self, connection: Connection, flush: Callable[[], None] | None = None) -> None:
        self._connection = connection
        self._flush = flush or self.send
        self._dialect = connection.dialect
        schemas = connection.get_execution_options().get("schema_translate_map") or {}
        self._schema: str | None = schemas.get(None)
        self._raw: Any = connection.connection
        self._on_server = self._dialect.name == "postgresql"
        self._waiting: list[tuple[_Prepared | Keyed, Sequence[Any]]] = []
        self._composed: list[tuple[str, list[Any]]] = []

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

    def delete(self, statement: Delete, keys: Sequence[UUID]) -> None:
        """Rows that some keys name; the statement says `among` (see `keyed`)."""
        if keys:
            self._waiting.append((keyed(statement, self._dialect, self._schema), keys))

    def ask(self, question: Select[Any], keys: Sequence[UUID]) -> list[Mapping[str, Any]]:
        """What the rows that some keys name are once everything that waits is written; the question says `among`."""
        self._flush()
        asked = keyed(question, self._dialect, self._schema)
        if self._on_server:
            link = self._connection.execution_options(no_parameters=True)
            return asked.rows(link.exec_driver_sql(asked.text(keys)).all())
        with closing(self._raw.cursor()) as cursor:
            return asked.rows(cursor.execute(*asked.filled(keys)[0]).fetchall())

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(self._waiting or self._composed)

    def compose(self) -> None:
        """Make the statements of what waits, so that sending only sends; another thread may use the link meanwhile."""
        waiting, self._waiting = self._waiting, []
        if self._on_server:
            self._composed += [(prepared.text(rows), []) for prepared, rows in waiting]
        else:
            self._composed += [filled for prepared, rows in waiting for filled in prepared.filled(rows)]

    def send(self, *, first: Sequence[str] = (), last: Sequence[str] = ()) -> None:
        """Send what waits; `first` and `last` are statements for a server that go around it."""
        self.compose()
        composed, self._composed = self._composed, []
        if self._on_server:
            self._run([*first, *(text for text, _ in composed), *last])
        elif composed:
            with closing(self._raw.cursor()) as cursor:
                for statement, values in composed:
                    cursor.execute(statement, values)

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
        parts = _VALUES.fullmatch(str(compiled))
        if parts is None:
            raise ValueError(f"not an INSERT of values: {compiled}")
        self._head, self._row, self._tail = parts.groups()
        in_order = compiled.positiontup or _NAMED.findall(self._row)
        self._into = [(name, _into(table.c[name].type, dialect)) for name in in_order]
        self._as_they_are = in_order if not any(into for _, into in self._into) else None
        self._texts: dict[int, str] = {}
        self._most_rows = max(1, MOST_VALUES // len(in_order))

    def text(self, rows: Sequence[dict[str, Any]]) -> str:
        """The whole statement with the values in it, for a server. Errors: ValueError for a text with NUL.

        Values go without casts, since a row of VALUES takes the types of the columns it goes to: writing
        and parsing a cast a value took half of the time on either side. Written here they take a third of the
        driver's time; arrays for `unnest` took twice as long on either side.
        """
        written = ",".join([row_of(self._driven(row)) for row in rows])
        return without_nul(f"{self._head}{written}{self._tail}")

    def filled(self, rows: Sequence[dict[str, Any]]) -> Iterator[tuple[str, list[Any]]]:
        """Statements with question marks and their values: as few as there are powers of two in the number of rows.

        The driver lets go of the interpreter once a statement or row and waits to get it back, so one
        statement of sixteen rows comes back far sooner than sixteen; and it keeps few texts prepared.
        """
        begun = 0
        while begun < len(rows):
            count = _power_of_two_in(min(self._most_rows, len(rows) - begun))
            some = rows[begun : begun + count]
            yield self._for(count), [value for row in some for value in self._driven(row)]
            begun += count

    def _for(self, count: int) -> str:
        if count not in self._texts:
            self._texts[count] = f"{self._head}{','.join([self._row] * count)}{self._tail}"
        return self._texts[count]

    def _driven(self, row: dict[str, Any]) -> list[Any]:
        """The values of a row as they are written, in the order of the statement."""
        if self._as_they_are is not None:
            return [row[name] for name in self._as_they_are]
        return [into(row[name]) if into else row[name] for name, into in self._into]


def _power_of_two_in(number: int) -> int:
    """The greatest power of two that is not above a number from 1 on."""
    return 1 << number.bit_length() - 1


def _into(kind: TypeEngine[Any], dialect: Dialect) -> _Into | None:
    """What makes a value of a column into the driver's, where that is not the value itself."""
    if isinstance(kind, JSON):
        return _json_text_or_null if kind.none_as_null else _json_text
    return None if dialect.name == "postgresql" else kind.dialect_impl(dialect).bind_processor(dialect)


def _json_text(value: Any) -> str:
    """The text of a column of JSON. Errors: TypeError for what is no JSON."""
    return orjson.dumps(value).decode()


def _json_text_or_null(value: Any) -> str | None:
    """The text of a column of JSON in which nothing is no value at all."""
    return None if value is None else _json_text(value)


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
    sums = how == _ADD
    changes = {
        name: func.coalesce(table.c[name], literal_column("0")) + new[name] if sums else new[name]
        for name in columns
    }
    still = or_(table.c[newest].is_(None), table.c[newest] <= new[newest]) if newest else None
    return insert.on_conflict_do_update(index_elements=keys, set_=changes, where=still)
