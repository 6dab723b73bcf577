"""Backups of a node's database, taken and put back while the node is stopped; its key ring is not in them."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2

from services.owners import as_owner, owner_of
from shared.database.engines import dispose_all
from shared.settings.network import NodeSettings, read_node


def of_owner(data: Path, node: str) -> NodeSettings:
    """A node's settings for whoever may do everything at its database, as who keeps backups must."""
    settings, owner = read_node(data, node), owner_of(data)
    return as_owner(settings, owner) if owner else settings


class Backup:
    """What a node's database held at one moment."""

    def __init__(self, settings: NodeSettings, folder: Path) -> None:
        self._settings = settings
        self._copy = folder / f"{settings.name}.backup"
        if settings.schema:
            with _asking(settings) as ask:
                ask(f'DROP SCHEMA IF EXISTS "{self._kept}" CASCADE')
                ask(f'CREATE SCHEMA "{self._kept}"')
                for table in _tables(ask, settings.schema):
                    ask(f'CREATE TABLE "{self._kept}"."{table}" AS TABLE "{settings.schema}"."{table}"')
        else:
            self._copy.write_bytes(_file(settings).read_bytes())

    @property
    def _kept(self) -> str:
        return f"kept_{self._settings.schema}"

    def put_back(self) -> None:
        """Let the database be as it was."""
        empty(self._settings)
        if not self._settings.schema:
            _file(self._settings).write_bytes(self._copy.read_bytes())
            return
        schema = self._settings.schema
        with _asking(self._settings) as ask:
            for table in _tables(ask, self._kept):
                columns = _columns(ask, schema, table)
                ask(
                    f'INSERT INTO "{schema}"."{table}" ({columns}) SELECT {columns} FROM "{self._kept}"."{table}"'
                )
            ask(
                f"SELECT setval(pg_get_serial_sequence('\"{schema}\".stored_events', 'id'),"
                f' 1 + COALESCE((SELECT max(id) FROM "{schema}".stored_events), 0))'
            )

    def discard(self) -> None:
        """Let nothing be left of it."""
        self._copy.unlink(missing_ok=True)
        if self._settings.schema:
            with _asking(self._settings) as ask:
                ask(f'DROP SCHEMA "{self._kept}" CASCADE')


def empty(settings: NodeSettings) -> None:
    """Let the database hold nothing, as on a new disk."""
    dispose_all()
    if settings.schema:
        with _asking(settings) as ask:
            for table in _tables(ask, settings.schema):
                ask(f'TRUNCATE "{settings.schema}"."{table}"')
    else:
        for file in settings.folder.glob("log.sqlite*"):
            file.unlink()


def _file(settings: NodeSettings) -> Path:
    return settings.folder / "log.sqlite"


def _tables(ask: Any, schema: str) -> list[str]:
    return [row[0] for row in ask(f"SELECT tablename FROM pg_tables WHERE schemaname = '{schema}'")]


def _columns(ask: Any, schema: str, table: str) -> str:
    """The columns of a table that are written; what the server works out itself it works out again."""
    found = ask(
        "SELECT quote_ident(column_name) FROM information_schema.columns"
        f" WHERE table_schema = '{schema}' AND table_name = '{table}' AND is_generated = 'NEVER'"
    )
    return ", ".join(row[0] for row in found)


@contextmanager
def _asking(settings: NodeSettings) -> Iterator[Any]:
    with (
        closing(psycopg2.connect(settings.database)) as connection,
        connection,
        connection.cursor() as cursor,
    ):

        def ask(statement: str) -> list[tuple[Any, ...]]:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

        yield ask
