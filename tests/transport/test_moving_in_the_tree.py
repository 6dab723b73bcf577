"""The tree changes and the computer with it: what is open goes along to where the office is then."""

import pytest

from shared.process.host import Host
from shared.work.common.refusals import Refusal
from shared.work.common.words import MatterClass
from shared.work.directory.tree_orders import CloseUnit, MergeTownship, MoveUnit
from shared.work.matters.orders.handling import AcceptReferral
from shared.work.matters.orders.referring import AnswerObjection, ReferMatter
from shared.work.matters.questions import matter as matters
from tests.parts.tiny_network import COUNTY, TOWN_A, TOWN_B, VILLAGE_1, VILLAGE_2, TinyNetwork
from tests.transport.moving import NEW, OLD, STORY, assess, objects, settled, shown, whole
from tests.transport.wire_tools import until

pytestmark = pytest.mark.usefixtures("impatient")


def test_a_village_that_moves_to_another_township_takes_its_past_to_that_ones_computers(
    tiny: TinyNetwork, host: Host
):
    # Given a village with an open matter, which its township objected to and then had
    old, new, county = (host.nodes[name] for name in (OLD, "villages-101", "county"))
    case = tiny.register(old, VILLAGE_1, account=STORY)
    tiny.give(old, VILLAGE_1, ReferMatter(case=case, to=tiny.units[TOWN_A]))
    settled(host)
    objects(tiny, host.nodes["town-100"], case)
    settled(host)
    # When it belongs to another township from today on, and is kept there
    unit = tiny.units[VILLAGE_1]
    there = MoveUnit(unit=unit, parent=tiny.units[TOWN_B], code="430321101777", node="villages-101")
    tiny.give(county, COUNTY, there, role="administrator")
    settled(host)
    # Then its new township knows the matter as it stands
    assert shown(host.nodes["town-101"], case).line == shown(new, case).line == shown(county, case).line
    # And the village goes on with it, which that one hears of
    offer = shown(new, case).hands[-1].offer
    tiny.give(new, VILLAGE_1, AnswerObjection(case=case, offer=offer, agreed=True))
    tiny.give(new, VILLAGE_1, ReferMatter(case=case, to=tiny.units[TOWN_B]))
    settled(host)
    referral = shown(host.nodes["town-101"], case).hands[-1].referral
    tiny.give(host.nodes["town-101"], TOWN_B, AcceptReferral(referral=referral))
    settled(host)
    assert shown(county, case).line.handler == tiny.units[TOWN_B]
    assert new.open(shown(new, case).content.account) == STORY
    whole(host)


def test_an_office_that_is_closed_into_another_leaves_its_work_to_that_ones_computer(
    tiny: TinyNetwork, host: Host
):
    # Given a village with an open matter, and another one with a computer of its own
    old, new, county = (host.nodes[name] for name in (OLD, NEW, "county"))
    case = tiny.register(old, VILLAGE_1, account=STORY)
    settled(host)
    # When it is closed into that one
    closed = CloseUnit(unit=tiny.units[VILLAGE_1], successor=tiny.units[VILLAGE_2])
    tiny.give(county, COUNTY, closed, role="administrator")
    settled(host)
    # Then the people of that one go on with the matter, and nobody else
    tiny.give(new, VILLAGE_2, assess(case))
    with pytest.raises(Refusal):
        tiny.give(old, VILLAGE_1, assess(case))
    settled(host)
    assert shown(county, case).line.matter_class == MatterClass.HEALTH
    whole(host)


def test_a_village_that_changes_its_township_alone_shows_that_one_what_is_open(tiny: TinyNetwork, host: Host):
    # Given a village with an open matter
    case = tiny.register(host.nodes[OLD], VILLAGE_1)
    settled(host)
    # When it belongs to another township, and stays where it is kept
    there = MoveUnit(unit=tiny.units[VILLAGE_1], parent=tiny.units[TOWN_B], code="430321101777")
    tiny.give(host.nodes["county"], COUNTY, there, role="administrator")
    # Then that one knows the matter, too
    town = host.nodes["town-101"]
    until(lambda: town.ask(matters.matter, case, as_of=town.now()) is not None)
    whole(host)


def test_a_township_that_is_merged_hears_where_its_villages_went(tiny: TinyNetwork, host: Host):
    # Given a township with a matter of a village
    case = tiny.register(host.nodes[OLD], VILLAGE_1)
    settled(host)
    # When it is merged into another one
    merged = MergeTownship(unit=tiny.units[TOWN_A], into=tiny.units[TOWN_B])
    tiny.give(host.nodes["county"], COUNTY, merged, role="administrator")
    town, other = host.nodes["town-101"], host.nodes["town-100"]
    until(lambda: town.ask(matters.matter, case, as_of=town.now()) is not None)
    settled(host)
    # Then both computers know to whom they belong
    for node in (town, other):
        assert node.directory.units[tiny.units[VILLAGE_1]].parent == tiny.units[TOWN_B]
    whole(host)
