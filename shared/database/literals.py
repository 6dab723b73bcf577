"""Values as a server reads them in the text of a statement, without a cast.

What is written goes by the value's own type alone, never by the column's: a fact from another node may hold a
text where a number should stand, and is refused by the server then, whatever the text says.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from types import NoneType
from typing import Any
from uuid import UUID

import orjson


def row_of(values: Iterable[Any]) -> str:
    """A row of VALUES. Errors: TypeError for a type that no column has, ValueError for a moment without a zone."""
    return f"({','.join([_LITERALS[type(value)](value) for value in values])})"


def without_nul(statement: str) -> str:
    """A statement that a server reads to its end. Errors: ValueError for a text with NUL."""
    if "\0" in statement:
        raise ValueError("a text with NUL, which no column takes")
    return statement


def _text(value: str) -> str:
    doubled = value.replace("'", "''")
    # This form means the same whatever the server's standard_conforming_strings says.
    if "\\" not in doubled:
        return f"'{doubled}'"
    return "E'" + doubled.replace("\\", "\\\\") + "'"


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return f"'{orjson.dumps(value)[1:-1].decode()}'"


class _Literals(dict[type, Callable[[Any], str]]):
    """How values of a type are written; a type of ours that is text or number underneath, as that."""

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        for base, write in ((str, lambda value: _text(str.__str__(value))), (int, int.__repr__)):
            if issubclass(kind, base):
                return self.setdefault(kind, write)
        raise TypeError(f"no column takes {kind.__name__}")


_LITERALS = _Literals(
    {
        NoneType: lambda _: "NULL",
        bool: lambda value: "true" if value else "false",
        int: int.__repr__,
        float: lambda value: f"'{value!r}'",
        str: _text,
        bytes: lambda value: f"E'\\\\x{value.hex()}'",
        UUID: lambda value: f"'{value.hex}'",
        date: lambda value: f"'{value.isoformat()}'",
        datetime: _moment,
    }
)
