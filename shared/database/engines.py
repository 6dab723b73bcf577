"""Databases: one pool a process on PostgreSQL with a schema a node, one file a node on SQLite."""

import contextlib
import os
import sqlite3
from functools import cache, partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg2.extensions
from sqlalchemy import Dialect, Engine, create_engine, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool, StaticPool
from sqlalchemy.util import LRUCache

from shared.database.private_file import make_private

POOL = 8
"""Connections of one process to PostgreSQL for what opens a transaction beside the writers: accounts, relay, inbox.
Unit: connections; each holds one only for its statements."""

QUESTIONS = 16
"""Connections of one process to PostgreSQL for questions. Unit: connections; a question takes milliseconds, and of
the web's forty threads those that find none free wait for the next one."""

_PG_OPTIONS = "-c lock_timeout=3s -c statement_timeout=15s -c idle_in_transaction_session_timeout=10s"
"""A stuck session must not stop all writers: 3 s for locks, 15 s for statements, 10 s idle in a transaction."""

SESSIONS = f"huiyin-{uuid4().hex[:12]}"
"""What every session of this process is called at the server, and no other process's."""

_CONNECT = {"options": _PG_OPTIONS, "connect_timeout": 5, "application_name": SESSIONS}

BUSY_SECONDS = 5.0
"""Longest wait for whoever else writes to a node's SQLite file. Unit: seconds."""

STATEMENTS = 100
"""Statements that a connection to a file keeps prepared. Unit: statements of 4 to 75 KB. Two hundred connections that kept 512
each held half of what the sample's 35 nodes took, and its month was played in the same time."""

KEPT_OPEN, MOST_OPEN = 3, 20
"""Connections to a file that stay open, and most at once. Unit: connections; opening one takes a third of a millisecond. What is
kept costs pages and statements, and the last one used is taken again first, so that the others stay unused."""

PAGES_KEPT = 400
"""Most of a file that one connection keeps in memory. Unit: KB; with SQLite's own 2,000 the 35 nodes of the sample, each with
some connections, took 160 MB more at no gain, since the system keeps the files as well."""

WRITING = 16
"""Connections of one process on which its writers commit. Unit: connections; a thread that writes has one, and another
one while it decides on top of a group that is on its way."""

_server_pools: dict[tuple[str, str], Engine] = {}
"""The pools of this process, by address and use."""


def engine_for(url: str, schema: str | None) -> Engine:
    """The engine of one node; nodes of one process share their server's pool."""
    if url.startswith("sqlite"):
        return _sqlite(url)
    return _pool(url, "transactions", POOL).execution_options(schema_translate_map={None: schema})


def engine_for_reading(engine: Engine) -> Engine:
    """The database of an engine for questions, each of which stands alone.

    Nothing opens or ends a transaction around them: on PostgreSQL that is two round trips less for each.
    The connections are their own and stay as they are: to switch one back when it is returned fails with
    an error of the driver's own when the server has gone meanwhile.
    """
    return _beside(engine, "questions", QUESTIONS)


def engine_for_writing(engine: Engine) -> Engine:
    """The database of an engine for its node's writer, which says itself where transactions begin.

    A link is not tried before each use, which would be one more round trip a group: the writer does
    a group again whose link turns out to be lost.
    """
    return _beside(engine, "groups", WRITING, pool_pre_ping=False)


def lease_engine_for(url: str) -> Engine:
    """An engine with one connection of its own: a sign of life must not wait for a busy pool."""
    return _pool(url, "lease", 1)


def engine_for_looking(url: str, schema: str | None) -> Engine:
    """One moment of a node's database, on one connection that commits nothing, whoever else writes meanwhile.

    Every question sees the same, until the engine is disposed of.
    """
    if url.startswith("sqlite"):
        dialect, made = _sqlite_dialect(), make_url(url)
        pool = StaticPool(partial(_look_at_file, dialect, made.database))
        return Engine(pool, dialect, made).execution_options(looks=True)
    options = "-c default_transaction_isolation=repeatable\\ read -c statement_timeout=0"
    engine = create_engine(
        url,
        poolclass=StaticPool,
        hide_parameters=True,
        connect_args=_CONNECT | {"options": options, "connection_factory": _ServerOnlooker},
    )
    return engine.execution_options(schema_translate_map={None: schema}, looks=True)


class _ServerOnlooker(psycopg2.extensions.connection):
    """Its transaction ends with the connection."""

    def commit(self) -> None:
        """Nothing is committed."""

    def rollback(self) -> None:
        """The moment stays."""


class _FileOnlooker(sqlite3.Connection):
    """Its transaction ends with the connection."""

    def commit(self) -> None:
        """Nothing is committed."""

    def rollback(self) -> None:
        """The moment stays."""


def _look_at_file(dialect: Dialect, path: str | None) -> DBAPIConnection:
    connection = dialect.connect(path, timeout=BUSY_SECONDS, check_same_thread=False, factory=_FileOnlooker)
    cursor = connection.cursor()
    cursor.execute("BEGIN")
    cursor.execute("SELECT count(*) FROM sqlite_master")
    cursor.close()
    return connection


def _beside(engine: Engine, use: str, size: int, **settings: Any) -> Engine:
    """Connections on which nobody but the statements themselves opens a transaction."""
    if not _is_server(engine) or engine.get_execution_options().get("looks"):
        return engine
    url = engine.url.render_as_string(hide_password=False)
    pool = _pool(url, use, size, pool_reset_on_return=None, isolation_level="AUTOCOMMIT", **settings)
    return pool.execution_options(**engine.get_execution_options())


def _pool(url: str, use: str, size: int, **settings: Any) -> Engine:
    pool = _server_pools.get((url, use))
    if pool is None:
        standing = {
            "max_overflow": 0,
            "pool_timeout": 5,
            "pool_pre_ping": True,
            # psycopg2 sends one round trip a row of an upsert otherwise; pages halve the time of projections.
            "executemany_mode": "values_plus_batch",
            "connect_args": _CONNECT,
            # What people wrote stands in no log.
            "hide_parameters": True,
        }
        pool = _server_pools[url, use] = create_engine(url, pool_size=size, **(standing | settings))
    return pool


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
    for pool in _server_pools.values():
        pool.dispose()
    _server_pools.clear()


MOST_COMPILED = 1_000
"""Compiled statements that are remembered. Unit: statements of some 20 KB; the pages and the parts of all nodes have some 600."""

_statements: LRUCache[Any, Any] = LRUCache(MOST_COMPILED)
"""Compiled statements of every SQLite node of this process: one file a node would compile each again."""


@cache
def _sqlite_dialect() -> Dialect:
    """One dialect for all SQLite nodes, prepared once; compiled statements belong to a dialect."""
    engine = create_engine("sqlite://")
    with engine.connect():
        return engine.dialect


def _sqlite(url: str) -> Engine:
    made, dialect = make_url(url), _sqlite_dialect()
    pool = QueuePool(
        partial(_open_file, dialect, made.database),
        pool_size=KEPT_OPEN,
        max_overflow=MOST_OPEN - KEPT_OPEN,
        timeout=5,
        use_lifo=True,
    )
    return Engine(pool, dialect, made, hide_parameters=True).execution_options(compiled_cache=_statements)


def _open_file(dialect: Dialect, path: str | None) -> DBAPIConnection:
    if path and path != ":memory:" and not os.path.exists(path):
        with contextlib.suppress(OSError):  # what SQLite says of it is the better word
            make_private(Path(path))
    # A connection of the pool serves one thread after the other, never two at once.
    connection = dialect.connect(
        path, timeout=BUSY_SECONDS, check_same_thread=False, cached_statements=STATEMENTS
    )
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA cache_size=-{PAGES_KEPT}")
    cursor.close()
    return connection
