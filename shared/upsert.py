"""Insert or update by primary key, the same on SQLite and PostgreSQL."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, Table, or_
from sqlalchemy.dialects import postgresql, sqlite

_Shape = tuple[Table, tuple[str, ...], bool, str | None]


def upsert(
    connection: Connection,
    table: Table,
    rows: Sequence[dict[str, Any]],
    *,
    adding: bool = False,
    newest: str | None = None,
) -> None:
    """Write rows of one shape; other columns of rows that exist keep their values.

    `adding` adds the values to what is there instead of replacing it. `newest` names a column: a
    row that holds a greater value there is left as it is.
    """
    if rows:
        shape = (table, tuple(rows[0]), adding, newest)
        schemas = connection.get_execution_options().get("schema_translate_map")
        connection.execute(_compiled(connection.dialect, shape, len(rows) > 1, schemas is not None), rows)


@lru_cache(maxsize=4_000)
def _compiled(dialect: Dialect, shape: _Shape, many: bool, in_schema: bool) -> Any:
    """The SQL for rows of one shape, kept here: SQLAlchemy compiles ON CONFLICT anew each time otherwise.

    Compiling took a quarter of a writer's time. The name of the schema is filled in when it runs.
    """
    schemas = {None: None} if in_schema else None
    return _statement(dialect.name, *shape).compile(
        dialect=dialect, column_keys=list(shape[1]), for_executemany=many, schema_translate_map=schemas
    )


def _statement(
    dialect: str, table: Table, given: tuple[str, ...], adding: bool, newest: str | None
) -> Insert:
    keys = [column.name for column in table.primary_key]
    columns = [name for name in given if name not in keys]
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    if not columns:
        return insert.on_conflict_do_nothing(index_elements=keys)
    new = insert.excluded
    changes = {name: (table.c[name] + new[name] if adding else new[name]) for name in columns}
    still = or_(table.c[newest].is_(None), table.c[newest] <= new[newest]) if newest else None
    return insert.on_conflict_do_update(index_elements=keys, set_=changes, where=still)
