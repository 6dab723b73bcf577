"""Columns that mean the same on both databases, and which of them stay out of the canonical dump."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, BindParameter, Column, ColumnElement, Index, Integer, bindparam

from shared.work.common.sealed import Sealed

NOT_DUMPED = {"dump": False}
"""Mark of a column that may differ between two nodes that know the same: arrival, places, ciphertext."""

Position = BigInteger().with_variant(Integer(), "sqlite")


def unseen(name: str, kind: Any) -> Column[Any]:
    """A column that stays out of the canonical dump."""
    return Column(name, kind, info=NOT_DUMPED)


def sealed(name: str) -> Column[Any]:
    """A sealed text (or data with sealed parts) as it travelled: opaque JSON."""
    return unseen(name, JSON(none_as_null=True))


def value_of(column: ColumnElement[Any], name: str) -> BindParameter[Any]:
    """A value of a column's type that comes with a question under a name."""
    return bindparam(name, type_=column.type)


def index_where(name: str, condition: ColumnElement[bool], *columns: Column[Any]) -> Index:
    """An index of the rows alone that fulfil a condition, which stands in the questions that it serves."""
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


def unit_of(text: str | None) -> UUID | None:
    """An id that may be missing."""
    return UUID(text) if text else None


def day_of_text(text: str | None) -> date | None:
    """A day that may be missing."""
    return date.fromisoformat(text) if text else None


def sealed_of(stored: dict[str, Any] | None) -> Sealed | None:
    """A stored sealed text; none when there is none."""
    return sealed_from(stored) if stored else None


def sealed_from(stored: dict[str, Any]) -> Sealed:
    """A sealed text as it was stored."""
    words: dict[str, Any] = {**stored, "fact": UUID(stored["fact"])}
    return Sealed(**words)
