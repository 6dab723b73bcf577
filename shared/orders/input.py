"""What every order's input has in common: texts that arrived whole, days that can be, lengths."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, get_args
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    field_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

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
    return text


def _as_written(value: Any) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and _DAY.fullmatch(value.strip()):
        return value.strip()
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
"""A day as people write it; a number of seconds is not one."""

Moment = Annotated[AwareDatetime, AfterValidator(_possible_moment)]
"""A moment with its zone."""


@dataclass(frozen=True)
class Shown:
    """How a field looks on a form, where its type alone does not tell: `textarea`, `units`, `nodes`, or `hidden`."""

    kind: str


Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000), Shown("textarea")]
OfficeId = Annotated[UUID, Shown("units")]
"""An office, chosen from the list of those that a matter may go to."""

NodeName = Annotated[str, StringConstraints(min_length=1, max_length=200), Shown("nodes")]
"""A computer of the network, chosen from the list."""

Carried = Annotated[UUID, Shown("hidden")]
"""An id that the page before knew and the form carries along."""

MaybeCarried = Annotated[UUID | None, Shown("hidden")]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]
MaybeLine = Annotated[str, StringConstraints(max_length=200)]


class Input(BaseModel):
    """Input of which every text arrived whole; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    @field_validator("*")
    @classmethod
    def _arrived_whole(cls, value: Any) -> Any:
        return readable(value) if isinstance(value, str) else value


def shown(info: FieldInfo) -> str:
    """How a field looks, where it says so itself; empty where its type tells."""
    marks = (mark for mark in (*info.metadata, *_marks(info.annotation)) if isinstance(mark, Shown))
    return next((mark.kind for mark in marks), "")


def _marks(annotation: Any) -> Iterator[Any]:
    yield from getattr(annotation, "__metadata__", ())
    for part in get_args(annotation):
        yield from _marks(part)
