"""Insert or update by primary key, the same on SQLite and PostgreSQL."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Insert, Table, or_
from sqlalchemy.dialects import postgresql, sqlite


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
        statement = _statement(connection.dialect.name, table, tuple(rows[0]), adding, newest)
        connection.execute(statement, rows)


@lru_cache(maxsize=1_000)
def _statement(
    dialect: str, table: Table, given: tuple[str, ...], adding: bool, newest: str | None
) -> Insert:
    """The statement for rows of one shape; building it costs more than running it, so it is kept."""
    keys = [column.name for column in table.primary_key]
    columns = [name for name in given if name not in keys]
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    if not columns:
        return insert.on_conflict_do_nothing(index_elements=keys)
    new = insert.excluded
    changes = {name: (table.c[name] + new[name] if adding else new[name]) for name in columns}
    still = or_(table.c[newest].is_(None), table.c[newest] <= new[newest]) if newest else None
    return insert.on_conflict_do_update(index_elements=keys, set_=changes, where=still)
