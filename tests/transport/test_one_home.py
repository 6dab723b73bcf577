"""One office, one home: where it was kept before it takes no new record, and the directory keeps its offices apart."""

from uuid import UUID

import pytest

from shared.node.node import Node
from shared.orders.order import Order
from shared.transport.wire import Message
from shared.work.common.authority import About, Kind
from shared.work.common.order_refusals import KeptElsewhere
from shared.work.common.refusals import StaleVersion
from shared.work.common.words import UnitKind
from shared.work.directory.codes import CodeOfAnotherPlace, CodeTaken, WrongPlace
from shared.work.directory.orders import (
    MarkTaken,
    OpenUnit,
    RehostUnit,
    RenameUnit,
    SetContact,
)
from shared.work.directory.tree_orders import CloseUnit, CountyStays, OfficesBelow
from tests.parts.tiny_network import ALONE, COUNTY, TOWN_A, VILLAGE_1, VILLAGE_2, TinyNetwork
from tests.transport.postman import Pen, hand, hand_round, letters, reasons
from tests.transport.wire_tools import until


def ordered(tiny: TinyNetwork, county: Node, order: Order) -> None:
    tiny.give(county, COUNTY, order, role="administrator")


def on_route(sender: Node, route: str) -> list[Message]:
    return [message for message in letters(sender) if message.headers["ce_route"] == route]


def test_an_office_that_moved_takes_new_records_at_its_new_home_alone(tiny: TinyNetwork):
    # Given an office that is moved before its first record
    old, new, county = tiny.open("villages-100", ALONE, "county")
    ordered(tiny, county, RehostUnit(unit=tiny.units[VILLAGE_1], node=ALONE))
    hand_round([old, new], letters(county))
    until(lambda: hand_round([new], letters(old)) or not new.awaits(tiny.units[VILLAGE_1]))
    # When somebody registers a matter where it was, then it is refused
    with pytest.raises(KeptElsewhere):
        tiny.register(old, VILLAGE_1)
    # And taken where it is
    assert tiny.register(new, VILLAGE_1)


def test_who_hears_of_an_office_for_the_first_time_hears_what_was_said_of_it_before(tiny: TinyNetwork):
    # Given an office that got a telephone
    new, county = tiny.open(ALONE, "county")
    ordered(tiny, county, SetContact(unit=tiny.units[VILLAGE_1], contact="0731-000 0000"))
    # When it moves to a computer that knew nothing of it
    ordered(tiny, county, RehostUnit(unit=tiny.units[VILLAGE_1], node=ALONE))
    hand_round([new], letters(county))
    # Then all of its record is there, the day of its opening, too, also after a start
    tiny.close(ALONE)
    (new,) = tiny.open(ALONE)
    here, there = (node.directory.find(tiny.units[VILLAGE_1]) for node in (new, county))
    assert here == there and here is not None and here.version == 3


def test_what_changes_about_an_office_waits_for_what_was_said_before(tiny: TinyNetwork):
    # Given a county whose word about a move comes without the word about the opening
    new, county = tiny.open(ALONE, "county")
    route, moved = f"to:{ALONE}", tiny.units[VILLAGE_1]
    ordered(tiny, county, SetContact(unit=tiny.units[VILLAGE_2], contact="0731-000 0000"))
    before = on_route(county, route)
    hand(new, before)
    ordered(tiny, county, RehostUnit(unit=moved, node=ALONE))
    *_, move = on_route(county, route)
    # When it has come, then it waits for it
    hand(new, [Pen(county.keys, before[-1], route).write(move)])
    assert new.directory.find(moved) is None
    assert list(new.positions.waited_for) == [About(Kind.UNIT, moved)]
    assert reasons(new) == ["waits-for-evidence"]


@pytest.mark.parametrize(
    ("code", "kind", "below", "refused"),
    [
        ("430321100299", UnitKind.VILLAGE, VILLAGE_1, WrongPlace),
        ("430321100299", UnitKind.VILLAGE, COUNTY, WrongPlace),
        ("430321300000", UnitKind.TOWNSHIP, TOWN_A, WrongPlace),
        ("430321999299", UnitKind.VILLAGE, TOWN_A, CodeOfAnotherPlace),
        ("430399300000", UnitKind.TOWNSHIP, COUNTY, CodeOfAnotherPlace),
        ("430321300001", UnitKind.TOWNSHIP, COUNTY, CodeOfAnotherPlace),
        (VILLAGE_1, UnitKind.VILLAGE, TOWN_A, MarkTaken),
    ],
)
def test_a_code_is_its_own_and_fits_kind_and_place(
    tiny: TinyNetwork, code: str, kind: UnitKind, below: str, refused: type[Exception]
):
    (county,) = tiny.open("county")
    where = {"parent": tiny.units[below], "node": "villages-100", "kind": kind}
    with pytest.raises(refused):
        ordered(tiny, county, OpenUnit(code=code, name="新设", **where))


def test_a_new_code_is_not_that_of_a_neighbour_or_of_another_township(tiny: TinyNetwork):
    (county,) = tiny.open("county")
    for code, refused in ((VILLAGE_2, CodeTaken), ("430321999201", CodeOfAnotherPlace)):
        with pytest.raises(refused):
            ordered(tiny, county, RenameUnit(unit=tiny.units[VILLAGE_1], name="甲", code=code))


def test_a_name_that_a_program_does_not_speak_of_stays(tiny: TinyNetwork):
    (county,) = tiny.open("county")
    unit: UUID = tiny.units[VILLAGE_1]
    ordered(tiny, county, RenameUnit(unit=unit, name="甲", name_en="One", code=VILLAGE_1))
    ordered(tiny, county, RenameUnit(unit=unit, name="乙", code=VILLAGE_1))
    found = county.directory.find(unit)
    assert found and (found.name, found.name_en) == ("乙", "One")


def test_an_older_form_does_not_bring_back_what_stood_on_it(tiny: TinyNetwork):
    # Given two people who opened the form of one office
    (county,) = tiny.open("county")
    unit = tiny.units[VILLAGE_1]
    seen = county.directory.units[unit].version
    ordered(tiny, county, RenameUnit(unit=unit, name="甲", code=VILLAGE_1, version=seen))
    # When the second one sends it, then it is refused
    with pytest.raises(StaleVersion):
        ordered(tiny, county, RenameUnit(unit=unit, name="乙", code=VILLAGE_1, version=seen))


def test_what_others_belong_to_is_not_closed(tiny: TinyNetwork):
    (county,) = tiny.open("county")
    for code, refused in ((COUNTY, CountyStays), (TOWN_A, OfficesBelow)):
        with pytest.raises(refused):
            ordered(tiny, county, CloseUnit(unit=tiny.units[code]))
