"""The statements that a piece of work sends to a database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event


@contextmanager
def counted(place: Engine | Connection) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.append(statement)

    event.listen(place, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(place, "before_cursor_execute", note)
