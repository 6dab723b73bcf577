"""Stable event names: which class a stored name means today.

Names outlive classes: a class may move or be renamed, its TOPIC stays. A name or version that
is not in the table comes from the future and is parked, never guessed.
"""

import importlib
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from shared.casework.fact import Fact, Stream

CASEWORK_MODULES = ("case", "referral", "override", "supervision", "reporting_day", "directory")


class UnknownFact(ValueError):
    """A fact of a name or version that this node does not know (yet)."""


def _leaves(base: type) -> list[type]:
    return [leaf for child in base.__subclasses__() for leaf in (child, *_leaves(child))]


def _of_casework(found: type) -> bool:
    return found.__module__.startswith("shared.casework.")


@cache
def fact_classes() -> dict[str, type[Fact]]:
    """Stored name (`case.registered`) to class, for every fact that casework knows."""
    for module in CASEWORK_MODULES:
        importlib.import_module(f"shared.casework.{module}")
    return {fact.TOPIC: fact for fact in _leaves(Fact) if "TOPIC" in vars(fact) and _of_casework(fact)}


@cache
def stream_classes() -> dict[str, type[Stream]]:
    """Stored kind of stream (`case`) to class."""
    fact_classes()
    return {
        stream.STREAM: stream
        for stream in _leaves(Stream)
        if "STREAM" in vars(stream) and _of_casework(stream)
    }


@cache
def adapter_of(fact: type[Fact]) -> TypeAdapter[Any]:
    """The converter between a fact and plain JSON data, made once a class."""
    return TypeAdapter(fact)


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
