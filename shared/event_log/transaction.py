"""A writer's transaction: it begins with the first change, and ends in the same breath as the last."""

from typing import Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from shared.database.writes import Writes


class Fenced(Exception):
    """Another process writes for the node now; this transaction has changed nothing."""


class Fence(Protocol):
    """What lets a transaction change anything only while this process is the node's writer."""

    def statements(self) -> list[str]:
        """Statements that go before the first change, and fail when another process has taken over."""
        ...

    def refused(self, error: DBAPIError) -> bool:
        """Whether it was one of these statements that failed."""
        ...

    def is_lost(self) -> bool:
        """Whether it is known that another process has taken over."""
        ...


class Transaction:
    """What is asked goes to the database at once; what changes waits in `writes` and travels together.

    On a server BEGIN, every change and COMMIT are one round trip; what was asked before needed no
    transaction, since nobody else writes to this node. `first` are statements that go before the
    changes of a transaction: the lock, the fence.
    """

    def __init__(self, engine: Engine, fence: Fence) -> None:
        self._fence = fence
        self.link: Connection = engine.connect()
        self.writes = Writes(self.link, self.send)
        self.first: list[str] = []
        self._on_server = engine.dialect.name == "postgresql"
        self._local = None if self._on_server else self.link.begin()
        self._begun = False

    @property
    def connection(self) -> Connection:
        """The link inside the transaction, for whoever changes rows at once."""
        self.send(begin=True)
        return self.link

    def send(self, *, begin: bool = False) -> None:
        """Send what waits, so that questions see it. Errors: Fenced, the database's."""
        if self.writes or (begin and not self._begun):
            self._send()

    def compose(self) -> None:
        """Make the statements of what waits, so that `commit` only sends them."""
        self.writes.compose()

    def commit(self) -> None:
        """Send what waits and make everything durable. Errors: Fenced, the database's."""
        if self._local is not None:
            self.writes.send()
            self._local.commit()
            self._local = None
        elif self.writes or self._begun:
            self._send("COMMIT")
        self._begun = False

    def close(self) -> None:
        """Give the link back; what was not committed is undone."""
        try:
            if self._local is not None:
                # After a failed commit the link would go back to the pool with everything in it still open.
                self._local.rollback()
            elif self._begun and not self.link.invalidated:
                self.link.exec_driver_sql("ROLLBACK")
        except DBAPIError:
            self.link.invalidate()
        finally:
            self.link.close()

    def _send(self, *last: str) -> None:
        try:
            self.writes.send(first=self._opening(), last=last)
        except DBAPIError as error:
            if self._fence.refused(error):
                raise Fenced() from error
            raise

    def _opening(self) -> list[str]:
        first = [] if self._begun or not self._on_server else ["BEGIN", *self.first]
        self._begun = True
        return first
