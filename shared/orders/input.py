"""What every order's input has in common: texts that arrived whole, numbers that are folded, days that can be, lengths."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Annotated, Any, get_args
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from shared.orders.folding import folded, is_one_line, is_visible
from shared.work.common.sentences import N_

FIRST_DAY, LAST_DAY = date(1949, 10, 1), date(2199, 12, 31)
"""Days outside are slips of the keyboard: no office of ours is older, and no limit reaches further."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BROKEN = "\ufffd"
"""What a decoder puts where half a character was."""


def readable(text: str) -> str:
    """The text, if every character of it arrived. Errors: PydanticCustomError."""
    if _INVISIBLE.search(text):
        raise PydanticCustomError("control_character", "The text holds invisible control characters")
    if _BROKEN in text:
        raise PydanticCustomError("string_unicode", "Some characters of the text arrived broken")
    if text and not is_visible(text):
        raise PydanticCustomError("nothing_visible", "Nothing of the text can be seen")
    return text


def in_one_line(text: str) -> str:
    """The text, if it is a single line that runs one way. Errors: PydanticCustomError."""
    if not is_one_line(text):
        raise PydanticCustomError("not_one_line", "The text holds signs that break or turn its line")
    return text


def _as_written(value: Any) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and _DAY.fullmatch(day := folded(value)):
        return day
    raise PydanticCustomError("date_parsing", "A day is written as year-month-day")


def _possible(day: date) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        bounds = {"first": FIRST_DAY.isoformat(), "last": LAST_DAY.isoformat()}
        raise PydanticCustomError("impossible_day", "A day between {first} and {last}", bounds)
    return day


def _possible_moment(moment: datetime) -> datetime:
    first, last = (datetime.combine(day, time(), UTC) for day in (FIRST_DAY, LAST_DAY))
    if not first <= moment <= last:
        bounds = {"first": FIRST_DAY.isoformat(), "last": LAST_DAY.isoformat()}
        raise PydanticCustomError("impossible_day", "A moment between {first} and {last}", bounds)
    return moment


Day = Annotated[date, BeforeValidator(_as_written), AfterValidator(_possible)]
"""A day as people write it, folded; a number of seconds is not one."""

Moment = Annotated[AwareDatetime, AfterValidator(_possible_moment)]
"""A moment with its zone."""


@dataclass(frozen=True)
class Shown:
    """How a field looks on a form, where its type alone does not tell: `textarea`, `units`, `all_units`, `nodes`, or `hidden`."""

    kind: str


Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000), Shown("textarea")]
LateBecause = Annotated[
    Text | None,
    Field(title=N_("Why so late"), description=N_("Only when the day is more than a year away.")),
]
"""Why something is to be done so late; it stands beside a day that may be more than a year away."""

OfficeId = Annotated[UUID, Shown("units")]
"""An office, chosen from the list of those that a matter may go to."""

AnyOfficeId = Annotated[UUID, Shown("all_units")]
"""An office, chosen from the list of all."""

NodeName = Annotated[str, StringConstraints(min_length=1, max_length=200), Shown("nodes")]
"""A computer of the network, chosen from the list."""

CARRIED_VERSION = "version"
"""The field of the state that a person saw: nobody types it, so it is taken as it stands or not at all."""

Carried = Annotated[UUID, Shown("hidden")]
"""An id that the page before knew and the form carries along."""

MaybeCarried = Annotated[UUID | None, Shown("hidden")]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]
MaybeLine = Annotated[str, StringConstraints(max_length=200)]


class Input(BaseModel):
    """Input of which every text arrived whole; unknown fields are refused.

    Figures, and texts that must fit a pattern, are folded first. A text that is not shown as an area is one line.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _as_meant(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        typed: dict[str, Any] = given
        meant = {name: folded(value) for name in _folded_of(cls) if isinstance(value := typed.get(name), str)}
        return typed | meant if meant else typed

    @field_validator("*")
    @classmethod
    def _arrived_whole(cls, value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, str):
            return value
        return readable(value) if info.field_name in _areas_of(cls) else in_one_line(readable(value))


def shown(info: FieldInfo) -> str:
    """How a field looks, where it says so itself; empty where its type tells."""
    marks = (mark for mark in (*info.metadata, *_marks(info.annotation)) if isinstance(mark, Shown))
    return next((mark.kind for mark in marks), "")


def _marks(annotation: Any) -> Iterator[Any]:
    yield from getattr(annotation, "__metadata__", ())
    for part in get_args(annotation):
        yield from _marks(part)


@cache
def _folded_of(kind: type[BaseModel]) -> tuple[str, ...]:
    fields = kind.model_fields.items()
    return tuple(name for name, info in fields if name != CARRIED_VERSION and _is_folded(info))


@cache
def _areas_of(kind: type[BaseModel]) -> frozenset[str]:
    return frozenset(name for name, info in kind.model_fields.items() if shown(info) == "textarea")


def _is_folded(info: FieldInfo) -> bool:
    """Whether a field is a figure, or a code: a text of which a pattern says how it looks."""
    marks = (*info.metadata, *_marks(info.annotation))
    is_code = any(getattr(mark, "pattern", None) for mark in marks)
    return is_code or int in _leaves(info.annotation)


def _leaves(annotation: Any) -> Iterator[Any]:
    parts = get_args(annotation)
    if not parts:
        yield annotation
    for part in parts:
        yield from _leaves(part)
