"""The directory of units: which there are, what they belong to, who goes on with their work, and which node keeps which.

Facts of the county's log; they reach every node by the wire.
"""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, ClassVar

from shared.work.common.authority import Evidence, Speaker, Statement
from shared.work.common.fact import Fact, FirstFact, Stream, UnitId
from shared.work.common.refusals import Kind, Refusal
from shared.work.common.words import UnitKind

_CODE = re.compile(r"[0-9]{12}")


class UnitIsClosed(Refusal):
    """The unit has been closed."""

    code = "unit-is-closed"
    sentence = "This unit has been closed since %(day)s; it can no longer be changed."


class UnitIsOpen(Refusal):
    """What is open cannot be opened again."""

    code = "unit-is-open"
    sentence = "%(name)s is open. Only an office that was closed can be reopened."


class NamelessUnit(Refusal):
    """A unit needs a name and a 12-digit code."""

    code = "nameless-unit"
    sentence = "A unit needs a name and a code of 12 digits."
    kind = Kind.WRONG_INPUT


@dataclass(frozen=True)
class UnitEntry:
    """What the directory says of a unit from `since` on.

    `mark` is the register mark, fixed for ever; `node` keeps the unit; `contact` is the office's
    telephone as printed on receipts, empty when none is known.
    """

    code: str
    mark: str
    name: str
    name_en: str
    kind: UnitKind
    parent: UnitId | None
    node: str
    contact: str
    since: date


class UnitFact(Fact):
    """The directory's new entry for a unit, whole, so that it can be shown as of any day."""

    SAID_BY = Speaker.COUNTY

    entry: UnitEntry

    @classmethod
    def require_theirs(cls, said: Statement, known: Evidence) -> None:
        """In their order: who hears of a unit for the first time hears what was said before, first. Errors: Waits."""
        if said.version > 1:
            known.require_unit(said.stream, said.version - 1)

    def apply(self, aggregate: "Unit") -> None:
        aggregate.unit = self.unit
        aggregate.entry = self.entry


class Opened(FirstFact, UnitFact):
    """A unit began to exist."""

    TOPIC = "unit.opened"


class Renamed(UnitFact):
    """A unit's name or code changed."""

    TOPIC = "unit.renamed"


class Rehosted(UnitFact):
    """Another node keeps the unit from now on."""

    TOPIC = "unit.rehosted"


class BeganAnew(UnitFact):
    """The unit's node begins without what the one before it has, which cannot be reached; `reason` is the county's."""

    TOPIC = "unit.began_anew"

    reason: str


class ContactSet(UnitFact):
    """The office's telephone changed."""

    TOPIC = "unit.contact_set"


class Moved(UnitFact):
    """The unit belongs to another office from now on: a new parent and a code that fits it."""

    TOPIC = "unit.moved"


class Closed(UnitFact):
    """The unit does not exist any more; its past stays.

    `successor` goes on with its work and keeps its records from now on; none: nobody has to. It is recorded again, with the
    same day, when a successor is named later or its records go to another node. Until version 1 nobody was named.
    """

    TOPIC = "unit.closed"
    class_version = 2

    successor: UnitId | None

    @staticmethod
    def upcast_v1_v2(data: dict[str, Any]) -> None:
        """A unit without a successor."""
        data["successor"] = None

    def apply(self, aggregate: "Unit") -> None:
        super().apply(aggregate)
        aggregate.closed_on = self.entry.since
        aggregate.successor = self.successor


class Reopened(UnitFact):
    """The unit was closed by mistake and exists again, under its own register mark."""

    TOPIC = "unit.reopened"

    def apply(self, aggregate: "Unit") -> None:
        super().apply(aggregate)
        aggregate.closed_on = aggregate.successor = None


class Unit(Stream):
    """One office in the directory."""

    STREAM: ClassVar[str] = "unit"
    STAYS = True

    def __init__(self) -> None:
        super().__init__()
        self.entry: UnitEntry
        self.closed_on: date | None = None
        self.successor: UnitId | None = None

    @classmethod
    def open(cls, *, unit_id: UnitId, county: UnitId, entry: UnitEntry, at: datetime) -> "Unit":
        """Add a unit. Errors: NamelessUnit."""
        _check_entry(entry)
        return cls._create(Opened, id=unit_id, unit=county, entry=entry, timestamp=at)

    def rename(self, *, name: str, name_en: str, code: str, since: date, at: datetime) -> None:
        """Give a unit a new name or code; its register mark stays. Errors: UnitIsClosed, NamelessUnit."""
        self._change(Renamed, at, name=name, name_en=name_en, code=code, since=since)

    def rehost(self, *, node: str, since: date, at: datetime) -> None:
        """Let another node keep the unit. Errors: UnitIsClosed."""
        self._change(Rehosted, at, node=node, since=since)

    def begin_anew(self, *, reason: str, since: date, at: datetime) -> None:
        """Let the unit's node begin without what the one before it has. Errors: UnitIsClosed."""
        self._require_open()
        self.record(BeganAnew, entry=replace(self.entry, since=since), reason=reason, at=at)

    def set_contact(self, *, contact: str, since: date, at: datetime) -> None:
        """Change the office's telephone. Errors: UnitIsClosed."""
        self._change(ContactSet, at, contact=contact, since=since)

    def move(self, *, parent: UnitId, code: str, node: str, since: date, at: datetime) -> None:
        """Let the unit belong to another one; its register mark stays. Errors: UnitIsClosed, NamelessUnit."""
        self._change(Moved, at, parent=parent, code=code, node=node, since=since)

    def close(
        self, *, since: date, at: datetime, successor: UnitId | None = None, node: str | None = None
    ) -> None:
        """End a unit; `since` is the last day for which it owes a report, `node` keeps its records from now on.

        One that was closed without a successor may be given one later. Errors: UnitIsClosed.
        """
        if self.closed_on is not None and (successor is None or self.successor is not None):
            raise UnitIsClosed(day=self.closed_on.isoformat())
        self._close(successor, self.closed_on or since, node or self.entry.node, at)

    def follow(self, *, node: str, at: datetime) -> None:
        """Its records go with those of its successor. Errors: UnitIsOpen."""
        self._close(self.successor, self._closed_day(), node, at)

    def reopen(self, *, code: str, since: date, at: datetime) -> None:
        """Undo a closing: the unit exists again from `since` on. Errors: UnitIsOpen, NamelessUnit."""
        self._closed_day()
        self._record(Reopened, at, code=code, since=since)

    def _closed_day(self) -> date:
        if self.closed_on is None:
            raise UnitIsOpen(name=self.entry.name)
        return self.closed_on

    def _close(self, successor: UnitId | None, since: date, node: str, at: datetime) -> None:
        entry = replace(self.entry, since=since, node=node)
        self.record(Closed, entry=entry, successor=successor, at=at)

    def _require_open(self) -> None:
        if self.closed_on is not None:
            raise UnitIsClosed(day=self.closed_on.isoformat())

    def _change(self, fact: type[UnitFact], at: datetime, **changed: Any) -> None:
        self._require_open()
        self._record(fact, at, **changed)

    def _record(self, fact: type[UnitFact], at: datetime, **changed: Any) -> None:
        entry = replace(self.entry, **changed)
        _check_entry(entry)
        self.record(fact, entry=entry, at=at)


def _check_entry(entry: UnitEntry) -> None:
    if not entry.name.strip() or not _CODE.fullmatch(entry.code):
        raise NamelessUnit()
