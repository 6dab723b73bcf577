"""A question that an order is known to ask: a group of orders then asks it once for all its members."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection


@dataclass(frozen=True)
class BatchedQuestion:
    """`of_many` answers a set of keys at once; `about` is the unit whose facts alone bear on this key's answer."""

    of_many: Callable[[Connection, Collection[Any]], Mapping[Any, Any]]
    key: Any
    about: UUID
