"""Columns that mean the same on both databases, and which of them stay out of the canonical dump."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Integer

NOT_DUMPED = {"dump": False}
"""Mark of a column that may differ between two nodes that know the same: arrival, places, ciphertext."""

Position = BigInteger().with_variant(Integer(), "sqlite")


def unseen(name: str, kind: Any) -> Column[Any]:
    """A column that stays out of the canonical dump."""
    return Column(name, kind, info=NOT_DUMPED)


def sealed(name: str) -> Column[Any]:
    """A sealed text (or data with sealed parts) as it travelled: opaque JSON."""
    return unseen(name, JSON(none_as_null=True))
