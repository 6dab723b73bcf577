"""Leases: which nodes this process may write for, held as session locks of the database server.

One connection outside the pool holds all leases of a process, however many nodes it runs; giving a
lease back ends it at once, and the server ends them when the process dies or the link breaks. A
lease that was lost with the link (the server was started anew) is taken again before the next
write, unless another process was quicker.
"""

import time
from threading import Lock
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

LOOK_EVERY = 1.0
"""Seconds between two looks whether the leases still stand; each costs one round trip."""


class Leases:
    """The leases of one process at one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = Lock()
        self._names: set[str] = set()
        self._link: Any = None
        self._looked_at = 0.0

    def take(self, name: str) -> bool:
        """Take a lease; false when this or another process holds it. Errors: DBAPIError."""
        with self._lock:
            if name in self._names or not self._try(name):
                return False
            self._names.add(name)
            return True

    def give_back(self, name: str) -> None:
        """End a lease; without the last one the link is closed too."""
        with self._lock:
            self._names.discard(name)
            try:
                # A closed link lets go a moment later; whoever starts the node next must not meet it.
                self._run("SELECT pg_advisory_unlock(hashtext(%s))", name)
            except DBAPIError:
                self._hang_up()
            if not self._names:
                self._hang_up()

    def stands(self, name: str) -> bool:
        """Whether the lease still stands, or could be taken again. Errors: DBAPIError."""
        with self._lock:
            if time.monotonic() - self._looked_at > LOOK_EVERY:
                self._look()
            return name in self._names

    def _look(self) -> None:
        try:
            self._run("SELECT 1")
        except DBAPIError:
            self._hang_up()
            self._names = {name for name in self._names if self._try(name)}
        self._looked_at = time.monotonic()

    def _try(self, name: str) -> bool:
        return bool(self._run("SELECT pg_try_advisory_lock(hashtext(%s))", name))

    def _run(self, query: str, *values: str) -> Any:
        if self._link is None:
            self._link = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            self._link.detach()
        return self._link.exec_driver_sql(query, values).scalar()

    def _hang_up(self) -> None:
        if self._link is not None:
            link, self._link = self._link, None
            link.close()


_at: dict[str, Leases] = {}


def leases_at(engine: Engine) -> Leases:
    """The leases of this process at an engine's database."""
    return _at.setdefault(engine.url.render_as_string(hide_password=False), Leases(engine))
