"""What a register says of itself."""

from collections.abc import Iterator, Mapping
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

RESERVED = frozenset(
    {"unit", "above", "record", "running", "version", "reason", "state"}
    | {"entry_version", "opened_at", "last_at", "known_at"}
)
"""Names that every record has of itself."""

OWN_FACTS = frozenset({"opened", "changed", "corrected"})
"""What is recorded of every record under its topic; an ending is recorded there under its state."""

OWN_PAGES = frozenset({"new", "change", "correct", "figures"})
"""Pages that every register has of itself below its address."""

OPEN = "open"
"""The state of a record until one of its endings."""


class NotARegister(ValueError):
    """A declaration that no register can be made of; the message says what to change."""


class NoFields(Input):
    """An ending at which nothing is filled in."""


@dataclass(frozen=True)
class Ending:
    """One way in which a record ends: its order's address, the state after it, and its page in English words.

    One that is `foreseen` may be recorded before the day of the record; any other tells what happened on it.
    """

    name: str
    state: str
    title: str
    button: str
    says: str
    """What the fact is called on a time line."""

    fields: type[Input] = NoFields
    sample: Mapping[str, Any] = field(default_factory=dict)
    foreseen: bool = False


@dataclass(frozen=True)
class Counter:
    """A figure of a register: how many records of a span of days there are, counted for offices and never for people.

    `where` says which: a field to the word, yes or no that it has, and `state` to the state. `given` names a field that
    is filled in, and `total` a whole number that is added up instead of counting records. `title` heads its column.
    """

    name: str
    title: str
    where: Mapping[str, str | bool] = field(default_factory=dict)
    given: str = ""
    total: str = ""

    @property
    def filled(self) -> tuple[str, ...]:
        """Fields that a record has to have something in."""
        return tuple(name for name in (self.given, self.total) if name)


@dataclass(frozen=True)
class Paper:
    """A page to print of one record: `name` stands in its address, `signatures` are who signs, a line for each.

    `fields` are those of a paper for the public, which names nobody who recorded it; without them it has everything.
    `states` are those in which it can be printed; without them it is any.
    """

    name: str
    title: str
    signatures: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    states: tuple[str, ...] = ()

    def fits(self, state: str) -> bool:
        """Whether a record in this state has such a paper."""
        return not self.states or state in self.states


@dataclass(frozen=True)
class Register:
    """Dated records of an office: the first day that every entry has dates it.

    `name` stands in addresses (`/duty-notes`), `topic` in stored names (`duty_note.opened`): both for ever. `entry` has
    the fields, each with a title; long texts are sealed. `title` is the list, `one` a record of it. `write` and `read`
    are rights; `words` are its own lists of words by the name of their enumeration. `sample` fills a form in an example.
    `counters` are its figures of a span of days, `papers` what is printed of a record. Entries of one that is `planned` are
    made for days to come, all others once their day is there. Errors: NotARegister.
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
    counters: tuple[Counter, ...] = ()
    papers: tuple[Paper, ...] = ()
    planned: bool = False

    def __post_init__(self) -> None:
        for gap in _gaps(self):
            raise NotARegister(f"{self.name}: {gap}")

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
    def field_names(self) -> list[str]:
        """The fields of a record and of its endings, each once."""
        ends = [name for end in self.endings for name in end.fields.model_fields]
        return list(dict.fromkeys([*self.entry.model_fields, *ends]))

    @property
    def day_field(self) -> str:
        """The first day of a record, by which its list is ordered and its figures are counted; empty without one."""
        fields = self.entry.model_fields.items()
        return next((name for name, info in fields if kind_of(info) is date and info.is_required()), "")

    @property
    def listed(self) -> list[str]:
        """The fields that a list has room for: those of an entry, and what a figure adds up; no sealed texts."""
        wanted = [*self.entry.model_fields, *(name for counter in self.counters for name in counter.filled)]
        return [name for name in dict.fromkeys(wanted) if not is_sealed(self.field(name))]

    def counter(self, name: str) -> Counter | None:
        """The counter of that name; none when there is no such."""
        return next((counter for counter in self.counters if counter.name == name), None)


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


def _gaps(register: Register) -> Iterator[str]:
    """What keeps a declaration from being a register, each in words."""
    yield from _gaps_of_fields(register)
    yield from _gaps_of_endings(register)
    for counter in register.counters:
        yield from _gaps_of_counter(register, counter)
    for paper in register.papers:
        if unknown := {*paper.fields} - {*register.field_names} | {*paper.states} - register.states.keys():
            yield f"{paper.name} is printed of {sorted(unknown)}, which no record has"
    pages = [*OWN_PAGES, *(end.name for end in register.endings), *(one.name for one in register.papers)]
    yield from _twice("page", pages)
    yield from _twice("counter", [counter.name for counter in register.counters])
    for named in (*register.counters, *register.papers):
        if not named.title:
            yield f"{named.name} has no title"


def _gaps_of_fields(register: Register) -> Iterator[str]:
    if taken := RESERVED & set(register.field_names):
        yield f"every record has {sorted(taken)} of itself; choose other names"
    if untitled := [name for name in register.field_names if not register.field(name).title]:
        yield f"{untitled} have no title, so a correction would lose them"
    if not register.day_field:
        yield "an entry has no day that is always given"
    for end in register.endings:
        for name, info in end.fields.model_fields.items():
            if fact_type(info) != fact_type(register.field(name)):
                yield f"{name} is one thing in the entry and another after {end.name}"


def _gaps_of_endings(register: Register) -> Iterator[str]:
    states = [end.state for end in register.endings]
    yield from _twice("state", [OPEN, *OWN_FACTS, *states])
    if missing := {OPEN, *states} - register.states.keys():
        yield f"the states {sorted(missing)} have no words"


def _gaps_of_counter(register: Register, counter: Counter) -> Iterator[str]:
    known = {*register.field_names, "state"}
    if unknown := {*counter.where, *counter.filled} - known:
        yield f"{counter.name} counts by {sorted(unknown)}, which no record has"
        return
    for name, word in counter.where.items():
        if word not in _words_of(register, name):
            yield f"{counter.name} counts {name} {word!r}, which is none of its words"
    if counter.total and kind_of(register.field(counter.total)) is not int:
        yield f"{counter.name} adds up {counter.total}, which is no whole number"


def _words_of(register: Register, name: str) -> list[Any]:
    """What a field can be that records are counted by: the words of the state or of an enumeration, yes and no."""
    if name == "state":
        return [*register.states]
    kind = kind_of(register.field(name))
    return [True, False] if kind is bool else [*kind] if issubclass(kind, StrEnum) else []


def _twice(what: str, names: list[str]) -> Iterator[str]:
    if again := sorted({name for name in names if names.count(name) > 1}):
        yield f"the {what} {again} stands twice"
