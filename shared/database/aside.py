"""Tables of a transaction's own that stand in front of a node's: what is written to them touches nobody else's work."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Table
from sqlalchemy.schema import CreateIndex, CreateTable


@contextmanager
def aside(connection: Connection, tables: Iterable[Table]) -> Iterator[None]:
    """For a while these tables are empty ones of this connection alone; all others are the node's, to be read.

    Both databases look for a name without a schema among the temporary tables first. On a server they end with the
    transaction, which is to be rolled back.
    """
    options = connection.get_execution_options()
    schemas = options.get("schema_translate_map")
    if connection.dialect.name == "postgresql" and schemas:
        connection.exec_driver_sql(f'SET search_path TO "{schemas[None]}"')
        connection.execution_options(schema_translate_map={})
    made = list(tables)
    try:
        for table in made:
            _make(connection, table)
        yield
    finally:
        if connection.dialect.name == "sqlite":
            # A file's connection goes back to its pool with its temporary tables, in front of the node's own.
            for table in made:
                connection.exec_driver_sql(f'DROP TABLE IF EXISTS temp."{table.name}"')
        connection.execution_options(schema_translate_map=schemas or {})


def _make(connection: Connection, table: Table) -> None:
    made = str(CreateTable(table).compile(dialect=connection.dialect)).strip()
    connection.exec_driver_sql(made.replace("CREATE TABLE", "CREATE TEMPORARY TABLE", 1))
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        connection.exec_driver_sql(str(CreateIndex(index).compile(dialect=connection.dialect)).strip())
