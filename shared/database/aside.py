"""Tables of a transaction's own that stand in front of a node's: what is written to them touches nobody else's work."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Table
from sqlalchemy.schema import CreateIndex, CreateTable


@contextmanager
def aside(connection: Connection, tables: Iterable[Table]) -> Iterator[None]:
    """For a while these tables are empty ones of this connection alone; all others are the node's, to be read.

    Both databases look for a name without a schema among the temporary tables first. In a file they are gone
    afterwards, on a server with the transaction, which is to be rolled back.
    """
    options = connection.get_execution_options()
    schemas = options.get("schema_translate_map")
    if connection.dialect.name == "postgresql" and schemas:
        connection.exec_driver_sql(f'SET search_path TO "{schemas[None]}"')
        connection.execution_options(schema_translate_map={})
    on_file = connection.dialect.name == "sqlite"
    if on_file:
        # Its driver begins no transaction for a table: it would stay, in front of the node's own, in the pool's connection.
        connection.exec_driver_sql("SAVEPOINT aside")
    try:
        for table in tables:
            _make(connection, table)
        yield
    finally:
        if on_file:
            connection.exec_driver_sql("ROLLBACK TO aside")
            connection.exec_driver_sql("RELEASE aside")
        connection.execution_options(schema_translate_map=schemas or {})


def _make(connection: Connection, table: Table) -> None:
    made = str(CreateTable(table).compile(dialect=connection.dialect)).strip()
    connection.exec_driver_sql(made.replace("CREATE TABLE", "CREATE TEMPORARY TABLE", 1))
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        connection.exec_driver_sql(str(CreateIndex(index).compile(dialect=connection.dialect)).strip())
