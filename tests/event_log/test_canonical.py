"""Canonical bytes are RFC 8785's: compared with the reference over many made-up documents, and refused where readers differ."""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from random import Random
from typing import Any
from uuid import UUID

import pytest
import rfc8785

from shared.envelope import canonical

DOCUMENTS = 50_000
SIGNS = [*map(chr, range(0x30)), *"\\/\"'<>&\x7f\x80\u2028\u2029\ufeff\uffff", *"值班员é𠮷😀\U0010ffff"]
"""Control characters, what some writers escape, and characters of one to four bytes."""
NUMBERS = (0, 1, -1, 2**31, -(2**31), 2**53 - 1, 1 - 2**53)


class Word(StrEnum):
    ZERO = "zero"


def documents(count: int) -> Iterator[Any]:
    """The same made-up documents every time."""
    chance = Random(8785)
    for _ in range(count):
        yield a_value(chance, depth=4)


def a_value(chance: Random, depth: int) -> Any:
    kind = chance.randrange(8 if depth else 5)
    if kind > 5:
        return {a_name(chance): a_value(chance, depth - 1) for _ in range(chance.randrange(6))}
    if kind == 5:
        return [a_value(chance, depth - 1) for _ in range(chance.randrange(4))]
    text = "".join(chance.choices(SIGNS, k=chance.randrange(9)))
    return (None, True, False, chance.choice(NUMBERS), text)[kind]


def a_name(chance: Random) -> str:
    return "".join(map(chr, chance.choices(range(0x80), k=chance.randrange(5))))


def test_given_many_made_up_documents_when_written_then_the_bytes_are_those_of_the_reference():
    different = [one for one in documents(DOCUMENTS) if canonical(one) != rfc8785.dumps(one)]
    assert different == []


@pytest.mark.parametrize("given", [(), (1, (2,)), {"a": ("b",)}, Word.ZERO, {"word": Word.ZERO}])
def test_given_a_tuple_or_a_word_of_a_list_when_written_then_it_is_a_list_or_a_text(given):
    assert canonical(given) == rfc8785.dumps(given)


@pytest.mark.parametrize(
    "wrong",
    [
        *(0.0, 1.5, float("nan"), float("inf")),
        *(2**53, -(2**53), 2**63, 2**64, -(2**64)),
        *("\ud83d", "\ude00\ud83d", {"\ud83d": 1}, {"𠮷": 1}, {"é": 1}, {1: 1}, {None: 1}, {b"a": 1}),
        *(UUID(int=1), datetime(2026, 3, 2, tzinfo=UTC), b"bytes", {1, 2}, object()),
    ],
)
@pytest.mark.parametrize("within", [lambda it: it, lambda it: [1, it], lambda it: {"a": {"b": (it,)}}])
def test_given_what_two_readers_might_keep_differently_when_written_then_it_is_refused(wrong, within):
    with pytest.raises(ValueError):
        canonical(within(wrong))
