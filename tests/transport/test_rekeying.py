"""A node's keys are replaced while much that it signed with the earlier ones is under way."""

from pathlib import Path
from threading import Event

import pytest

from services import restoring as command
from shared.event_log.node_keys import NodeKeys
from shared.node.node import Node
from shared.process import rhythm
from shared.process.host import Host
from shared.restore import session
from shared.settings.network import read_node
from shared.work.catalogue import PROJECTIONS
from shared.work.directory.node_entry import NodeEntry
from shared.work.directory.node_orders import RekeyNode
from tests.parts.backups import empty
from tests.parts.tiny_network import ALONE, COUNTY, VILLAGE_2, TinyNetwork
from tests.transport.forger import County, believes, knows
from tests.transport.postman import hand, hand_round, letters, reasons
from tests.transport.test_authority import a_matter_of_its_own
from tests.transport.test_nodes_come_and_go import other_keys, report
from tests.transport.wire_tools import until

PORTION, MATTERS = 3, 10
ABOVE = ("town-100", "county")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look around often, so that what heals by itself heals soon."""
    for name, seconds in (("TICK", 0.1), ("ASK_AGAIN", 0.5), ("LONGEST_PAUSE", 0.5)):
        monkeypatch.setattr(rhythm, name, seconds)
    for asking in (session, command):
        monkeypatch.setattr(asking, "ASK_AGAIN", 0.5)


def rekey(network: TinyNetwork, county: Node, new: NodeKeys) -> None:
    """The county replaces the keys of the village's node."""
    public = {"signing_key": new.public_signing(), "receiving_key": new.public_receiving()}
    order = RekeyNode(node=NodeEntry.id_for(ALONE), **public)
    network.give(county, COUNTY, order, role="administrator")


def take_new_keys(folder: Path, new: NodeKeys) -> None:
    (folder / "keys.json").unlink()
    new.save(folder / "keys.json")


def settled(host: Host) -> None:
    until(lambda: all(node.is_settled() for node in host.nodes.values()))


@pytest.mark.parametrize("setting", ["files", "server"])
def test_many_portions_under_way_are_neither_lost_nor_called_forged(
    request: pytest.FixtureRequest, setting: str
):
    # Given a village with many matters, of which nothing has arrived yet
    network: TinyNetwork = request.getfixturevalue(f"tiny_on_{setting}")
    network.open_all()
    village, county = network.nodes[ALONE], network.nodes["county"]
    cases = [network.register(village, VILLAGE_2) for _ in range(MATTERS)]
    under_way, new = letters(village), NodeKeys.make()
    # When its keys are replaced, everybody hears that first, and what is under way arrives portion by portion
    rekey(network, county, new)
    hand_round([*network.nodes.values()], letters(county))
    for first in range(0, len(under_way), PORTION):
        for name in ABOVE:
            hand(network.nodes[name], under_way[first : first + PORTION])
    # Then it waits, and nothing of it is parked
    assert {tuple(reasons(network.nodes[name])) for name in ABOVE} == {()}
    assert [believes(network.nodes[name], ALONE) for name in ABOVE] == [[], []]
    # When the village goes on with its new keys, then everything is there
    network.close()
    take_new_keys(read_node(network.data, ALONE).folder, new)
    with network.host() as host:
        until(lambda: all(knows(host.nodes[name], case) for name in ABOVE for case in cases))
        settled(host)
        assert {tuple(reasons(node)) for node in host.nodes.values()} == {()}


def test_the_present_key_over_the_chain_takes_in_what_the_earlier_one_signed(tiny_on_files: TinyNetwork):
    # Given facts under way, of which the first portion was signed with the earlier key
    county = County(tiny_on_files)
    early, new = report(county), NodeKeys.make()
    give_keys(county, new)
    county.forger.keys = new
    late = county.forger.say(**a_matter_of_its_own(county, {}))
    # When both come together, then the present key vouches for both
    county.hear(early, late)
    assert believes(county.node("town-100"), ALONE) == ["report.filed", "case.registered"]


def test_a_stolen_earlier_key_says_nothing_new(tiny_on_files: TinyNetwork):
    # Given a village whose keys were replaced, and somebody who has the earlier one
    county, new = County(tiny_on_files), NodeKeys.make()
    thief = county.forger.keys
    give_keys(county, new)
    lie = report(county)
    # When he says something in the place of what the village says next
    county.forger.take_back()
    county.forger.keys = new
    truth = county.forger.say(**a_matter_of_its_own(county, {}))
    county.hear(lie, truth, lie)
    # Then the village's own is believed, and nothing of his
    assert thief is not new
    assert believes(county.node("town-100"), ALONE) == ["case.registered"]


def test_what_a_node_asks_with_the_earlier_key_is_passed_over(tiny_on_files: TinyNetwork):
    # Given receipts of a node that has not taken its new keys yet
    county, new = County(tiny_on_files), NodeKeys.make()
    asked = county.forger.ask("evidence-request", "county", about=f"unit:{county.forger.unit}")
    give_keys(county, new)
    # When they come, then they are neither answered nor parked
    county.hear(asked)
    assert county.told("evidence-told") == [] and reasons(county.node("county")) == []


def test_a_node_whose_keys_were_replaced_takes_back_what_the_earlier_ones_signed(tiny_on_files: TinyNetwork):
    # Given a village that has recorded nothing since its keys were replaced
    network, new = tiny_on_files, NodeKeys.make()
    with network.host() as host:
        case = network.register(host.nodes[ALONE], VILLAGE_2)
        settled(host)
        rekey(network, host.nodes["county"], new)
        until(lambda: all(node.directory.nodes[ALONE].rotations for node in host.nodes.values()))
    take_new_keys(read_node(network.data, ALONE).folder, new)
    with network.host() as host:
        settled(host)
        before = host.nodes[ALONE].ask(PROJECTIONS.dump)
    # When its database is empty and it is restored, then everything comes back
    empty(read_node(network.data, ALONE))
    command.restore(lambda: network.open_host(restoring=ALONE), ALONE, stop=Event())
    with network.host() as host:
        settled(host)
        assert knows(host.nodes[ALONE], case)
        assert host.nodes[ALONE].ask(PROJECTIONS.dump) == before


def give_keys(county: County, new: NodeKeys) -> None:
    """The county replaces the forger's keys, and everybody hears of it."""
    county.tiny.give(county.node("county"), COUNTY, other_keys(new), role="administrator")
    county.carry()
