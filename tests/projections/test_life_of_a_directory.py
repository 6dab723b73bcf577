"""Made-up lives of a directory: the county changes it at work, and every node hears of that as late as you like."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Connection, Table, select

from shared.envelope import Envelope
from shared.orders.order import Setting
from shared.projections.rows import RecordedFact
from shared.work.common.actor import Actor
from shared.work.common.calendar import Calendar
from shared.work.common.refusals import UnknownUnit
from shared.work.common.unit_tree import Directory
from shared.work.common.words import DayStatus, UnitKind
from shared.work.directory.questions import ABOVE_EVER, HOSTINGS, LIVES, UNITS, directory
from shared.work.directory.unit import Unit, UnitEntry, UnitIsClosed
from shared.work.matters.case import Case
from shared.work.reports.questions.reporting_obligations import OBLIGATIONS, units_on
from shared.work.reports.questions.sheets import sheet
from tests.parts.lives import lives
from tests.projections.world import Reader, Source, replay, tables_in_memory
from tests.work.reporting import file
from tests.work.scene import content, text, unit_id

COUNTY_NODE, TOWN_NODE = "county", "town-100"
VILLAGE_NODES = ("villages-100", "village-100-201")
COUNTY, TOWN = unit_id("county"), unit_id("town a")
FIRST = date(2026, 3, 2)
CUT_OFFS = dict.fromkeys(("village", "township", "county"), time(17))
DIRECTORY_TABLES: tuple[Table, ...] = (UNITS, HOSTINGS, ABOVE_EVER, LIVES, OBLIGATIONS)
numbers = st.integers(0, 1_000)
village_nodes = st.sampled_from(VILLAGE_NODES)


ENGINES = {node: tables_in_memory() for node in (COUNTY_NODE, TOWN_NODE, *VILLAGE_NODES)}


@dataclass
class Holder:
    """One node: what it recorded, what it knows, and its living picture of the directory."""

    name: str
    connection: Connection
    directory: Directory = field(default_factory=Directory)
    known: list[RecordedFact] = field(default_factory=list[RecordedFact])
    heard: dict[str, int] = field(default_factory=dict[str, int])

    def __post_init__(self) -> None:
        self.source = Source(self.name)
        self.reader = Reader(self.connection, own=frozenset({self.name}))

    def take(self, fact: Envelope) -> None:
        """Come to know a fact, own or not, as a node does: its lists and its picture together."""
        self.reader.take([fact])
        happening = self.reader.happening(fact)
        self.known.append(happening)
        self.heard[fact.source] = self.heard.get(fact.source, 0) + 1
        if fact.kind == "unit":
            self.directory = self.directory.with_unit(
                fact.stream, fact.name, happening.data, fact.stream_version
            )

    def record(self, stream: Any) -> None:
        for fact in self.source.keep(stream):
            self.take(fact)

    def setting(self) -> Setting:
        """What an order that is given here sees."""
        actor = Actor(account="clerk", unit=TOWN, role="information_officer", name="clerk")
        return Setting(
            actor, self.directory, Calendar({}), lambda unit: True, lambda unit, record: False, incarnation=1
        )

    def rows(self) -> list[list[tuple[Any, ...]]]:
        """The tables of the directory."""
        found = [self.connection.execute(select(table)).all() for table in DIRECTORY_TABLES]
        return [sorted((tuple(row) for row in rows), key=str) for rows in found]


class LifeOfADirectory(RuleBasedStateMachine):
    """A county, a township, and its villages, which open, change their names and nodes, and close."""

    @initialize()
    def begin(self) -> None:
        self.nodes = {name: Holder(name, engine.connect()) for name, engine in ENGINES.items()}
        self.county = self.nodes[COUNTY_NODE]
        self.day = FIRST
        self.units: list[Unit] = []
        self.opened = 0
        self.reported: dict[UUID, set[date]] = {}
        for unit, kind, parent, node in (
            (COUNTY, UnitKind.COUNTY, None, COUNTY_NODE),
            (TOWN, UnitKind.TOWNSHIP, COUNTY, TOWN_NODE),
        ):
            self._open(unit, kind, parent, node)

    def now(self) -> datetime:
        return datetime.combine(self.day, time(1), UTC)

    def _open(self, unit: UUID, kind: UnitKind, parent: UUID | None, node: str) -> Unit:
        self.opened += 1
        code = f"430321100{self.opened:03d}"
        entry = UnitEntry(code, code[6:], f"unit {code}", "", kind, parent, node, "", self.day)
        made = Unit.open(unit_id=unit, county=COUNTY, entry=entry, at=self.now())
        self.county.record(made)
        return made

    @rule(node=village_nodes)
    def open(self, node: str) -> None:
        self.units.append(self._open(unit_id(f"village {self.opened}"), UnitKind.VILLAGE, TOWN, node))

    @precondition(lambda self: self.units)
    @rule(which=numbers, node=village_nodes, change=st.sampled_from(["rename", "rehost", "contact", "close"]))
    def change(self, which: int, node: str, change: str) -> None:
        unit = self.units[which % len(self.units)]
        dated: dict[str, Any] = {"since": self.day, "at": self.now()}
        code = f"430321100{which % 1_000:03d}"
        orders = {
            "rename": lambda: unit.rename(name=f"name {which}", name_en="", code=code, **dated),
            "rehost": lambda: unit.rehost(node=node, **dated),
            "contact": lambda: unit.set_contact(contact=str(which), **dated),
            "close": lambda: unit.close(**dated),
        }
        if unit.closed_on is not None:
            with pytest.raises(UnitIsClosed):
                orders[change]()
        else:
            orders[change]()
            self.county.record(unit)

    @precondition(lambda self: self.units)
    @rule(which=numbers, node=village_nodes)
    def report(self, which: int, node: str) -> None:
        unit, holder = self.units[which % len(self.units)].id, self.nodes[node]
        if self._is_open_for(holder, unit) and self.day not in self.reported.setdefault(unit, set()):
            self.reported[unit].add(self.day)
            holder.record(file(unit=unit, day=self.day, today=self.day, at=self.now()))

    @precondition(lambda self: self.units)
    @rule(which=numbers, node=village_nodes)
    def register(self, which: int, node: str) -> None:
        unit, holder = self.units[which % len(self.units)].id, self.nodes[node]
        if self._is_open_for(holder, unit):
            number = len(holder.source.written) + 1 + 1_000 * VILLAGE_NODES.index(node)
            holder.record(
                Case.register(
                    unit=unit,
                    mark="100201",
                    year=2026,
                    register_no=number,
                    content=content(),
                    query_check=f"check-{number}",
                    query_code=text(unit, "query_code"),
                    today=date(2027, 1, 1),
                    at=self.now(),
                )
            )

    def _is_open_for(self, holder: Holder, unit: UUID) -> bool:
        """Whether an order about a unit is taken: as long as this node has not heard that it was closed."""
        names = [fact.name for fact in self._directory_known_to(holder) if fact.stream == unit]
        if names and "unit.closed" not in names:
            return holder.setting().open_unit(unit).unit == unit
        with pytest.raises(UnknownUnit):
            holder.setting().open_unit(unit)
        return False

    @rule()
    def the_next_day(self) -> None:
        self.day += timedelta(days=1)

    @precondition(lambda self: [*self._waiting()])
    @rule(which=numbers)
    def hear(self, which: int) -> None:
        waiting = [*self._waiting()]
        holder, fact = waiting[which % len(waiting)]
        holder.take(fact)

    @rule()
    def hear_everything(self) -> None:
        while waiting := [*self._waiting()]:
            waiting[0][0].take(waiting[0][1])

    def _waiting(self) -> Iterator[tuple[Holder, Envelope]]:
        """The next fact of every road: the county's to all, the villages' to the township and the county."""
        for holder in self.nodes.values():
            senders = VILLAGE_NODES if holder.name in (COUNTY_NODE, TOWN_NODE) else ()
            for sender in {COUNTY_NODE, *senders} - {holder.name}:
                yield from (
                    (holder, fact)
                    for fact in self.nodes[sender].source.written[holder.heard.get(sender, 0) :][:1]
                )

    def _directory_known_to(self, holder: Holder) -> list[Envelope]:
        return self.county.source.written[: holder.heard.get(COUNTY_NODE, 0)]

    def _there_on(self, day: date, holder: Holder) -> set[UUID]:
        """The units that were there on a day, also those that were opened or closed on it, as far as the node has heard."""
        known = self._directory_known_to(holder)
        opened = {fact.stream for fact in known if fact.recorded.date() <= day}
        return opened - {
            fact.stream for fact in known if fact.name == "unit.closed" and fact.recorded.date() < day
        }

    def _opened_on(self, day: date) -> set[UUID]:
        facts = self.county.source.written
        return {fact.stream for fact in facts if fact.name == "unit.opened" and fact.recorded.date() == day}

    @invariant()
    def every_node_knows_the_units_of_today_and_which_of_them_owe_a_report(self) -> None:
        for holder in self.nodes.values():
            found = units_on(holder.connection, self.day)
            assert set(found) == self._there_on(self.day, holder)
            assert {unit for unit in found if not found[unit].owes} == set(found) & self._opened_on(self.day)

    @invariant()
    def the_living_picture_is_the_one_that_a_start_would_load(self) -> None:
        for holder in self.nodes.values():
            loaded = directory(holder.connection).units
            assert loaded == holder.directory.units

    def teardown(self) -> None:
        try:
            self.hear_everything()
            self.every_directory_ends_equal()
            self.every_day_expected_the_units_that_owed_it_a_report()
            self.a_replay_gives_the_same()
        finally:
            for holder in self.nodes.values():
                holder.connection.close()

    def every_directory_ends_equal(self) -> None:
        county = self.county
        assert all(node.rows() == county.rows() for node in self.nodes.values())
        assert all(node.directory.units == county.directory.units for node in self.nodes.values())

    def every_day_expected_the_units_that_owed_it_a_report(self) -> None:
        as_of = self.now() + timedelta(days=1)
        for number in range((self.day - FIRST).days + 1):
            day = FIRST + timedelta(days=number)
            there, opened = self._there_on(day, self.county) - {COUNTY, TOWN}, self._opened_on(day)
            due = {unit for unit in there if unit not in opened or day in self.reported.get(unit, ())}
            for node in (self.county, self.nodes[TOWN_NODE]):
                shown = sheet(node.connection, TOWN, day, as_of=as_of, cut_offs=CUT_OFFS)
                zero = {unit for unit in due if day in self.reported.get(unit, ())}
                assert {line.unit for line in shown.lines} == due
                assert {line.unit for line in shown.with_status(DayStatus.ZERO)} == zero

    def a_replay_gives_the_same(self) -> None:
        for node in self.nodes.values():
            before = node.rows()
            replay(node.connection, node.known)
            assert node.rows() == before


TestLifeOfADirectory = LifeOfADirectory.TestCase
TestLifeOfADirectory.settings = lives(examples=100, steps=40)
