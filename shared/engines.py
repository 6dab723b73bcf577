"""Databases: one pool a process on PostgreSQL with a schema a node, one file a node on SQLite."""

from functools import cache, partial
from typing import Any
from uuid import uuid4

from sqlalchemy import Dialect, Engine, create_engine, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

POOL = 20
"""Connections of one process to PostgreSQL. Unit: connections; reading routes share 16 threads,
the rest is for writers, which hold one only while they commit."""

_PG_OPTIONS = "-c lock_timeout=3s -c statement_timeout=15s -c idle_in_transaction_session_timeout=10s"
"""A stuck session must not stop all writers: 3 s for locks, 15 s for statements, 10 s idle in a transaction."""

SESSIONS = f"huiyin-{uuid4().hex[:12]}"
"""What every session of this process is called at the server, and no other process's."""

_CONNECT = {"options": _PG_OPTIONS, "connect_timeout": 5, "application_name": SESSIONS}

BUSY_SECONDS = 5.0
"""Longest wait for whoever else writes to a node's SQLite file. Unit: seconds."""

WRITING = 8
"""Connections of one process on which its writers commit. Unit: connections; one for each thread that writes."""

_shared: dict[tuple[str, int], Engine] = {}
_writing: dict[str, Engine] = {}


def engine_for(url: str, schema: str | None) -> Engine:
    """The engine of one node; nodes of one process share their server's pool."""
    if url.startswith("sqlite"):
        return _sqlite(url)
    return _pool(url, POOL).execution_options(schema_translate_map={None: schema})


def engine_for_reading(engine: Engine) -> Engine:
    """The database of an engine for questions, each of which stands alone.

    Nothing opens or ends a transaction around them: on PostgreSQL that is two round trips less for each.
    """
    return engine.execution_options(isolation_level="AUTOCOMMIT") if _is_server(engine) else engine


def lease_engine_for(url: str) -> Engine:
    """An engine with one connection of its own: a sign of life must not wait for a busy pool."""
    return _pool(url, 1)


def _pool(url: str, size: int) -> Engine:
    pool = _shared.get((url, size))
    if pool is None:
        pool = _shared[url, size] = create_engine(
            url,
            pool_size=size,
            max_overflow=0,
            pool_timeout=5,
            pool_pre_ping=True,
            # psycopg2 sends one round trip a row of an upsert otherwise; pages halve the time of projections.
            executemany_mode="values_plus_batch",
            connect_args=_CONNECT,
        )
    return pool


def engine_for_writing(engine: Engine) -> Engine:
    """The database of an engine for its node's writer, which says itself where transactions begin.

    A link is not tried before each use, which would be one more round trip a group: the writer does
    a group again whose link turns out to be lost.
    """
    if not _is_server(engine):
        return engine
    url = engine.url.render_as_string(hide_password=False)
    pool = _writing.get(url)
    if pool is None:
        pool = _writing[url] = create_engine(
            url,
            pool_size=WRITING,
            max_overflow=0,
            pool_timeout=5,
            pool_reset_on_return=None,
            isolation_level="AUTOCOMMIT",
            connect_args=_CONNECT,
        )
    return pool.execution_options(**engine.get_execution_options())


def _is_server(engine: Engine) -> bool:
    return engine.dialect.name == "postgresql"


def database_trouble(url: str) -> str:
    """Why a database does not answer, in one line; empty when it does."""
    try:
        engine_for(url, None).connect().close()
    except SQLAlchemyError as error:
        return " ".join(str(getattr(error, "orig", error)).split())
    return ""


def create_schema(engine: Engine, schema: str | None) -> None:
    """Make the node's schema on PostgreSQL if it is missing; nothing on SQLite."""
    if schema is None:
        return
    with engine.begin() as connection:
        # Asked first, since IF NOT EXISTS wants the right to make schemas even where there is nothing to make.
        if not connection.scalar(
            text("SELECT to_regnamespace(quote_ident(:name)) IS NOT NULL"), {"name": schema}
        ):
            connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))


def dispose_all() -> None:
    """Close every pool of this process."""
    for pools in (_shared, _writing):
        for pool in pools.values():
            pool.dispose()
        pools.clear()


_statements: dict[Any, Any] = {}
"""Compiled statements of every SQLite node of this process: one file a node would compile each again."""


@cache
def _sqlite_dialect() -> Dialect:
    """One dialect for all SQLite nodes, prepared once; compiled statements belong to a dialect."""
    engine = create_engine("sqlite://")
    with engine.connect():
        return engine.dialect


def _sqlite(url: str) -> Engine:
    made, dialect = make_url(url), _sqlite_dialect()
    pool = QueuePool(partial(_open_file, dialect, made.database), pool_size=8, max_overflow=12, timeout=5)
    return Engine(pool, dialect, made).execution_options(compiled_cache=_statements)


def _open_file(dialect: Dialect, path: str | None) -> DBAPIConnection:
    # A connection of the pool serves one thread after the other, never two at once.
    connection = dialect.connect(path, timeout=BUSY_SECONDS, check_same_thread=False)
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
    return connection
