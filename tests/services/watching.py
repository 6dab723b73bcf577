"""What the pages of a process ask their databases: statements of requests alone, not of writers, relays or inboxes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import current_thread
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

OF_REQUESTS = ("AnyIO worker thread", "web")
"""Names of the threads in which requests are answered."""


@dataclass
class Watched:
    """Statements in the order in which they were sent, each as its expression, its values and its text."""

    sent: list[str] = field(default_factory=list[str])
    questions: list[tuple[Any, dict[str, Any]]] = field(default_factory=list[tuple[Any, dict[str, Any]]])
    plans: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


@contextmanager
def watching() -> Iterator[Watched]:
    """Watch every database of this process."""
    seen = Watched()

    def before(connection: Any, cursor: Any, text: str, values: Any, context: Any, many: bool) -> None:
        if current_thread().name.startswith(OF_REQUESTS):
            seen.sent.append(text)
            if text.startswith(("SELECT", "WITH")):
                seen.plans.append((text, plan_of(connection, text, values)))

    def asked(connection: Any, question: Any, many: Any, values: Any, options: Any) -> None:
        if current_thread().name.startswith(OF_REQUESTS):
            seen.questions.append((question, values))

    event.listen(Engine, "before_cursor_execute", before)
    event.listen(Engine, "before_execute", asked)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", before)
        event.remove(Engine, "before_execute", asked)


def plan_of(connection: Any, text: str, values: Any) -> str:
    """How the database would answer a statement, as it says."""
    how = "EXPLAIN" if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    cursor = connection.connection.cursor()
    cursor.execute(f"{how} {text}", values)
    return "\n".join(str(row[-1]) for row in cursor.fetchall())
