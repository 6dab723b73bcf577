"""Insert or update by primary key, the same on SQLite and PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, or_
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
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    columns = [name for name in rows[0] if name not in keys]
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(table)
    if not columns:
        connection.execute(insert.on_conflict_do_nothing(index_elements=keys), rows)
        return
    new = insert.excluded
    changes = {name: (table.c[name] + new[name] if adding else new[name]) for name in columns}
    still = or_(table.c[newest].is_(None), table.c[newest] <= new[newest]) if newest else None
    connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=changes, where=still), rows)
