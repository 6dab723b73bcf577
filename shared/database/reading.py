"""Questions that are all answered by one moment of the database: a number and the list that makes it never differ."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

T = TypeVar("T")
_BEGIN = {"postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "sqlite": "BEGIN"}


class Reading:
    """One connection from the first question until it is closed; `engine` opens no transaction by itself.

    It is used by one thread after the other.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    @property
    def is_open(self) -> bool:
        """Whether anything was asked."""
        return self._connection is not None

    def ask(self, question: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Ask a projection one question."""
        if self._connection is None:
            self._connection = self._engine.connect()
            self._connection.exec_driver_sql(_BEGIN[self._engine.dialect.name])
        return question(self._connection, *arguments, **named)

    def close(self) -> None:
        """Let go of the moment and of the connection."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            try:
                if not connection.invalidated:
                    connection.exec_driver_sql("ROLLBACK")
            finally:
                connection.close()
