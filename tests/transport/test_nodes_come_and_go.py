"""Computers come, get other keys, and go, each by an order of the county; everybody else goes by it."""

from uuid import UUID

import pytest
from sqlalchemy import func, select

from shared.audit.verify import verify_node
from shared.event_log.node_keys import NodeKeys
from shared.node.node import Node
from shared.proof.tables import COSIGNATURES
from shared.transport.wire import Message
from shared.work.common.words import Tier, UnitKind
from shared.work.directory.node_entry import NodeEntry, NodeIsRevoked
from shared.work.directory.node_orders import (
    AdmitNode,
    CountyKeepsItsNode,
    NodeNameTaken,
    NotATownship,
    RekeyNode,
    RevokeNode,
)
from shared.work.directory.orders import OpenUnit, RehostUnit
from tests.parts.tiny_network import ALONE, COUNTY, TOWN_A, VILLAGE_1, TinyNetwork
from tests.proof.exchange import LATER, witness
from tests.transport.forger import County, Forger, believes
from tests.transport.postman import reasons
from tests.transport.test_authority import a_matter_of_its_own, a_report

NEW_NODE, NEW_VILLAGE = "village-100-203", "430321100203"


@pytest.fixture
def county(tiny_on_files: TinyNetwork) -> County:
    return County(tiny_on_files)


def order(
    county: County, given: AdmitNode | RekeyNode | RevokeNode | OpenUnit | RehostUnit
) -> dict[str, str]:
    """The county's administrator gives an order, and everybody hears of it."""
    node = county.node("county")
    answer = county.tiny.give(node, COUNTY, given, role="administrator")
    county.carry()
    return answer


def admission(county: County, keys: NodeKeys, name: str = NEW_NODE, township: str = TOWN_A) -> AdmitNode:
    public = {"signing_key": keys.public_signing(), "receiving_key": keys.public_receiving()}
    return AdmitNode(name=name, tier=Tier.VILLAGE, township=county.unit(township), **public)


def other_keys(keys: NodeKeys, name: str = ALONE) -> RekeyNode:
    public = {"signing_key": keys.public_signing(), "receiving_key": keys.public_receiving()}
    return RekeyNode(node=NodeEntry.id_for(name), **public)


def gone(name: str = ALONE) -> RevokeNode:
    return RevokeNode(node=NodeEntry.id_for(name), reason="电脑被盗")


def report(county: County) -> Message:
    return county.forger.say(**a_report(county, county.forger.unit))


def another(county: County) -> Message:
    return county.forger.say(**a_matter_of_its_own(county, {}))


def cosigned(node: Node) -> int:
    """How many signatures of witnesses a node has under its checkpoints."""
    with node.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(COSIGNATURES)) or 0


def findings(county: County, name: str) -> list[str]:
    return [found.what for found in verify_node(county.node(name)).findings]


@pytest.mark.parametrize("setting", ["files", "server"])
def test_a_computer_that_was_taken_in_is_heard_for_the_office_that_it_keeps(
    request: pytest.FixtureRequest, setting: str
):
    # Given a computer that the county takes in, and an office that it opens there
    county = County(request.getfixturevalue(f"tiny_on_{setting}"))
    newcomer = Forger(county.tiny, NEW_NODE, NodeKeys.make())
    order(county, admission(county, newcomer.keys))
    where = {"parent": county.unit(TOWN_A), "node": NEW_NODE, "kind": UnitKind.VILLAGE}
    unit = UUID(order(county, OpenUnit(code=NEW_VILLAGE, name="新塘村", **where))["unit"])
    # When it reports for that office
    county.hear(newcomer.say(**a_report(county, unit)))
    # Then those above believe it
    assert believes(county.node("county"), NEW_NODE) == ["report.filed"]
    assert believes(county.node("town-100"), NEW_NODE) == ["report.filed"]


def test_a_computer_that_was_taken_in_says_nothing_for_the_offices_of_others(county: County):
    # Given a computer that keeps no office
    newcomer = Forger(county.tiny, NEW_NODE, NodeKeys.make())
    order(county, admission(county, newcomer.keys))
    # When it reports for a village of another, then that is parked and told
    county.hear(newcomer.say(**a_report(county, county.unit(VILLAGE_1))))
    assert reasons(county.node("town-100")) == ["not-theirs"]
    assert county.alarms("county") == [(NEW_NODE, "report.filed")] * 2


def test_after_its_keys_were_replaced_a_computer_is_heard_with_the_new_ones_alone(county: County):
    # Given a computer that was heard, and whose keys the county replaces then
    county.hear(report(county))
    new = NodeKeys.make()
    order(county, other_keys(new))
    # When somebody goes on with the old key, then that is not believed
    county.hear(another(county))
    assert believes(county.node("town-100"), ALONE) == ["report.filed"]
    # When it goes on with the new one, then it is believed
    county.forger.keys = new
    county.forger.take_back()
    county.hear(another(county))
    assert believes(county.node("town-100"), ALONE) == ["report.filed", "case.registered"]
    assert reasons(county.node("town-100")) == []


def test_what_was_signed_before_keys_were_replaced_stays_good(county: County):
    # Given what a village signed, and checkpoints that those above have cosigned
    county.hear(report(county))
    county.tiny.clock.at += LATER
    witness(*county.nodes)
    assert all(cosigned(county.node(name)) for name in ("villages-100", "town-100", "county"))
    # When the county replaces the keys of a village, of the township and of its own computer
    for name in (ALONE, "villages-100", "town-100", "county"):
        order(county, other_keys(NodeKeys.make(), name))
    # Then nothing is wrong with what was signed before
    found = [findings(county, name) for name in ("town-100", "county", "villages-100")]
    assert found == [[], [], []]


def test_nothing_more_is_taken_of_a_computer_that_was_given_up(county: County):
    # Given a computer that was heard, and that the county gives up then
    county.hear(report(county))
    order(county, gone())
    # When it goes on, then that is parked, and what it had said before stays
    county.hear(another(county))
    for name in ("town-100", "county"):
        assert reasons(county.node(name)) == ["revoked"]
        assert believes(county.node(name), ALONE) == ["report.filed"]
    assert county.works()


def test_what_a_computer_asks_is_not_answered_once_it_was_given_up(county: County):
    # Given a computer that the county gave up
    order(county, gone())
    # When it asks for evidence, then nobody answers
    county.hear(county.forger.ask("evidence-request", "county", about=f"unit:{county.unit(VILLAGE_1)}"))
    assert county.told("evidence-told") == []


def test_a_computer_that_was_given_up_is_not_given_up_again_and_gets_no_keys(county: County):
    # Given a computer that the county gave up
    order(county, gone())
    # When somebody gives it up again or replaces its keys, then he is refused
    for again in (gone(), other_keys(NodeKeys.make())):
        with pytest.raises(NodeIsRevoked):
            order(county, again)


def test_no_office_is_given_to_a_computer_that_was_given_up(county: County):
    # Given a computer that the county gave up
    order(county, gone())
    # When somebody opens an office there, or moves one to it, then he is refused
    where = {"parent": county.unit(TOWN_A), "node": ALONE, "kind": UnitKind.VILLAGE}
    for given in (
        OpenUnit(code=NEW_VILLAGE, name="新塘村", **where),
        RehostUnit(unit=county.unit(VILLAGE_1), node=ALONE),
    ):
        with pytest.raises(NodeIsRevoked):
            order(county, given)


@pytest.mark.parametrize("name", [ALONE, "county", NEW_NODE], ids=["there", "the county's", "given up"])
def test_a_name_is_used_once(county: County, name: str):
    # Given names of computers that are there, and one that was given up
    order(county, admission(county, NodeKeys.make()))
    order(county, gone(NEW_NODE))
    # When somebody takes in another one under such a name, then he is refused
    with pytest.raises(NodeNameTaken):
        order(county, admission(county, NodeKeys.make(), name=name))


@pytest.mark.parametrize("code", [COUNTY, VILLAGE_1])
def test_a_computer_belongs_to_a_township(county: County, code: str):
    # When somebody takes in a computer for another unit than a township, then he is refused
    with pytest.raises(NotATownship):
        order(county, admission(county, NodeKeys.make(), township=code))


def test_the_county_does_not_give_up_its_own_computer(county: County):
    # When somebody gives up the county's own computer, then he is refused
    with pytest.raises(CountyKeepsItsNode):
        order(county, gone("county"))
