"""What lists and pages of every subject share: pages of a list, spans of days, names of units, opened texts."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query, Request
from pydantic import BeforeValidator

from shared.orders.input import Day
from shared.web.here import Here
from shared.web.stepping import full_name
from shared.work.common.refusals import Kind, Refusal
from shared.work.common.sealed import Sealed
from shared.work.common.stretch import Stretch

T = TypeVar("T")
W = TypeVar("W", bound=StrEnum)

Limit = Annotated[int, Query(ge=0, le=1_000)]
Offset = Annotated[int, Query(ge=0, le=50_000_000)]
Page = Annotated[int, Query(ge=1, le=1_000_000)]
MaybeDay = Annotated[Day | None, BeforeValidator(lambda given: given or None)]
"""A day of a filter; a form sends the field that was left empty as an empty text."""

PAGE = 50
"""Lines of a list on one page: three screens of a phone, and one printed sheet."""


def _beside(after: UUID | None = None, before: UUID | None = None) -> Stretch:
    """Where a page of a list begins or ends, as it stands in the address; one line more shows whether there is a next."""
    return Stretch(PAGE + 1, after, None if after else before)


PartAsked = Annotated[Stretch, Depends(_beside)]


@dataclass(frozen=True)
class Part(Generic[T]):
    """One page of a list, and which lines the pages beside it end or begin at; none where there is none."""

    lines: Sequence[T]
    before: UUID | None
    after: UUID | None


def part_of(found: Sequence[T], asked: Stretch, line_id: Callable[[T], UUID]) -> Part[T]:
    """The page of a list that somebody asked for, of what was found for it."""
    more = len(found) > PAGE
    lines = found[-PAGE:] if asked.backwards else found[:PAGE]
    first, last = (line_id(lines[0]), line_id(lines[-1])) if lines else (None, None)
    return Part(
        lines,
        before=first if (more if asked.backwards else asked.after) else None,
        after=last if more or asked.backwards else None,
    )


def cut(lines: Sequence[T], asked: Stretch, line_id: Callable[[T], UUID]) -> Sequence[T]:
    """What was asked for of a list that is at hand; a line that is gone has nothing beside it."""
    beside, most = asked.after or asked.before, asked.limit or len(lines)
    place = next((place for place, line in enumerate(lines) if line_id(line) == beside), None)
    if beside is None:
        return lines[:most]
    if place is None:
        return []
    return lines[max(place - most, 0) : place] if asked.backwards else lines[place + 1 : place + 1 + most]


LINES_OF_FILE = 1_000
"""Lines that a file reads of the database at once, half a megabyte in memory; a slow link so holds no connection."""


def every_line(
    here: Here,
    question: Callable[..., Sequence[T]],
    *arguments: Any,
    line_id: Callable[[T], UUID],
    **named: Any,
) -> Iterator[T]:
    """All lines of a list for its file, read as they are sent, each part where the last one ended."""
    after: UUID | None = None
    while True:
        lines = here.office.ask(question, *arguments, stretch=Stretch(LINES_OF_FILE, after), **named)
        yield from lines
        if len(lines) < LINES_OF_FILE:
            return
        after = line_id(lines[-1])


def part_of_api(limit: Limit = 100, offset: Offset = 0, after: UUID | None = None) -> Stretch:
    """Which part of a list a program asks for."""
    return Stretch(limit, after, offset=offset)


ApiPart = Annotated[Stretch, Depends(part_of_api)]

LONGEST_SPAN = timedelta(days=366)
"""Longest range of days that one question may name: a year."""


class TooManyDays(Refusal):
    """The range of days runs backwards, or is longer than a year."""

    code = "too-many-days"
    sentence = "Ask for at most %(most)s days at once, from the first to the last."
    kind = Kind.WRONG_INPUT


def require_span(first: date, last: date) -> None:
    """Refuse a range of days that no question takes. Errors: TooManyDays."""
    if not timedelta() <= last - first <= LONGEST_SPAN:
        raise TooManyDays(most=LONGEST_SPAN.days)


class UnknownWord(Refusal):
    """A filter was given a word that it does not have; it never means the whole list."""

    code = "unknown-word"
    sentence = "The filter «%(filter)s» has no word «%(word)s». Its words are: %(words)s."
    kind = Kind.WRONG_INPUT


class UnknownFilter(Refusal):
    """A program narrows a list by something that the list does not have."""

    code = "unknown-filter"
    sentence = "This list has no filter «%(filter)s». Its filters are: %(filters)s."
    kind = Kind.WRONG_INPUT


def require_word(name: str, word: str, words: Collection[str]) -> str:
    """The word of the filter of that name; an empty one means any. Errors: UnknownWord."""
    if word and word not in words:
        raise UnknownWord(filter=name, word=word, words=", ".join(words))
    return word


def word_of(kind: type[W], name: str, word: str) -> W | None:
    """A filter's word of the work; none when it was left empty. Errors: UnknownWord."""
    return kind(word) if require_word(name, word, [*kind]) else None


def is_file(format: str, *others: str) -> bool:
    """Whether a list is asked for as a file; `others` are its other forms. Errors: UnknownWord."""
    return require_word("format", format, ("csv", *others)) == "csv"


async def _only_filters(request: Request) -> None:
    known = _filters_of(request.scope["route"].dependant)
    for name in request.query_params:
        if name not in known:
            raise UnknownFilter(filter=name, filters=", ".join(sorted(known)))


ONLY_FILTERS: Any = Depends(_only_filters)
"""The dependency of a list for programs: a filter that is not known is refused, since it would give the whole list."""


def _filters_of(dependant: Any) -> frozenset[str]:
    """The names that a route and what it depends on take from an address."""
    own = {field.alias for field in dependant.query_params}
    return frozenset(own.union(*(_filters_of(further) for further in dependant.dependencies)))


class Names(Mapping[UUID | None, str]):
    """A unit's name with its township, by id; empty for none, the id for an unknown one.

    Behind a closed one stands the office that goes on with its work.
    """

    def __init__(self, here: Here) -> None:
        self._units = here.office.directory.units
        self._present = here.office.directory.present

    def __getitem__(self, unit: UUID | None) -> str:
        found = self._units.get(unit) if unit else None
        if unit is None or found is None:
            return str(unit or "")
        now = self._present(unit)
        return full_name(self._units, found) + (f" → {self[now]}" if now != unit else "")

    def __iter__(self) -> Any:
        return iter(self._units)

    def __len__(self) -> int:
        return len(self._units)


def open_text(here: Here, sealed: Sealed | None) -> str | None:
    """A sealed text in the clear, if this office holds its key and the person may read it; its page is not kept."""
    here.request.state.tag = ""
    return here.office.open(sealed)
