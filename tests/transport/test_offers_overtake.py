"""A new office is offered a matter by somebody whose message is quicker than the directory: nothing is lost."""

from uuid import UUID

import pytest

from shared.node.node import Node
from shared.node.offers import Offers
from shared.transport.wire import Message
from shared.work.common.words import UnitKind
from shared.work.directory.orders import OpenUnit
from shared.work.matters.orders.referring import ReferMatter
from tests.parts.tiny_network import ALONE, COUNTY, TOWN_A, TinyNetwork
from tests.transport.postman import hand, hand_round, journal, letters
from tests.transport.wire_tools import until

RECEIVED = (ALONE, "referral.received.v1", 1)


class NewVillage:
    """A village that the county has opened on a node; its township knows that and refers a matter to it."""

    def __init__(self, tiny: TinyNetwork) -> None:
        county, town, self.node = tiny.open("county", "town-100", ALONE)
        where = {"parent": tiny.units[TOWN_A], "node": ALONE, "kind": UnitKind.VILLAGE}
        order = OpenUnit(code="430321100203", name="新塘村", **where)
        unit = UUID(tiny.give(county, COUNTY, order, role="administrator")["unit"])
        self.directory = self.mail(letters(county))
        hand_round([town], letters_again(county))
        case = tiny.register(town, TOWN_A)
        tiny.give(town, TOWN_A, ReferMatter(case=case, to=unit))
        self.offer = self.mail(letters(town))

    def mail(self, messages: list[Message]) -> list[Message]:
        """What of the messages is for the node's mailbox."""
        return [message for message in messages if message.topic == self.node.ways.topics()[0]]

    def has_received(self, node: Node | None = None) -> bool:
        return journal(node or self.node).count(RECEIVED) == 1


def letters_again(county: Node) -> list[Message]:
    """Everything that the county ever sent."""
    for route in list(county.outbox.sent):
        county.outbox.go_back(route, 0)
    return letters(county)


@pytest.fixture
def new(tiny: TinyNetwork) -> NewVillage:
    return NewVillage(tiny)


def test_an_offer_that_overtakes_the_directory_is_taken_up_when_the_directory_is_here(new: NewVillage):
    # Given an offer that came before its office was known here
    hand(new.node, new.offer)
    assert not new.has_received()
    # When the directory comes
    hand(new.node, new.directory)
    # Then the office has the matter
    until(new.has_received)


def test_an_offer_in_the_same_batch_as_the_directory_is_taken_up(new: NewVillage):
    hand(new.node, new.directory + new.offer)
    until(new.has_received)


def test_an_offer_that_waited_while_the_node_was_down_is_taken_up_at_its_start(
    tiny: TinyNetwork, new: NewVillage, monkeypatch: pytest.MonkeyPatch
):
    # Given a node whose power went after both had come and before it took the offer up
    hand(new.node, new.offer)
    with monkeypatch.context() as without:
        without.setattr(Offers, "look", lambda _: None)
        hand(new.node, new.directory)
        tiny.close(ALONE)
    # When it is started
    (again,) = tiny.open(ALONE)
    # Then the office has the matter
    until(lambda: new.has_received(again))
