"""Streams and facts of a register, made from its declaration."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from eventsourcing.utils import register_topic

from shared.work.common.authority import Statement
from shared.work.common.calendar import day_of
from shared.work.common.days_ahead import require_within_a_year
from shared.work.common.fact import Fact, FirstFact, Stream, UnitId, derived_id
from shared.work.common.refusals import Kind, Refusal
from shared.work.common.sealed import Sealed
from shared.work.common.sentences import N_
from shared.work.registers.declaration import OPEN, Ending, Register, fact_type

OPENED, CHANGED, CORRECTED = N_("Entered"), N_("Changed"), N_("Entry corrected")


class RecordHasEnded(Refusal):
    """The record is closed; only what was mistyped can still be put right."""

    code = "record-has-ended"
    sentence = "This entry is closed. Correct what was mistyped, or make a new entry."


class BeforeItsDay(Refusal):
    """What happened on a day is recorded before that day."""

    code = "before-its-day"
    sentence = "%(day)s has not come yet. Record what happened on a day once that day is there."
    kind = Kind.WRONG_INPUT


class RecordFact(Fact):
    """A fact of a record; `above` is the office over it, which may read its texts."""

    KEYS_FOR = ("above",)

    above: UnitId | None

    def concerns(self) -> UUID:
        return self.originator_id


class Opened(FirstFact, RecordFact):
    """A record was entered; `running` counts the entries of the office from 1."""

    running: int
    RECORD: ClassVar[type["Record"]]

    @classmethod
    def stream_of(cls, said: Statement) -> UUID:
        return cls.RECORD.id_for(said.unit, said.incarnation, said.data["running"])

    def apply(self, aggregate: "Record") -> None:
        aggregate.unit, aggregate.above = self.unit, self.above
        aggregate.day = getattr(self, aggregate.DAY)


class Changed(RecordFact):
    """What is planned or known has changed."""

    def apply(self, aggregate: "Record") -> None:
        aggregate.above = self.above
        aggregate.day = getattr(self, aggregate.DAY)


class Corrected(RecordFact):
    """The record was mistyped; the old words stay in the log."""

    reason: Sealed

    def apply(self, aggregate: "Record") -> None:
        aggregate.above = self.above
        aggregate.day = getattr(self, aggregate.DAY)


class Ended(RecordFact):
    """The record came to one of its ends."""

    STATE: ClassVar[str]

    def apply(self, aggregate: "Record") -> None:
        aggregate.state = self.STATE


class Record(Stream):
    """One record of a register, written by the office whose it is.

    `DAY` is the field that dates it, `PLANNED` says whether it may be entered for a day to come, `FORESEEN` are the
    endings that may come before its day.
    """

    DAY: ClassVar[str]
    PLANNED: ClassVar[bool]
    FORESEEN: ClassVar[frozenset[str]]
    OPENED: ClassVar[type[Opened]]
    CHANGED: ClassVar[type[Changed]]
    CORRECTED: ClassVar[type[Corrected]]
    ENDINGS: ClassVar[Mapping[str, type[Ended]]]

    def __init__(self) -> None:
        super().__init__()
        self.above: UnitId | None = None
        self.state = OPEN
        self.day: date

    @classmethod
    def id_for(cls, unit: UnitId, incarnation: int, running: int) -> UUID:
        """The id that makes a running number usable once; after a restore it is not known which were given."""
        return derived_id(cls.STREAM, unit, incarnation, running)

    @classmethod
    def open(
        cls,
        *,
        id: UUID,
        unit: UnitId,
        above: UnitId | None,
        running: int,
        entry: Mapping[str, Any],
        at: datetime,
    ) -> "Record":
        """Enter a record under an id of `id_for`; `entry` has its fields, long texts sealed.

        Errors: BeforeItsDay, FurtherThanAYear.
        """
        cls._require_day(entry[cls.DAY], at, planned=cls.PLANNED)
        return cls._create(cls.OPENED, id=id, unit=unit, above=above, running=running, timestamp=at, **entry)

    def change(self, *, entry: Mapping[str, Any], at: datetime) -> None:
        """Say what has changed. Errors: RecordHasEnded, BeforeItsDay, FurtherThanAYear."""
        self._require_open()
        self._require_day(entry[self.DAY], at, planned=self.PLANNED)
        self.record(self.CHANGED, above=self.above, at=at, **entry)

    def correct(self, *, entry: Mapping[str, Any], reason: Sealed, at: datetime) -> None:
        """Put right what was mistyped, also after the end. Errors: BeforeItsDay, FurtherThanAYear."""
        is_ahead = self.PLANNED and (self.state == OPEN or self.state in self.FORESEEN)
        self._require_day(entry[self.DAY], at, planned=is_ahead)
        self.record(self.CORRECTED, above=self.above, reason=reason, at=at, **entry)

    def end(self, name: str, *, fields: Mapping[str, Any], at: datetime) -> None:
        """Bring the record to the end of that name. Errors: RecordHasEnded, BeforeItsDay."""
        self._require_open()
        if self.day > day_of(at) and self.ENDINGS[name].STATE not in self.FORESEEN:
            raise BeforeItsDay(day=self.day.isoformat())
        self.record(self.ENDINGS[name], above=self.above, at=at, **fields)

    @classmethod
    def _require_day(cls, day: date, at: datetime, *, planned: bool) -> None:
        if day > day_of(at) and not planned:
            raise BeforeItsDay(day=day.isoformat(), field=cls.DAY)
        require_within_a_year(day, day_of(at), unless=None, field=cls.DAY)

    def _require_open(self) -> None:
        if self.state != OPEN:
            raise RecordHasEnded()


def record_class(register: Register) -> type[Record]:
    """The stream of a register with its facts."""
    # Its own __init__: the library makes a dataclass of a class without one, which would set nothing.
    named = {"STREAM": register.topic, "__init__": lambda self: Record.__init__(self)}
    meta: Any = type(Record)
    made: type[Record] = _known(register, meta(f"{register.stem}Record", (Record,), named))
    made.DAY, made.PLANNED = register.day_field, register.planned
    made.FORESEEN = frozenset(end.state for end in register.endings if end.foreseen)
    # Set afterwards: the library makes classes of its own of the event classes that stand in an aggregate's body.
    entry = {name: fact_type(info) for name, info in register.entry.model_fields.items()}
    made.OPENED = _fact(register, Opened, "opened", OPENED, entry)
    made.OPENED.RECORD = made
    made.CHANGED = _fact(register, Changed, "changed", CHANGED, entry)
    made.CORRECTED = _fact(register, Corrected, "corrected", CORRECTED, entry)
    made.ENDINGS = {end.name: _ended(register, end) for end in register.endings}
    return made


def _ended(register: Register, end: Ending) -> type[Ended]:
    fields = {name: fact_type(info) for name, info in end.fields.model_fields.items()}
    return _fact(register, Ended, end.state, end.says, fields, STATE=end.state)


def facts_of(record: type[Record]) -> tuple[type[Fact], ...]:
    """Every fact that a register records."""
    return (record.OPENED, record.CHANGED, record.CORRECTED, *record.ENDINGS.values())


def _fact(
    register: Register, base: type[Any], what: str, says: str, fields: Mapping[str, Any], **more: Any
) -> type[Any]:
    meta: Any = type(base)
    named = {"TOPIC": f"{register.topic}.{what}", "SAYS": says, "__annotations__": dict(fields)}
    name = register.stem + "".join(part.title() for part in what.split("_"))
    return _known(register, meta(name, (base,), {**named, "__doc__": base.__doc__, **more}))


def _known(register: Register, made: type[Any]) -> type[Any]:
    """The class under a name by which the library finds it again."""
    made.__module__ = register.entry.__module__
    register_topic(f"{made.__module__}:{made.__qualname__}", made)
    return made
