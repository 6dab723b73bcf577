"""Made-up weeks in which the tree of offices changes while they work: nothing is orphaned, lost, or counted twice.

Offices open, move, close with and without a successor, and come back; matters are registered, referred, accepted and end;
reports are sent on their day, late, or by whoever goes on. Everything is a real order of somebody with a role.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.accounts.rights import Relation, relation
from shared.orders.order import Order
from shared.work.common.calendar import ZONE, day_of
from shared.work.common.refusals import NotAllowed, OfficeIsClosed, Refusal
from shared.work.common.register_place import RegisterPlace
from shared.work.common.stretch import Stretch
from shared.work.common.unit_info import UnitInfo
from shared.work.common.words import CheckedSource, ReportKind, UnitKind
from shared.work.directory.codes import CodeTaken
from shared.work.directory.orders import OpenUnit, RenameUnit
from shared.work.directory.tree_orders import (
    AlreadyThere,
    CloseUnit,
    MergeTownship,
    MoveUnit,
    OpenMatters,
    ReopenUnit,
    UnfitSuccessor,
)
from shared.work.directory.unit import Unit, UnitEntry
from shared.work.matters.case import Case
from shared.work.matters.orders import registering
from shared.work.matters.orders.handling import AcceptReferral, ReleaseReferral
from shared.work.matters.orders.referring import KeepMatter, ReferMatter, WithdrawMatter
from shared.work.matters.questions.matters import MatterLine, Wanted, matters
from shared.work.matters.questions.present_matters import Listed
from shared.work.reports.orders import FileReport
from shared.work.reports.questions.reports import Report, reports_of_unit
from shared.work.reports.questions.sheets import sheet
from shared.work.reports.reporting_day import AlreadyReported, NotInItsLife
from shared.work.reports.statement import ZeroContradictsRegister
from tests.parts.lives import lives
from tests.parts.tiny_network import matter
from tests.projections.one_desk import NODE, Desk
from tests.projections.test_life_of_a_directory import CUT_OFFS
from tests.projections.world import tables_in_memory
from tests.work.scene import COUNTY, TOWN_A, TOWN_B

ENGINE = tables_in_memory()
BEGINS = datetime(2026, 3, 2, 9, tzinfo=ZONE)
LONG_AGO = date(2026, 1, 1)
ALL = Stretch(None)
numbers = st.integers(0, 1_000)


class LifeOfATree(RuleBasedStateMachine):
    """A county with two townships, whose villages never stay as they are."""

    @initialize()
    def begin(self) -> None:
        self.desk = Desk(ENGINE.connect(), BEGINS)
        self.marks: list[str] = []
        self.cases: list[UUID] = []
        self.places: dict[UUID, list[RegisterPlace]] = {}
        for unit, code, kind, parent in (
            (COUNTY, "430321000000", UnitKind.COUNTY, None),
            (TOWN_A, "430321100000", UnitKind.TOWNSHIP, COUNTY),
            (TOWN_B, "430321101000", UnitKind.TOWNSHIP, COUNTY),
        ):
            entry = UnitEntry(code, code[6:], f"unit {code}", "", kind, parent, NODE, "", LONG_AGO)
            self.desk.keep(Unit.open(unit_id=unit, county=COUNTY, entry=entry, at=BEGINS))
        for number in range(3):
            self.open(number % 2)

    # -- the county changes the tree --------------------------------------------------------------------------------

    def change(self, order: Order, *may_refuse: type[Refusal]) -> dict[str, Any] | None:
        """The county gives an order about the directory; gives its answer, or none where it was refused."""
        try:
            return self.desk.give(COUNTY, order, "administrator")
        except Refusal as refusal:
            assert isinstance(refusal, may_refuse), repr(refusal)
            return None

    @rule(which=numbers)
    def open(self, which: int) -> None:
        town = self._one(which, self._open_ones(UnitKind.TOWNSHIP))
        code = f"{town.code[:9]}{201 + len(self.marks)}"
        said = {
            "name": f"village {len(self.marks)}",
            "parent": town.unit,
            "node": NODE,
            "kind": UnitKind.VILLAGE,
        }
        self.change(OpenUnit(code=code, **said), CodeTaken)
        self.marks.append(code[6:])

    @rule(which=numbers, number=st.integers(1, 999))
    def rename(self, which: int, number: int) -> None:
        if village := self._village(which):
            code = f"{village.code[:9]}{number:03d}"
            self.change(RenameUnit(unit=village.unit, name=f"name {number}", code=code), CodeTaken)

    @rule(which=numbers, number=st.integers(1, 999))
    def move(self, which: int, number: int) -> None:
        towns = self._open_ones(UnitKind.TOWNSHIP)
        village, town = self._village(which), self._one(which // 7, towns)
        if village:
            order = MoveUnit(unit=village.unit, parent=town.unit, code=f"{town.code[:9]}{number:03d}")
            self.change(order, CodeTaken, AlreadyThere)

    @rule(which=numbers, into=numbers)
    def close_into(self, which: int, into: int) -> None:
        village, other = self._village(which), self._village(into)
        if village and other:
            self.change(CloseUnit(unit=village.unit, successor=other.unit), UnfitSuccessor)
            self._closed()

    @rule(which=numbers)
    def close(self, which: int) -> None:
        village = self._village(which)
        if village is None or len(self._villages()) < 2:
            return
        left = self.desk.directory.answers_for(village.unit)
        bound = [line for line in self._open_matters() if left & self._offices_of(line)]
        done = self.change(CloseUnit(unit=village.unit), OpenMatters)
        assert (done is None) == bool(bound)
        self._closed()

    @rule(which=numbers, number=st.integers(1, 999))
    def reopen(self, which: int, number: int) -> None:
        closed = [
            unit for unit in self.desk.directory.units.values() if not unit.open and unit.kind == "village"
        ]
        open_ones = [unit for unit in closed if self._is_open(unit.parent)]
        if open_ones:
            unit = self._one(which, open_ones)
            if self.change(ReopenUnit(unit=unit.unit), CodeTaken) is None:
                self.change(ReopenUnit(unit=unit.unit, code=f"{unit.code[:9]}{number:03d}"), CodeTaken)

    @rule()
    def merge_townships(self) -> None:
        towns = self._open_ones(UnitKind.TOWNSHIP)
        if len(towns) > 1 and self.desk.at > BEGINS + timedelta(days=3):
            below = len(self.desk.directory.children(towns[1].unit))
            assert self.change(MergeTownship(unit=towns[1].unit, into=towns[0].unit)) == {"moved": below}
            self._closed()

    # -- offices work -----------------------------------------------------------------------------------------------

    @rule(which=numbers)
    def register(self, which: int) -> None:
        offices = [unit for unit in self.desk.directory.units.values() if unit.kind == "village"]
        unit = self._one(which, offices)
        order = matter(unit.unit, received_on=day_of(self.desk.at))
        now = self.desk.directory.present(unit.unit)
        with patch.object(registering, "query_check", lambda code, salt: "check"):
            try:
                made = self.desk.give(now, order)
            except Refusal as refusal:
                assert not unit.open and refusal.code in ("office-is-closed", "unknown-unit")
                return
        assert unit.open
        case = self.desk.streams[UUID(made["case"])]
        assert isinstance(case, Case)
        self.cases.append(case.id)
        _, year, number, _ = case.number.rsplit("-", 3)
        self.places.setdefault(unit.unit, []).append(RegisterPlace(int(year), int(number)))

    @precondition(lambda self: self._open_matters())
    @rule(which=numbers, to=numbers, how=st.integers(0, 5))
    def work_on(self, which: int, to: int, how: int) -> None:
        """Whoever has a matter does something about it; everybody else is refused."""
        line = self._one(which, self._open_matters())
        other = self._one(to, self._open_ones(UnitKind.VILLAGE, UnitKind.TOWNSHIP)).unit
        case: dict[str, Any] = {"case": line.case}
        orders: list[Callable[[], Order]] = [
            lambda: KeepMatter(**case),
            lambda: ReferMatter(**case, to=other),
            lambda: WithdrawMatter(**case, confirmed_by="second_call"),
        ]
        if line.referral:
            orders += [
                lambda: AcceptReferral(referral=line.referral),
                lambda: ReleaseReferral(referral=line.referral, reason="退回"),
            ]
        number = how % len(orders)
        office = self.desk.directory.present(line.owner if number < 3 else line.handler)
        self._nobody_else(office, orders[number]())
        try:
            self.desk.give(office, orders[number]())
        except Refusal as refusal:
            assert not isinstance(refusal, NotAllowed | OfficeIsClosed), repr(refusal)

    def _nobody_else(self, office: UUID, order: Order) -> None:
        for unit in self.desk.directory.units:
            if unit != office:
                try:
                    self.desk.give(unit, order)
                except (NotAllowed, OfficeIsClosed):
                    continue
                raise AssertionError(f"{unit} gave what is for {office} to give")

    @rule(which=numbers, back=st.integers(0, 3), kind=st.sampled_from(ReportKind))
    def report(self, which: int, back: int, kind: ReportKind) -> None:
        unit = self._one(which, [one for one in self.desk.directory.units.values() if one.kind == "village"])
        day = day_of(self.desk.at) - timedelta(days=back)
        order = FileReport(unit=unit.unit, day=day, kind=kind, checked=[CheckedSource.PHONE])
        office = self.desk.directory.present(unit.unit)
        if back == 0:
            self._nobody_else(office, order)
        try:
            self.desk.give(office, order)
        except Refusal as refusal:
            allowed = AlreadyReported | NotInItsLife | ZeroContradictsRegister
            assert isinstance(refusal, allowed), repr(refusal)

    @rule(hours=st.integers(1, 40))
    def time_goes_on(self, hours: int) -> None:
        self.desk.at += timedelta(hours=hours)

    # -- what is looked up ------------------------------------------------------------------------------------------

    def _one(self, which: int, among: list[Any]) -> Any:
        return among[which % len(among)]

    def _open_ones(self, *kinds: UnitKind) -> list[UnitInfo]:
        units = sorted(self.desk.directory.units.values(), key=lambda unit: unit.mark)
        return [unit for unit in units if unit.open and unit.kind in kinds]

    def _villages(self) -> list[UnitInfo]:
        return self._open_ones(UnitKind.VILLAGE)

    def _village(self, which: int) -> UnitInfo | None:
        return self._one(which, self._villages()) if self._villages() else None

    def _is_open(self, unit: UUID | None) -> bool:
        found = self.desk.directory.find(unit) if unit else None
        return found is not None and found.open

    def _matters(self, wanted: Wanted) -> list[MatterLine]:
        return matters(self.desk.connection, wanted, as_of=self.desk.at, stretch=ALL)

    def _open_matters(self) -> list[MatterLine]:
        return self._matters(Wanted(open=True))

    def _offices_of(self, line: MatterLine) -> set[UUID | None]:
        """Offices that a matter cannot do without: its own, those that passed it on, has it, and is asked for it."""
        case = self.desk.streams[line.case]
        assert isinstance(case, Case)
        return {case.unit, line.handler, line.awaits, line.offered_to}

    def _newest(self, unit: UUID) -> list[Report]:
        until = self.desk.at + timedelta(days=1)
        found = reports_of_unit(self.desk.connection, unit, LONG_AGO, day_of(until), as_of=until)
        return [*{one.day: one for one in found}.values()]

    # -- what must hold ---------------------------------------------------------------------------------------------

    def _closed(self) -> None:
        """After every close: reports and registers agree, everything has one office, and no code is borne twice."""
        self.every_open_matter_is_for_one_open_office()
        self.every_matter_stands_in_one_report_or_in_none_yet()

    @invariant()
    def every_open_matter_is_for_one_open_office(self) -> None:
        tree = self.desk.directory
        open_ones = [unit.unit for unit in tree.units.values() if unit.open]
        for line in self._open_matters():
            for office in self._offices_of(line) - {None}:
                assert office is not None
                now = tree.present(office)
                able = [one for one in open_ones if relation(tree.parents, one, now) is Relation.SELF]
                assert len(able) == 1, line

    @invariant()
    def nothing_is_orphaned_and_nothing_stands_with_two(self) -> None:
        tree = self.desk.directory
        listed: Counter[UUID] = Counter()
        for unit in (unit.unit for unit in tree.units.values() if tree.present(unit.unit) == unit.unit):
            listed.update(line.case for line in self._matters(Wanted(Listed.OWN, tree.answers_for(unit))))
        assert listed == Counter(self.cases)
        watched = tree.watched_below(COUNTY) | tree.answers_for(COUNTY)
        assert watched == set(tree.units)

    @invariant()
    def codes_are_those_of_one_open_office_and_marks_are_never_used_again(self) -> None:
        units = list(self.desk.directory.units.values())
        codes = Counter(unit.code for unit in units if unit.open)
        assert max(codes.values()) == 1
        assert max(Counter(unit.mark for unit in units).values()) == 1
        assert all(unit.code.startswith(self._begin(unit)) for unit in units if unit.open)

    def _begin(self, unit: UnitInfo) -> str:
        above = self.desk.directory.find(unit.parent) if unit.parent else None
        return "" if above is None else above.code[:6] if above.kind == "county" else above.code[:9]

    @invariant()
    def every_matter_stands_in_one_report_or_in_none_yet(self) -> None:
        for unit, places in self.places.items():
            newest = self._newest(unit)
            last = max((one.covers_to for one in newest), default=RegisterPlace(0, 0))
            for place in places:
                carriers = [one for one in newest if one.covers_from <= place <= one.covers_to]
                assert len(carriers) == (place <= last), (unit, place)
            assert sum(one.figures.new for one in newest) == sum(place <= last for place in places)

    @invariant()
    def a_day_of_the_past_is_shown_as_it_was(self) -> None:
        today = day_of(self.desk.at)
        for day, shown in self._sheets(today):
            known = self.sheets.setdefault(day, shown)
            assert known == shown, day

    def _sheets(self, today: date) -> Iterator[tuple[date, set[tuple[UUID, UUID | None, str]]]]:
        for back in (2, 3):
            day, moment = today - timedelta(days=back), {"as_of": self.desk.at, "cut_offs": CUT_OFFS}
            lines = sheet(self.desk.connection, COUNTY, day, whole_tree=True, heard=False, **moment).lines
            owing = (line for line in lines if line.duty.owes)
            yield day, {(line.unit, line.duty.parent, line.duty.name) for line in owing}

    @property
    def sheets(self) -> dict[date, set[tuple[UUID, UUID | None, str]]]:
        return self.__dict__.setdefault("_past", {})

    def teardown(self) -> None:
        self.desk.connection.close()


TestLifeOfATree = LifeOfATree.TestCase
TestLifeOfATree.settings = lives(examples=40, steps=40)
