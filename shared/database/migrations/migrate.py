"""Bringing a node's tables up to date: a copy first, then one transaction, in which all of it happens or nothing.

Whoever calls holds the node's lease; `fence` are the statements that let a transaction stand or fall with it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from alembic.operations import Operations
from alembic.script import ScriptDirectory
from psycopg2.errors import InsufficientPrivilege, LockNotAvailable, QueryCanceled
from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import DBAPIError

from shared.database.migrations import copies
from shared.database.migrations.refusals import UpgradeHeldUp, UpgradeIsTheOwners
from shared.database.migrations.revisions import Pending, context_on, pending, schema_of
from shared.database.progress import Progress, silent

LOCK_SECONDS = 10
"""Longest wait for a table that another session holds, as of a backup or a curious hand. Unit: seconds."""

STATEMENT_SECONDS = 1800
"""Longest time of one statement. Unit: seconds; copying or rewriting the largest table of a county's log, ten million
facts of a kilobyte, takes a slow disk some minutes."""


@dataclass(frozen=True)
class Migrated:
    """What was done: the steps, and where the copies are."""

    steps: tuple[Pending, ...] = ()
    copies: tuple[str, ...] = ()


def migrate(
    engine: Engine,
    scripts: ScriptDirectory,
    node: str,
    *,
    fence: Sequence[str] = (),
    progress: Progress = silent,
) -> Migrated:
    """Bring the tables of a node to the newest revision.

    Errors: DatabaseIsNewer, UpgradeHeldUp, UpgradeIsTheOwners, the fence's.
    """
    head = scripts.get_current_head() or ""
    with told(node):
        with engine.connect() as connection:
            steps = pending(connection, scripts, node)
            file = file_of(engine)
            if not _has_tables(connection):
                progress = silent
            elif steps and file:
                progress(f"{node}: a copy of its file", 0, 1)
                copies.copy_file(connection, file, head)
        if steps:
            with one_transaction(engine, fence) as connection:
                tables = copies.copy_tables(connection, steps) if file is None else []
                _run(connection, scripts, node, steps, progress)
        kept = copies.settle(file, head) if file else None
    return Migrated(tuple(steps), (str(kept),) if kept else tuple(tables) if steps else ())


def _has_tables(connection: Connection) -> bool:
    return bool(inspect(connection).get_table_names(schema=schema_of(connection)))


def file_of(engine: Engine) -> Path | None:
    """The file of a node on SQLite; none for one on a server, or in memory."""
    name = engine.url.database
    return Path(name) if engine.dialect.name == "sqlite" and name and name != ":memory:" else None


@contextmanager
def told_to_the_owner(node: str) -> Iterator[None]:
    """What a role may not do is said as a refusal that names who may. Errors: UpgradeIsTheOwners."""
    try:
        yield
    except DBAPIError as error:
        if isinstance(error.orig, InsufficientPrivilege):
            raise UpgradeIsTheOwners(node=node, reason=" ".join(str(error.orig).split())) from error
        raise


@contextmanager
def told(node: str) -> Iterator[None]:
    """What a person can mend is said as a refusal. Errors: UpgradeHeldUp, UpgradeIsTheOwners."""
    try:
        with told_to_the_owner(node):
            yield
    except DBAPIError as error:
        reason = " ".join(str(error.orig).split())
        if isinstance(error.orig, LockNotAvailable | QueryCanceled) or "database is locked" in reason:
            raise UpgradeHeldUp(node=node, reason=reason) from error
        raise


_ONE_AT_A_TIME = Lock()
"""Revisions speak through `alembic.op`, of which a process has one."""


def _run(
    connection: Connection,
    scripts: ScriptDirectory,
    node: str,
    steps: Sequence[Pending],
    progress: Progress,
) -> None:
    context = context_on(connection)
    with _ONE_AT_A_TIME, Operations.context(context):
        for number, step in enumerate(steps):
            progress(f"{node}: {step.what}", number, len(steps))
            step.upgrade()
            context.stamp(scripts, step.revision)
    progress(f"{node}: tables", len(steps), len(steps))


@contextmanager
def one_transaction(engine: Engine, fence: Sequence[str] = ()) -> Iterator[Connection]:
    """A transaction that may change tables; unqualified names are those of the node."""
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            with _foreign_keys_off(connection):
                # The driver begins by itself before rows change, and not before tables do.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield connection
                connection.commit()
            return
        for statement in (*_settings(connection), *fence):
            connection.exec_driver_sql(statement)
        yield connection
        connection.commit()


@contextmanager
def _foreign_keys_off(connection: Connection) -> Iterator[None]:
    """Copying a table and moving it into place must not look like deleting its rows; no switch inside a transaction."""
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    connection.rollback()
    try:
        yield
    finally:
        connection.rollback()
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")
        connection.rollback()


def _settings(connection: Connection) -> Iterator[str]:
    schema = schema_of(connection)
    # What Alembic writes by itself names no schema, and looks at whatever is visible.
    if schema:
        yield f'SET LOCAL search_path TO "{schema}"'
    yield f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"
    yield f"SET LOCAL statement_timeout = '{STATEMENT_SECONDS}s'"
