"""Sealed texts of a fact that arrived: each was sealed for it, or is carried on from the same case under its own name."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID

from shared.work.common.authority import Statement, require
from shared.work.common.fact import Fact
from shared.work.common.sealed import Sealed, subject_of

_SEALED = frozenset(Sealed.__dataclass_fields__)


def require_seals(said: Statement, fact: type[Fact], case: UUID | None) -> None:
    """Errors: NotTheirs for a text that was sealed for another place, or under the keys of another case."""
    about = {said.stream, case}
    if fact.SEALED_UNDER:
        about.add(UUID(said.data[fact.SEALED_UNDER]))
    for name, sealed in _sealed_in("", said.data):
        require(subject_of(sealed["key"]) in about, f"{name} is sealed under the keys of another case")
        kinds = (name,) if UUID(sealed["fact"]) == said.id else (name, *fact.COPIES.get(name, ()))
        require(
            sealed["field"].rstrip("0123456789").rstrip("-") in kinds, f"{name} was sealed for another field"
        )


def sealed_texts(data: Any) -> Iterator[Sealed]:
    """Every sealed text in a fact's data, of which somebody else may have written any field."""
    for _, sealed in _sealed_in("", data):
        with suppress(ValueError, TypeError, AttributeError):
            yield Sealed(**{**{name: str(sealed[name]) for name in sealed}, "fact": UUID(sealed["fact"])})


def _sealed_in(name: str, value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every sealed text in a fact's data, with the name of its field."""
    if isinstance(value, dict):
        if value.keys() == _SEALED:
            yield name, value
            return
        for inner, item in value.items():
            yield from _sealed_in(inner, item)
    elif isinstance(value, list):
        for item in value:
            yield from _sealed_in(name, item)
