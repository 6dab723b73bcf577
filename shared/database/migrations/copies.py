"""A copy of what a change of tables changes, kept until somebody throws it away.

On SQLite it is the whole file, beside the database, since a file is put back as a whole. On PostgreSQL it is each table
that a revision says it changes, as `<table>_before_<revision>` in the node's schema, made in the same transaction.
"""

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from shutil import copymode

from sqlalchemy import Connection, inspect

from shared.database.migrations.revisions import Pending


def copy_file(connection: Connection, database: Path, revision: str) -> Path:
    """The database as it stands, complete on the disk; `settled` gives it its lasting name."""
    begun = _begun(database, revision)
    begun.unlink(missing_ok=True)
    connection.exec_driver_sql("VACUUM INTO ?", (str(begun),))
    connection.rollback()
    copymode(database, begun)
    for place in (begun, begun.parent):
        _to_disk(place)
    return begun


def settle(database: Path, revision: str, now: datetime | None = None) -> Path | None:
    """Name the copy of a change that went through, also of one whose process ended right after it.

    Until then each attempt writes over the copy of the one before: a process that starts again and again,
    and never gets through, must not fill the disk.
    """
    begun = _begun(database, revision)
    if not begun.exists():
        return None
    moment = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    kept = database.with_name(f"{database.stem}-before-{revision}-{moment}{database.suffix}")
    begun.replace(kept)
    _to_disk(kept.parent)
    return kept


def copy_tables(connection: Connection, steps: Iterable[Pending]) -> list[str]:
    """Copies of the tables that the steps change and that are there, each once; inside the transaction."""
    there, copied = set(inspect(connection).get_table_names()), dict[str, str]()
    for step in steps:
        for table in there.intersection(step.changes).difference(copied):
            copied[table] = f"{table}_before_{step.revision}"
            connection.exec_driver_sql(f'DROP TABLE IF EXISTS "{copied[table]}"')
            connection.exec_driver_sql(f'CREATE TABLE "{copied[table]}" AS TABLE "{table}"')
    return sorted(copied.values())


def _begun(database: Path, revision: str) -> Path:
    return database.with_name(f"{database.stem}-before-{revision}.part")


def _to_disk(place: Path) -> None:
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
