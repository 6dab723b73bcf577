"""The tree of units changes on a living network: what is open goes on at the office that the county names, and nowhere else."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.node.node import Node
from shared.orders.order import Order
from shared.work.common.refusals import NotAllowed, OfficeIsClosed, UnknownUnit
from shared.work.common.words import CheckedSource, ReportKind, UnitKind
from shared.work.directory.codes import CodeOfAnotherPlace, CodeTaken, WrongPlace
from shared.work.directory.orders import OpenUnit, RenameUnit
from shared.work.directory.tree_orders import (
    AlreadyThere,
    CloseUnit,
    MergeTownship,
    MoveUnit,
    OfficesBelow,
    OpenMatters,
    ReopenUnit,
    UnfitSuccessor,
)
from shared.work.directory.unit import UnitIsClosed, UnitIsOpen
from shared.work.matters.orders.handling import AcceptReferral, PassOn
from shared.work.matters.orders.referring import KeepMatter, ReferMatter, WithdrawMatter
from shared.work.matters.questions.matter import matter
from shared.work.matters.questions.matters import Wanted, count_matters, count_open, matters
from shared.work.matters.questions.present_matters import Listed
from shared.work.matters.referral import Referral
from shared.work.reports.orders import FileReport
from shared.work.reports.questions.reports import latest_report
from shared.work.reports.reporting_day import NotInItsLife
from tests.parts.tiny_network import (
    COUNTY,
    NINE,
    TOWN_A,
    TOWN_B,
    VILLAGE_1,
    VILLAGE_2,
    VILLAGE_3,
    TinyNetwork,
)
from tests.parts.tiny_network import matter as petition
from tests.transport.postman import hand_round, known_from, letters, reasons

NEIGHBOUR = "430321100203"
VILLAGES, TOWN, OTHER_TOWN = "villages-100", "town-100", "town-101"
TODAY = date(2026, 3, 2)


class World:
    """The county's, a township's and its villages' node, and what passes between them; its `neighbour` is beside VILLAGE_1."""

    def __init__(self, tiny: TinyNetwork) -> None:
        self.tiny = tiny
        self.county, self.town, self.other_town, self.villages = tiny.open(
            "county", TOWN, OTHER_TOWN, VILLAGES
        )
        self.nodes = [self.county, self.town, self.other_town, self.villages]
        said = {"parent": tiny.units[TOWN_A], "node": VILLAGES, "kind": UnitKind.VILLAGE}
        opened = self.change(OpenUnit(code=NEIGHBOUR, name="邻村", **said))
        tiny.units[NEIGHBOUR] = UUID(opened["unit"])

    def unit(self, code: str) -> UUID:
        return self.tiny.units[code]

    def change(self, order: Order) -> dict[str, Any]:
        """The county changes the directory, and everybody hears of it."""
        answer = self.tiny.give(self.county, COUNTY, order, role="administrator")
        self.hear()
        return answer

    def give(self, code: str, order: Order, node: Node | None = None) -> dict[str, Any]:
        """A clerk gives an order, and everybody hears of it."""
        answer = self.tiny.give(node or self.villages, code, order)
        self.hear()
        return answer

    def hear(self) -> None:
        """Everything that departed arrives, and what follows from it."""
        while any(sent := [letters(node) for node in self.nodes]):
            for messages in sent:
                hand_round(self.nodes, messages)

    def register(self, code: str = VILLAGE_1) -> UUID:
        case = self.tiny.register(self.villages, code)
        self.hear()
        return case

    def close_into_neighbour(self) -> None:
        self.change(CloseUnit(unit=self.unit(VILLAGE_1), successor=self.unit(NEIGHBOUR)))


@pytest.fixture
def world(tiny: TinyNetwork) -> World:
    return World(tiny)


def test_given_an_office_with_open_matters_when_it_is_closed_then_somebody_goes_on_with_them(world: World):
    # Given a matter that a village registered
    world.register()
    # When the village is closed, then not without a successor
    with pytest.raises(OpenMatters) as refused:
        world.change(CloseUnit(unit=world.unit(VILLAGE_1)))
    assert refused.value.facts["count"] == 1
    # And with one it is, and everybody hears who goes on
    world.close_into_neighbour()
    for node in world.nodes[:2] + world.nodes[3:]:
        assert node.directory.present(world.unit(VILLAGE_1)) == world.unit(NEIGHBOUR)
    # And nobody took what is not the speaker's
    assert [reasons(node) for node in world.nodes] == [[], [], [], []]


def test_given_an_office_that_only_waits_for_others_when_it_is_closed_then_it_needs_a_successor_too(
    world: World,
):
    # Given a matter that its township has in hand
    case = world.register()
    world.give(VILLAGE_1, ReferMatter(case=case, to=world.unit(TOWN_A)))
    with pytest.raises(OpenMatters):
        world.change(CloseUnit(unit=world.unit(VILLAGE_1)))
    # When it has ended, then none is needed
    world.give(VILLAGE_1, WithdrawMatter(case=case, confirmed_by="second_call"))
    world.change(CloseUnit(unit=world.unit(VILLAGE_1)))


def test_given_a_closed_office_then_the_people_of_its_successor_go_on_with_its_matters_and_nobody_else(
    world: World,
):
    # Given an open matter of a village that was closed
    case = world.register()
    world.close_into_neighbour()
    # When others try, then they may not; its own people are told who may
    with pytest.raises(NotAllowed):
        world.give(TOWN_A, KeepMatter(case=case))
    with pytest.raises(OfficeIsClosed) as refused:
        world.give(VILLAGE_1, KeepMatter(case=case))
    assert refused.value.facts["successor"] == "邻村"
    # When the successor does, then the record goes on, and everybody takes it
    world.give(NEIGHBOUR, KeepMatter(case=case))
    found = world.county.ask(matter, case, as_of=NINE)
    assert found and (found.line.owner, found.line.handler) == (world.unit(VILLAGE_1),) * 2
    world.give(NEIGHBOUR, AcceptReferral(referral=found.hands[0].referral))
    assert [reasons(node) for node in world.nodes] == [[], [], [], []]
    assert known_from(world.county, VILLAGES)[-1].startswith("referral.accepted")


def test_the_successors_lists_and_numbers_have_what_it_goes_on_with_once(world: World):
    # Given a matter of the closed village that both have had in hand, and one of the successor
    case = world.register()
    own = world.register(NEIGHBOUR)
    world.give(VILLAGE_1, ReferMatter(case=case, to=world.unit(NEIGHBOUR)))
    world.give(NEIGHBOUR, PassOn(referral=Referral.id_for(_offer_of(world, case)), to=world.unit(TOWN_A)))
    world.close_into_neighbour()
    ask, together = world.villages.ask, world.villages.directory.answers_for(world.unit(NEIGHBOUR))
    # When its lists are asked for, then each matter stands there once, and the numbers are those of the lists
    for of, expected in (
        (Listed.OWN, {case, own}),
        (Listed.OUT, {case}),
        (Listed.AWAITS, {own}),
        (Listed.RECEIVED, {case}),
    ):
        wanted = Wanted(of, together, open=True)
        listed = [line.case for line in ask(matters, wanted, as_of=NINE)]
        assert (len(listed), set(listed)) == (len(expected), expected), of
        assert ask(count_matters, wanted, as_of=NINE) == len(expected), of
        assert ask(count_open, together, (of,)) == {of: len(expected)}


def _offer_of(world: World, case: UUID) -> UUID:
    found = world.villages.ask(matter, case, as_of=NINE)
    assert found and found.open_offer
    return found.open_offer


def test_a_referral_that_is_under_way_to_a_closed_office_arrives_at_its_successor(world: World):
    # Given a township that refers a matter to a village and has not heard that it was closed
    case = UUID(world.tiny.give(world.town, TOWN_A, _matter(world, TOWN_A))["case"])
    world.hear()
    world.tiny.give(
        world.county,
        COUNTY,
        CloseUnit(unit=world.unit(VILLAGE_1), successor=world.unit(NEIGHBOUR)),
        role="administrator",
    )
    world.tiny.give(world.town, TOWN_A, ReferMatter(case=case, to=world.unit(VILLAGE_1)))
    # When both arrive, then the successor has it in hand
    world.hear()
    found = world.villages.ask(matter, case, as_of=NINE)
    assert found and world.villages.directory.present(found.line.handler) == world.unit(NEIGHBOUR)
    world.give(NEIGHBOUR, AcceptReferral(referral=found.hands[0].referral))
    assert [reasons(node) for node in world.nodes] == [[], [], [], []]


def _matter(world: World, code: str) -> Order:
    return petition(world.unit(code))


def test_limits_go_on_when_an_office_moves_and_when_another_goes_on_with_its_work(world: World):
    # Given matters with a limit that runs: one of the village's own, one in its hands
    case, kept = world.register(), world.register()
    world.give(VILLAGE_1, KeepMatter(case=kept))
    before = [line.due for line in world.county.ask(matters, Wanted(), as_of=NINE)]
    assert None not in before
    # When days pass, it moves, and it is closed into another
    world.tiny.clock.at = NINE + timedelta(days=3)
    world.change(MoveUnit(unit=world.unit(VILLAGE_1), parent=world.unit(TOWN_B), code="430321101290"))
    world.close_into_neighbour()
    # Then every limit ends on its day
    for node in (world.county, world.villages):
        lines = node.ask(matters, Wanted(), as_of=world.tiny.clock.at)
        assert {line.case for line in lines} == {case, kept}
        assert [line.due for line in lines] == before


def test_nothing_new_begins_at_a_closed_office_and_the_word_names_the_one_that_goes_on(world: World):
    case = world.register(NEIGHBOUR)
    world.close_into_neighbour()
    for order in (_matter(world, VILLAGE_1), ReferMatter(case=case, to=world.unit(VILLAGE_1))):
        with pytest.raises(OfficeIsClosed) as refused:
            world.give(NEIGHBOUR, order)
        assert refused.value.facts["successor"] == "邻村"


def _report(world: World, code: str, day: date) -> FileReport:
    said = {"kind": ReportKind.ZERO, "checked": [CheckedSource.PHONE]}
    return FileReport(unit=world.unit(code), day=day, **said)


def test_the_successors_people_give_the_reports_that_a_closed_office_still_owes(world: World):
    world.close_into_neighbour()
    # When its own people report, then they are told who does; nobody beside may
    with pytest.raises(OfficeIsClosed):
        world.give(VILLAGE_1, _report(world, VILLAGE_1, TODAY))
    with pytest.raises(NotAllowed):
        world.give(TOWN_A, _report(world, VILLAGE_1, TODAY))
    # Then the successor gives it, also late, and the township has it
    for day in (TODAY, TODAY - timedelta(days=1)):
        world.give(NEIGHBOUR, _report(world, VILLAGE_1, day))
        assert world.town.ask(latest_report, world.unit(VILLAGE_1), day, as_of=NINE)
    assert reasons(world.town) == []


def test_a_successor_is_another_open_office_of_the_same_level(world: World):
    unit = world.unit(VILLAGE_1)
    for into, refused in ((VILLAGE_1, UnfitSuccessor), (TOWN_A, UnfitSuccessor), (COUNTY, UnfitSuccessor)):
        with pytest.raises(refused):
            world.change(CloseUnit(unit=unit, successor=world.unit(into)))
    world.change(CloseUnit(unit=world.unit(NEIGHBOUR)))
    with pytest.raises(UnknownUnit):
        world.change(CloseUnit(unit=unit, successor=world.unit(NEIGHBOUR)))
    with pytest.raises(OfficesBelow):
        world.change(CloseUnit(unit=world.unit(TOWN_A), successor=world.unit(TOWN_B)))


def test_who_goes_on_is_named_later_where_nobody_was_and_once(world: World):
    unit = world.unit(VILLAGE_1)
    world.change(CloseUnit(unit=unit))
    with pytest.raises(UnitIsClosed):
        world.change(CloseUnit(unit=unit))
    world.close_into_neighbour()
    assert world.villages.directory.present(unit) == world.unit(NEIGHBOUR)
    found = world.county.directory.find(unit)
    assert found and found.closed_on == TODAY
    with pytest.raises(UnitIsClosed):
        world.close_into_neighbour()


def test_a_successors_successor_goes_on_with_both(world: World):
    case = world.register()
    third = UUID(
        world.change(
            OpenUnit(
                code="430321100204",
                name="三村",
                kind=UnitKind.COMMUNITY,
                parent=world.unit(TOWN_A),
                node=VILLAGES,
            )
        )["unit"]
    )
    world.tiny.units["430321100204"] = third
    world.close_into_neighbour()
    world.change(CloseUnit(unit=world.unit(NEIGHBOUR), successor=third))
    assert world.villages.directory.answers_for(third) == {
        third,
        world.unit(VILLAGE_1),
        world.unit(NEIGHBOUR),
    }
    world.give("430321100204", KeepMatter(case=case))


def test_what_was_closed_by_mistake_is_opened_again_under_its_own_mark(world: World):
    # Given a village that was closed into its neighbour, which then took its code
    case = world.register()
    unit = world.unit(VILLAGE_1)
    with pytest.raises(UnitIsOpen):
        world.change(ReopenUnit(unit=unit))
    world.close_into_neighbour()
    world.change(RenameUnit(unit=world.unit(NEIGHBOUR), name="新村", code=VILLAGE_1))
    # When it is reopened, then its old code is another's
    with pytest.raises(CodeTaken):
        world.change(ReopenUnit(unit=unit))
    with pytest.raises(CodeOfAnotherPlace):
        world.change(ReopenUnit(unit=unit, code="430321101298"))
    world.change(ReopenUnit(unit=unit, code="430321100298"))
    # Then it is there, with the mark of its receipts, and its people have its matters
    for node in (world.county, world.town, world.villages):
        found = node.directory.find(unit)
        assert found and (found.open, found.code, found.mark) == (True, "430321100298", "100201")
        assert found.away == ((TODAY, TODAY),)
    with pytest.raises(NotAllowed):
        world.give(NEIGHBOUR, KeepMatter(case=case))
    world.give(VILLAGE_1, KeepMatter(case=case))


def test_for_the_days_between_closing_and_reopening_nothing_is_owed(world: World):
    unit = world.unit(VILLAGE_1)
    world.change(CloseUnit(unit=unit))
    world.tiny.clock.at = NINE + timedelta(days=5)
    world.change(ReopenUnit(unit=unit))
    with pytest.raises(NotInItsLife):
        world.give(VILLAGE_1, _report(world, VILLAGE_1, TODAY + timedelta(days=2)))
    for day in (TODAY, TODAY + timedelta(days=5)):
        world.give(VILLAGE_1, _report(world, VILLAGE_1, day))


def test_a_moved_village_is_seen_and_watched_by_its_new_township_and_its_matters_go_on(world: World):
    # Given a village with an open matter and one that its old township has in hand
    case, referred = world.register(), world.register()
    world.give(VILLAGE_1, ReferMatter(case=referred, to=world.unit(TOWN_A)))
    # When it moves to another township
    unit = world.unit(VILLAGE_1)
    world.change(MoveUnit(unit=unit, parent=world.unit(TOWN_B), code="430321101290"))
    # Then everybody knows, and its mark stays
    for node in world.nodes:
        found = node.directory.find(unit)
        assert found and (found.parent, found.mark) == (world.unit(TOWN_B), "100201"), node.name
    # And the new township hears what it does from now on, and takes a matter from it
    world.give(VILLAGE_1, ReferMatter(case=case, to=world.unit(TOWN_B)))
    world.give(VILLAGE_1, _report(world, VILLAGE_1, TODAY - timedelta(days=1)))
    assert world.other_town.ask(latest_report, unit, TODAY - timedelta(days=1), as_of=NINE)
    found = world.other_town.ask(matter, case, as_of=NINE)
    assert found
    world.give(TOWN_B, AcceptReferral(referral=found.hands[0].referral), world.other_town)
    # And what the old one has in hand comes back to it
    held = world.town.ask(matter, referred, as_of=NINE)
    assert held
    world.give(TOWN_A, AcceptReferral(referral=held.hands[0].referral), world.town)
    assert [reasons(node) for node in world.nodes] == [[], [], [], []]


def test_what_was_offered_before_a_move_is_not_taken_for_a_lie_after_it(world: World):
    # Given a matter that is under way to the old township when that hears of the move first
    case = world.register()
    world.tiny.give(world.villages, VILLAGE_1, ReferMatter(case=case, to=world.unit(TOWN_A)))
    order = MoveUnit(unit=world.unit(VILLAGE_1), parent=world.unit(TOWN_B), code="430321101290")
    world.tiny.give(world.county, COUNTY, order, role="administrator")
    hand_round([world.town], letters(world.county))
    # When it arrives, then it is taken
    hand_round([world.county, world.town], letters(world.villages))
    assert reasons(world.town) == []
    found = world.town.ask(matter, case, as_of=NINE)
    assert found and found.line.handler == world.unit(TOWN_A)


@pytest.mark.parametrize(
    ("unit", "parent", "code", "refused"),
    [
        (VILLAGE_1, TOWN_A, "430321100290", AlreadyThere),
        (VILLAGE_1, VILLAGE_2, "430321100290", WrongPlace),
        (VILLAGE_1, COUNTY, "430321100290", WrongPlace),
        (TOWN_A, TOWN_B, "430321101290", WrongPlace),
        (COUNTY, TOWN_B, "430321101290", WrongPlace),
        (VILLAGE_1, TOWN_B, "430321100290", CodeOfAnotherPlace),
        (VILLAGE_1, TOWN_B, VILLAGE_3, CodeTaken),
    ],
)
def test_a_unit_moves_where_its_kind_belongs_under_a_code_of_that_place(
    tiny: TinyNetwork, unit: str, parent: str, code: str, refused: type[Exception]
):
    (county,) = tiny.open("county")
    order = MoveUnit(unit=tiny.units[unit], parent=tiny.units[parent], code=code)
    with pytest.raises(refused):
        tiny.give(county, COUNTY, order, role="administrator")


def test_a_township_goes_into_another_with_its_villages_in_one_order_or_not_at_all(world: World):
    # Given a township whose village has the last digits of one of the other's
    town, into = world.unit(TOWN_A), world.unit(TOWN_B)
    for wrong in (TOWN_A, COUNTY):
        with pytest.raises(UnfitSuccessor):
            world.change(MergeTownship(unit=town, into=world.unit(wrong)))
    # When it goes into that
    assert world.change(MergeTownship(unit=town, into=into))["moved"] == 3
    # Then its villages belong there under free codes, and it is closed
    county = world.county.directory
    codes = {unit.code for unit in county.children(into)}
    assert codes == {VILLAGE_3, "430321101202", "430321101203", "430321101204"}
    assert county.children(town) == [] and county.present(town) == into
    with pytest.raises(UnitIsClosed):
        world.change(MergeTownship(unit=town, into=into))
