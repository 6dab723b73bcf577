"""Many askers of one question, in portions whose statements are kept."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

MOST_TOGETHER = 64
"""Askers that one statement asks for. Unit: askers; a statement of each power of two up to it is kept."""


def portions(asked: Iterable[T]) -> Iterator[tuple[list[T], list[T]]]:
    """Each portion, and the same filled up with its first asker to a power of two, which is asked once more."""
    waiting = iter(asked)
    while some := list(islice(waiting, MOST_TOGETHER)):
        places = 1 << (len(some) - 1).bit_length()
        yield some, [*some, *[some[0]] * (places - len(some))]
