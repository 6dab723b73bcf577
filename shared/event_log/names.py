"""Stable event names: which class a stored name means today.

Names outlive classes: a class may move or be renamed, its TOPIC stays. A name or version that
is not in the table comes from the future and is parked, never guessed.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from shared.work.common.fact import Fact, Stream

_FACTS: dict[str, type[Fact]] = {}
_STREAMS: dict[str, type[Stream]] = {}


class UnknownFact(ValueError):
    """A fact of a name or version that this node does not know (yet)."""


class NameTaken(ValueError):
    """Two classes want the same stored name; facts of one would be read as the other's."""


def learn(streams: Iterable[type[Stream]], facts: Iterable[type[Fact]]) -> None:
    """Take what a subject records into the table of names. Errors: NameTaken."""
    for stream in streams:
        _take(_STREAMS, stream.STREAM, stream)
    for fact in facts:
        _take(_FACTS, fact.TOPIC, fact)


def _take(table: dict[str, Any], name: str, meant: type) -> None:
    if table.setdefault(name, meant) is not meant:
        raise NameTaken(
            f"{name} is {table[name].__qualname__} already; {meant.__qualname__} needs another name"
        )


def fact_classes() -> dict[str, type[Fact]]:
    """Stored name (`case.registered`) to class, for every fact of the listed subjects."""
    return _FACTS


def stream_classes() -> dict[str, type[Stream]]:
    """Stored kind of stream (`case`) to class."""
    return _STREAMS


@cache
def adapter_of(fact: type[Fact]) -> TypeAdapter[Any]:
    """The converter between a fact and plain JSON data, made once a class."""
    return TypeAdapter(fact)


def newest_version(name: str) -> int:
    """The version of a fact's shape that this release records; 0 for a name that nobody knows."""
    fact = fact_classes().get(name)
    return fact.class_version if fact else 0


def upcast(name: str, version: int, data: dict[str, Any]) -> dict[str, Any]:
    """Bring the data of an older version to the shape of the newest one.

    Errors: UnknownFact for a name nobody knows or a version from the future.
    """
    fact = fact_classes().get(name)
    if fact is None:
        raise UnknownFact(f"{name}.v{version}")
    return brought_up(fact, version, data)


def brought_up(fact: type[Fact], version: int, data: dict[str, Any]) -> dict[str, Any]:
    """Bring the data of an older version of a fact to its newest shape, step by step.

    Errors: UnknownFact for a version from the future.
    """
    if not 1 <= version <= fact.class_version:
        raise UnknownFact(f"{fact.TOPIC}.v{version}")
    for step in range(version, fact.class_version):
        getattr(fact, f"upcast_v{step}_v{step + 1}")(data)
    return data
