"""Questions and deletions for the rows that some keys name: made once a process, sent around the compiler.

A statement says `among(column)` where its rows are narrowed; the keys are UUIDs, and its only values. What follows from
rows is asked for in every group of orders, where SQLAlchemy's own way took as long as all else (0.2 ms a question).
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, Delete, Dialect, Select
from sqlalchemy.ext.compiler import compiles

_ON_SERVER, _IN_FILE = "'{__keys__}'::uuid[]", "json_each(?1)"
Statement = Select[Any] | Delete


class among(ColumnElement[bool]):  # noqa: N801 - reads as SQL
    """Whether a column is one of the keys that the statement is sent with."""

    inherit_cache = False
    type = Boolean()

    def __init__(self, column: ColumnElement[Any]) -> None:
        self.column = column

    def self_group(self, against: Any = None) -> "among":
        """It is a condition as it stands; a file's database would be asked whether it equals 1 otherwise."""
        return self


@compiles(among, "postgresql")
def _on_server(element: among, compiler: Any, **options: Any) -> str:
    return f"{compiler.process(element.column, **options)} = ANY({_ON_SERVER})"


@compiles(among, "sqlite")
def _in_file(element: among, compiler: Any, **options: Any) -> str:
    return f"{compiler.process(element.column, **options)} IN (SELECT value FROM {_IN_FILE})"


class Keyed:
    """A statement for a kind of database and a node's schema."""

    def __init__(self, statement: Statement, dialect: Dialect, schema: str | None) -> None:
        where: dict[str, Any] = {"schema_translate_map": {None: schema}, "render_schema_translate": True}
        compiled = statement.compile(
            dialect=dialect, compile_kwargs={"literal_binds": True}, **(where if schema else {})
        )
        self._text = str(compiled)
        columns = statement.selected_columns if isinstance(statement, Select) else ()
        self._names = [str(column.key) for column in columns]
        self._from = [(place, out) for place, one in enumerate(columns) if (out := _out_of(one, dialect))]

    def text(self, keys: Collection[UUID]) -> str:
        """The statement for a server, the keys in their place."""
        return self._text.replace(_ON_SERVER, "'{" + ",".join(map(str, keys)) + "}'::uuid[]")

    def filled(self, keys: Collection[UUID]) -> Sequence[tuple[str, list[Any]]]:
        """The statement for a file, with its one value if it asks for it."""
        return [(self._text, [json.dumps([key.hex for key in keys])] if _IN_FILE in self._text else [])]

    def rows(self, found: Collection[Sequence[Any]]) -> list[Mapping[str, Any]]:
        """What the driver found, as the columns' own types by name."""
        return [self._row(list(values)) for values in found]

    def _row(self, values: list[Any]) -> Mapping[str, Any]:
        for place, out in self._from:
            values[place] = out(values[place])
        return dict(zip(self._names, values, strict=True))


def _out_of(column: ColumnElement[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    return column.type.dialect_impl(dialect).result_processor(dialect, None)


@lru_cache(maxsize=10_000)
def keyed(statement: Statement, dialect: Dialect, schema: str | None) -> Keyed:
    """A statement as it is sent, made once."""
    return Keyed(statement, dialect, schema)
