"""A column for moments that means the same on both databases."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect
from sqlalchemy.types import TypeDecorator


class UtcTime(TypeDecorator[datetime]):
    """An aware moment in UTC, on a database that keeps time zones and on one that does not.

    ValueError for a moment without a zone.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """For SQLite the text that SQLAlchemy itself would write, in one step: a group writes hundreds of them."""
        return _text_in_utc if dialect.name == "sqlite" else _in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """What was kept, with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _in_utc(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return value.astimezone(UTC)


def _text_in_utc(value: datetime | None) -> str | None:
    moment = _in_utc(value)
    return moment and moment.replace(tzinfo=None).isoformat(" ", "microseconds")
