"""The table of a register and what may be asked of it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    MetaData,
    Row,
    Select,
    String,
    Table,
    Uuid,
    and_,
    bindparam,
    case,
    func,
    select,
    true,
)

from shared.database.utc_time import UtcTime
from shared.projections.columns import sealed_of, unit_of, unseen
from shared.projections.listing import ListOrder, part_of
from shared.projections.projection import Projection
from shared.projections.rows import METADATA, Add, Handler, Put, RecordedFact, RowChange
from shared.work.common.fact import UnitId
from shared.work.common.sealed import Sealed
from shared.work.common.stretch import FIRST, Stretch
from shared.work.registers.declaration import OPEN, Counter, Register, column_of, is_sealed, kind_of
from shared.work.registers.facts import Record


@dataclass(frozen=True)
class RecordRow:
    """One record as it is known now; `entry` has its fields and those of its end, `texts` the sealed ones."""

    record: UUID
    unit: UnitId
    running: int | None
    state: str
    version: int
    opened_at: datetime | None
    last_at: datetime
    entry: Mapping[str, Any]
    texts: Mapping[str, Sealed]


@dataclass(frozen=True)
class WantedRecords:
    """Which records: of these units, in this state, those of a counter, with their day in this range; none means any."""

    units: frozenset[UnitId] | None = None
    state: str = ""
    counter: Counter | None = None
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class _Shape:
    """What a question narrows records by: of no units, one or several, and so on; the values come with each question."""

    units: int | None
    state: bool
    counter: str
    first: bool
    last: bool


def _of_units(column: ColumnElement[Any], units: int | None) -> list[ColumnElement[bool]]:
    if units is None:
        return []
    if units == 1:
        return [column == bindparam("unit", type_=column.type)]
    return [column.in_(bindparam("units", type_=column.type, expanding=True))]


class Records:
    """The projection of a register, and the questions to it."""

    def __init__(self, register: Register, record: type[Record], metadata: MetaData = METADATA) -> None:
        self.register = register
        self.names = register.field_names
        self._fields = {name: register.field(name) for name in self.names}
        self._counters = {counter.name: counter for counter in register.counters}
        self.table = Table(
            f"register_{register.topic}",
            metadata,
            Column("record", Uuid, primary_key=True),
            Column("unit", Uuid),
            Column("state", String),
            Column("running", Integer),
            Column("version", Integer),
            Column("entry_version", Integer),
            Column("opened_at", UtcTime),
            Column("last_at", UtcTime),
            unseen("known_at", UtcTime),
            *(column_of(name, info) for name, info in self._fields.items()),
            Index(f"register_{register.topic}_by_unit", "unit", register.day_field, "record"),
            Index(f"register_{register.topic}_by_day", register.day_field, "record"),
            Index(f"register_{register.topic}_by_running", "unit", "running"),
        )
        self.kept = Table(
            f"register_{register.topic}_counts",
            metadata,
            Column("unit", Uuid, primary_key=True),
            Column("state", String, primary_key=True),
            Column("entries", Integer),
        )
        place = self.table.c[register.day_field], self.table.c.record
        self._order = ListOrder(place, place, descending=True)
        handlers = self._handlers(record)
        self.projection = Projection(
            f"register_{register.topic}", (self.table, self.kept), handlers, rules=(self._declared,)
        )

    def _declared(self) -> str:
        """What the declaration says of the rows: with other states they are made anew."""
        ends = {ending.name: ending.state for ending in self.register.endings}
        return f"{self.register.topic} {ends}"

    def _handlers(self, record: type[Record]) -> dict[str, Handler]:
        entered = dict.fromkeys((record.CHANGED.TOPIC, record.CORRECTED.TOPIC), self._entry)
        return {record.OPENED.TOPIC: self._opened, **entered} | {
            fact.TOPIC: self._ender(fact.STATE) for fact in record.ENDINGS.values()
        }

    def _opened(self, fact: RecordedFact) -> Iterable[RowChange]:
        yield self._put(fact, opened_at=fact.envelope.recorded, running=fact.data["running"])
        yield self._state(fact, OPEN)
        yield self._counted_in(fact, OPEN)
        yield from self._entry(fact)

    def _entry(self, fact: RecordedFact) -> Iterable[RowChange]:
        yield self._touch(fact)
        values = self._values(fact, self.register.entry.model_fields)
        yield self._put(fact, "entry_version", **values)

    def _ender(self, state: str) -> Handler:
        def ended(fact: RecordedFact) -> Iterable[RowChange]:
            yield self._touch(fact)
            yield self._state(fact, state)
            yield self._counted_in(fact, OPEN, -1)
            yield self._counted_in(fact, state)
            yield self._put(fact, **self._values(fact, fact.data.keys() & self._fields.keys()))

        return ended

    def _touch(self, fact: RecordedFact) -> Put:
        at = fact.envelope.recorded
        return self._put(fact, "version", last_at=at, known_at=fact.arrived or at)

    def _state(self, fact: RecordedFact, state: str) -> Put:
        """An end has no way back, so an opening that arrives after it changes nothing."""
        return self._put(fact, **({"state": state} if state != OPEN else {}))

    def _counted_in(self, fact: RecordedFact, state: str, more: int = 1) -> Add:
        """Each record is opened once and ended once at most, so its state's count needs no look at the row."""
        return Add(self.kept, {"unit": fact.envelope.unit, "state": state}, {"entries": more})

    def _put(self, fact: RecordedFact, newest: str | None = None, **values: Any) -> Put:
        guard = {newest: fact.envelope.stream_version} if newest else {}
        key = {"record": fact.envelope.stream}
        return Put(self.table, key, {"unit": fact.envelope.unit, **values, **guard}, newest)

    def _values(self, fact: RecordedFact, names: Collection[str]) -> dict[str, Any]:
        return {name: self._value(name, fact.data[name]) for name in names}

    def _value(self, name: str, stored: Any) -> Any:
        info = self._fields[name]
        if stored is None or is_sealed(info):
            return stored
        if kind_of(info) is UUID:
            return unit_of(stored)
        return date.fromisoformat(stored) if kind_of(info) is date else stored

    def records(
        self, connection: Connection, wanted: WantedRecords, *, stretch: Stretch = FIRST
    ) -> list[RecordRow]:
        """Records, the newest day first."""
        question = self._lines(self._shape(wanted))
        rows = part_of(connection, question, self._order, stretch, self._values_of(wanted))
        return [self._row(row) for row in rows]

    def count(self, connection: Connection, wanted: WantedRecords) -> int:
        """How many records `records` can list; kept unless days or a counter narrow them."""
        shape = self._shape(wanted)
        kept = not (wanted.counter or wanted.first or wanted.last)
        question = self._kept(shape) if kept else self._number_of(shape)
        return connection.scalar(question, self._values_of(wanted)) or 0

    def figures(self, connection: Connection, wanted: WantedRecords) -> dict[UnitId, dict[str, int]]:
        """What each unit's records make of every counter; a unit of which there is no such record is absent."""
        names = [counter.name for counter in self.register.counters]
        rows = connection.execute(self._figures(self._shape(wanted)), self._values_of(wanted))
        return {unit: dict(zip(names, map(int, counted), strict=True)) for unit, *counted in rows}

    def find(self, connection: Connection, record: UUID) -> RecordRow | None:
        """One record; none when this node does not know it."""
        row = connection.execute(select(self.table).where(self.table.c.record == record)).one_or_none()
        return self._row(row) if row else None

    def next_running(self, connection: Connection, unit: UnitId) -> int:
        """The running number that the unit's next entry gets, counted from 1."""
        highest = select(func.max(self.table.c.running)).where(self.table.c.unit == unit)
        return (connection.scalar(highest) or 0) + 1

    def made_keys(self, connection: Connection, record: UUID, units: set[UUID]) -> bool:
        """Whether one of the units entered the record: it made its keys, and may ask for them back."""
        query = select(self.table.c.unit).where(self.table.c.record == record)
        return connection.scalar(query) in units

    @cache  # noqa: B019 - there are as many of these as registers, for as long as the program runs
    def _lines(self, shape: _Shape) -> Select[Any]:
        return self._narrowed(select(self.table), shape)

    @cache  # noqa: B019
    def _number_of(self, shape: _Shape) -> Select[Any]:
        return self._narrowed(select(func.count()).select_from(self.table), shape)

    @cache  # noqa: B019
    def _kept(self, shape: _Shape) -> Select[Any]:
        kept = self.kept.c
        query = select(func.sum(kept.entries)).where(*_of_units(kept.unit, shape.units))
        return query.where(kept.state == bindparam("state")) if shape.state else query

    @cache  # noqa: B019
    def _figures(self, shape: _Shape) -> Select[Any]:
        numbers = [
            self._number(counter).label(f"counted_{counter.name}") for counter in self.register.counters
        ]
        return self._narrowed(select(self.table.c.unit, *numbers), shape).group_by(self.table.c.unit)

    def _shape(self, wanted: WantedRecords) -> _Shape:
        units = None if wanted.units is None else min(len(wanted.units), 2)
        first, last = wanted.first is not None, wanted.last is not None
        counter = wanted.counter.name if wanted.counter else ""
        return _Shape(units, bool(wanted.state), counter, first, last)

    def _values_of(self, wanted: WantedRecords) -> dict[str, Any]:
        units = list(wanted.units or ())
        days = {"first": wanted.first, "last": wanted.last}
        return {"units": units, "unit": units[0] if units else None, "state": wanted.state, **days}

    def _narrowed(self, query: Select[Any], shape: _Shape) -> Select[Any]:
        columns = self.table.c
        query = query.where(*_of_units(columns.unit, shape.units))
        if shape.state:
            query = query.where(func.coalesce(columns.state, OPEN) == bindparam("state"))
        if shape.counter:
            query = query.where(self._counted(self._counters[shape.counter]))
        day = columns[self.register.day_field]
        query = query.where(day >= bindparam("first", type_=day.type)) if shape.first else query
        return query.where(day <= bindparam("last", type_=day.type)) if shape.last else query

    def _number(self, counter: Counter) -> ColumnElement[int]:
        amount = self.table.c[counter.total] if counter.total else 1
        return func.coalesce(func.sum(case((self._counted(counter), amount), else_=0)), 0)

    def _counted(self, counter: Counter) -> ColumnElement[bool]:
        """Whether a record is one of those that make a figure: the same for the figure and for its list."""
        columns = self.table.c
        state = {"state": func.coalesce(columns.state, OPEN)}
        has = [state.get(name, columns[name]) == word for name, word in counter.where.items()]
        return and_(true(), *has, *(self._is_given(name) for name in counter.filled))

    def _is_given(self, name: str) -> ColumnElement[bool]:
        """Whether a field is filled in; a line that was left empty is kept as an empty text."""
        column = self.table.c[name]
        return column != "" if isinstance(column.type, String) else column.is_not(None)

    def _row(self, row: Row[Any]) -> RecordRow:
        shown = row._mapping
        sealed = {name for name, info in self._fields.items() if is_sealed(info)}
        return RecordRow(
            record=row.record,
            unit=row.unit,
            running=row.running,
            state=row.state or OPEN,
            version=row.version or 1,
            opened_at=row.opened_at,
            last_at=row.last_at,
            entry={name: shown[name] for name in self._fields if name not in sealed},
            texts={name: text for name in sealed if (text := sealed_of(shown[name]))},
        )
