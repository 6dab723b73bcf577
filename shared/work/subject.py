"""A subject as it is handed to the engine: what it records, what follows from it, what is known of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Connection

from shared.orders.order import Order, Reaction
from shared.projections.projection import Projection
from shared.work.common.fact import Fact, Stream
from shared.work.registers.declaration import Register
from shared.work.registers.facts import facts_of, record_class
from shared.work.registers.orders import orders_of
from shared.work.registers.records import Records

T = TypeVar("T")
MadeKeys = Callable[[Connection, UUID, set[UUID]], bool]
"""Whether one of the units made the keys of a subject: it may ask for them back after a restore."""


@dataclass(frozen=True)
class Subject:
    """One kind of work: streams and facts, orders, tables, what follows, words, and its records if it is a register.

    `reactions` go by the stable name of the fact that they follow from, `words` by the kind of word and its stored key.
    """

    name: str
    streams: tuple[type[Stream], ...] = ()
    facts: tuple[type[Fact], ...] = ()
    orders: tuple[type[Order], ...] = ()
    projections: tuple[Projection, ...] = ()
    reactions: Mapping[str, Reaction] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    made_keys: MadeKeys | None = None
    records: Records | None = None


def subject(
    name: str,
    *modules: ModuleType,
    projections: Iterable[Projection] = (),
    reactions: Mapping[str, Reaction] | None = None,
    made_keys: MadeKeys | None = None,
) -> Subject:
    """A subject whose streams, facts and orders stand in these modules."""
    return Subject(
        name,
        tuple(found for found in _classes(modules, Stream) if "STREAM" in vars(found)),
        tuple(found for found in _classes(modules, Fact) if "TOPIC" in vars(found)),
        tuple(found for found in _classes(modules, Order) if "DECLARED" in vars(found)),
        tuple(projections),
        reactions or {},
        made_keys=made_keys,
    )


def register_subject(register: Register) -> Subject:
    """The subject that follows from a register's declaration."""
    record = record_class(register)
    records = Records(register, record)
    return Subject(
        register.name,
        (record,),
        facts_of(record),
        orders_of(register, record, records.next_running),
        (records.projection,),
        words={register.state_kind: register.states, **register.words},
        made_keys=records.made_keys,
        records=records,
    )


def _classes(modules: Iterable[ModuleType], base: type[T]) -> list[type[T]]:
    """Classes that one of the modules defines itself, in the order in which they stand there."""
    return [
        found
        for module in modules
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, base) and found.__module__ == module.__name__
    ]
