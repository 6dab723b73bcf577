"""Orders as small forms: what stands on a form follows from the fields of its order.

A field with a title is shown, in the order of the class. Its kind follows from its type: a word list gives radios
(a select from seven words on), yes or no gives two, a day a date, a long text an area, an office or a computer a list.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from shared.orders.input import shown
from shared.orders.order import Order
from shared.web.form import Typed

MOST_RADIOS = 7
"""Words that radios show one below the other on a phone without scrolling; more of them are a select. Unit: words."""

LISTS = ("units", "all_units", "nodes")
"""Kinds of fields whose choices are of the directory."""
_NOT_INPUT = frozenset({"csrf", "idempotency_key"})


@dataclass(frozen=True)
class FormField:
    """One field of a form. `kind` is the macro; `words` the kind of words that are offered, or `only` those."""

    name: str
    label: str
    kind: str
    hint: str = ""
    words: str = ""
    only: tuple[str, ...] = ()


@cache
def fields_of(order: type[Order]) -> tuple[FormField, ...]:
    """The fields that a person fills in, in the order of the class."""
    return tuple(_field(name, info) for name, info in order.model_fields.items() if info.title)


@cache
def carried_of(order: type[Order]) -> tuple[str, ...]:
    """The fields that the form carries along without showing them."""
    fields = order.model_fields.items()
    return tuple(name for name, info in fields if shown(info) == "hidden")


def _field(name: str, info: FieldInfo) -> FormField:
    words = _words(info)
    kind = shown(info) or _kind(info, words)
    listed = "select" if kind in LISTS else kind
    offered = kind if kind in LISTS else words.of if words else ""
    return FormField(
        name, info.title or "", listed, info.description or "", offered, words.only if words else ()
    )


def _kind(info: FieldInfo, words: "_Words | None") -> str:
    if words:
        return "radios" if len(words.only) <= MOST_RADIOS else "select"
    return "date" if date in _types(info.annotation) else "text"


@dataclass(frozen=True)
class _Words:
    of: str
    only: tuple[str, ...]


def _words(info: FieldInfo) -> _Words | None:
    for found in _types(info.annotation):
        if found is bool:
            return _Words("yes_no", ("true", "false"))
        if get_origin(found) is Literal and isinstance(first := get_args(found)[0], StrEnum):
            return _Words(type(first).__name__, tuple(word.value for word in get_args(found)))
        if isinstance(found, type) and issubclass(found, StrEnum):
            return _Words(found.__name__, tuple(word.value for word in found))
    return None


def _types(annotation: Any) -> Iterator[Any]:
    """The types that an annotation is made of; a list of words stays whole."""
    if get_origin(annotation) is Literal or not get_args(annotation):
        yield annotation
        return
    for part in get_args(annotation):
        yield from _types(part)


@cache
def _lists_of(order: type[Order]) -> frozenset[str]:
    fields = order.model_fields.items()
    return frozenset(name for name, info in fields if get_origin(info.annotation) is list)


def order_of(kind: type[Order], typed: Typed, **known: Any) -> Order:
    """The order that a form makes; empty fields count as not given. Errors: ValidationError."""
    given = {
        name: value
        for name, value in typed.items()
        if name in kind.model_fields and name not in _NOT_INPUT and value not in ("", [])
    }
    for name in _lists_of(kind) & given.keys():
        value = given[name]
        given[name] = [value] if isinstance(value, str) else value
    return kind.model_validate(given | known)
