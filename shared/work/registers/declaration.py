"""What a register says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import NoneType
from typing import Any, get_args, get_origin
from uuid import UUID

from pydantic.fields import FieldInfo
from sqlalchemy import Boolean, Column, Date, Integer, String, Uuid

from shared.accounts.rights import Right
from shared.orders.input import Input, shown
from shared.projections.columns import sealed
from shared.work.common.sealed import Sealed
from shared.work.common.words import Tier

RESERVED = frozenset({"unit", "above", "record", "running", "version", "reason", "state"})
"""Names that every record has of itself."""

OPEN = "open"
"""The state of a record until one of its endings."""


class NotARegister(ValueError):
    """A declaration that no register can be made of; the message says what to change."""


class NoFields(Input):
    """An ending at which nothing is filled in."""


@dataclass(frozen=True)
class Ending:
    """One way in which a record ends: its order's address, the state after it, and its page in English words."""

    name: str
    state: str
    title: str
    button: str
    says: str
    """What the fact is called on a time line."""

    fields: type[Input] = NoFields
    sample: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Register:
    """Dated records of an office.

    `name` stands in addresses (`/duty-notes`), `topic` in stored names (`duty_note.opened`): both for ever. `entry` has
    the fields, each with a title; long texts are sealed. `title` is the list, `one` a record of it. `write` and `read`
    are rights; `words` are its own lists of words by the name of their enumeration. `sample` fills a form in an example.
    """

    name: str
    topic: str
    entry: type[Input]
    title: str
    one: str
    write: Right
    read: Right
    endings: tuple[Ending, ...]
    sample: Mapping[str, Any]
    states: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tiers: frozenset[Tier] = frozenset(Tier)

    def __post_init__(self) -> None:
        fields = [
            *self.entry.model_fields,
            *(name for end in self.endings for name in end.fields.model_fields),
        ]
        if taken := RESERVED & set(fields):
            raise NotARegister(f"{self.name}: every record has {sorted(taken)} of itself; choose other names")
        if untitled := [name for name in fields if not self.field(name).title]:
            raise NotARegister(f"{self.name}: {untitled} have no title, so a correction would lose them")
        if missing := {OPEN, *(end.state for end in self.endings)} - self.states.keys():
            raise NotARegister(f"{self.name}: the states {sorted(missing)} have no words")

    @property
    def state_kind(self) -> str:
        """The kind of word that its states are."""
        return f"{self.stem}State"

    @property
    def stem(self) -> str:
        """The beginning of the names of its classes: `DutyNote`."""
        return "".join(part.title() for part in self.topic.split("_"))

    def field(self, name: str) -> FieldInfo:
        """A field of a record or of one of its endings."""
        of_ends = [end.fields.model_fields for end in self.endings]
        return next(fields[name] for fields in (self.entry.model_fields, *of_ends) if name in fields)

    @property
    def day_field(self) -> str:
        """The first day of a record, by which its list is ordered; empty when it has none."""
        days = (name for name, info in self.entry.model_fields.items() if kind_of(info) is date)
        return next(days, "")


def is_sealed(info: FieldInfo) -> bool:
    """Whether a field is kept sealed: a long text, which may say anything about anybody."""
    return shown(info) == "textarea"


def kind_of(info: FieldInfo) -> Any:
    """The plain type of a field, without bounds and without `None`."""
    kinds = [part for part in _parts(info.annotation) if part is not NoneType]
    return kinds[0]


def fact_type(info: FieldInfo) -> Any:
    """What a field is in a fact."""
    kind = Sealed if is_sealed(info) else kind_of(info)
    return kind if info.is_required() or not _may_be_none(info) else kind | None


def column_of(name: str, info: FieldInfo) -> Column[Any]:
    """The column that keeps a field."""
    if is_sealed(info):
        return sealed(name)
    kind = kind_of(info)
    column = next((made for of, made in _COLUMNS.items() if issubclass(kind, of)), None)
    if column is None:
        raise NotARegister(f"{name}: there is no column for {kind}")
    return Column(name, column)


_COLUMNS: dict[type, Any] = {
    bool: Boolean,
    int: Integer,
    date: Date,
    UUID: Uuid,
    StrEnum: String,
    str: String,
}


def _parts(annotation: Any) -> list[Any]:
    if get_origin(annotation) is None:
        return [annotation]
    arguments = get_args(annotation)
    if hasattr(annotation, "__metadata__"):
        return _parts(arguments[0])
    return [part for argument in arguments for part in _parts(argument)]


def _may_be_none(info: FieldInfo) -> bool:
    return NoneType in _parts(info.annotation)
