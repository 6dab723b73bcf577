"""A subject as it is handed to the engine: what it records, what follows from it, what is known of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import TypeVar

from shared.orders.order import Order, Reaction
from shared.projections.projection import Projection
from shared.work.common.fact import Fact, Stream

T = TypeVar("T")


@dataclass(frozen=True)
class Subject:
    """One kind of work. `modules` hold its streams and facts, `orders_in` its orders; `projections` are
    its tables.

    `reactions` go by the stable name of the fact that they follow from, `words` by the kind of word (`DutyState`) and its
    stored key, in English.
    """

    name: str
    modules: tuple[ModuleType, ...] = ()
    orders_in: tuple[ModuleType, ...] = ()
    projections: tuple[Projection, ...] = ()
    reactions: Mapping[str, Reaction] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def streams(self) -> list[type[Stream]]:
        """The kinds of streams that it writes."""
        return [found for found in _classes(self.modules, Stream) if "STREAM" in vars(found)]

    @property
    def facts(self) -> list[type[Fact]]:
        """The facts that it records: those with a stored name of their own."""
        return [found for found in _classes(self.modules, Fact) if "TOPIC" in vars(found)]

    @property
    def orders(self) -> list[type[Order]]:
        """What people may ask for: the orders that are declared."""
        return [found for found in _classes(self.orders_in, Order) if "DECLARED" in vars(found)]


def _classes(modules: Iterable[ModuleType], base: type[T]) -> list[type[T]]:
    """Classes that one of the modules defines itself, in the order in which they stand there."""
    return [
        found
        for module in modules
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, base) and found.__module__ == module.__name__
    ]
