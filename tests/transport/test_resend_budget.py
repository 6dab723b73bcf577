"""Who may have something sent again: whoever reads the route, and only so much of it in a while."""

from datetime import timedelta

import pytest

from shared.node.node import Node
from shared.transport import topics
from shared.transport.messages import control_message
from shared.transport.quota import Quota
from shared.transport.wire import Message
from tests.parts.tiny_network import ALONE, TinyNetwork
from tests.transport.postman import hand, letters
from tests.transport.test_control import next_number
from tests.transport.test_inbox import Road


@pytest.fixture
def road(tiny_on_files: TinyNetwork, monkeypatch: pytest.MonkeyPatch) -> Road:
    """A village that has sent five facts, of which it sends ten again at once, and one more a second."""
    monkeypatch.setattr("shared.node.asking.RESENT", Quota(most=10, a_second=1))
    return Road(tiny_on_files)


@pytest.fixture
def busy_road(tiny_on_files: TinyNetwork, monkeypatch: pytest.MonkeyPatch) -> Road:
    """The same, where a neighbour may say four things of a kind at once, and one more a second."""
    monkeypatch.setattr("shared.node.asking.CONTROL", Quota(most=4, a_second=1))
    return Road(tiny_on_files)


def resend(road: Road, by: Node, *, route: str = "up", after: int = 0) -> Message:
    body = {"incarnation": 1, "route": route, "after": after}
    mailbox = topics.mailbox(by.settings.network.name, ALONE)
    return control_message(mailbox, "resend", by.name, road.village.now(), by.keys, body)


def test_only_who_reads_a_route_has_it_sent_again(tiny_on_files: TinyNetwork, road: Road):
    # Given nodes that do not read what the village sends upward
    for other in tiny_on_files.open("town-101", "villages-100"):
        hand(road.village, [resend(road, other)])
        assert next_number(road.village) is None
    # When its township asks, or the county, then it is sent again
    (county,) = tiny_on_files.open("county")
    for above in (road.town, county):
        hand(road.village, [resend(road, above, after=2)])
        assert next_number(road.village) == 3
        letters(road.village)


def test_a_reader_has_so_much_sent_again_and_more_with_time(tiny_on_files: TinyNetwork, road: Road):
    # Given a township that had everything sent again twice
    for _ in range(2):
        hand(road.village, [resend(road, road.town)])
        assert len(letters(road.village)) == 5
    # When it asks once more, then it waits
    hand(road.village, [resend(road, road.town)])
    assert next_number(road.village) is None
    # And when time has passed, then it is answered again
    tiny_on_files.clock.at += timedelta(seconds=5)
    hand(road.village, [resend(road, road.town)])
    assert len(letters(road.village)) == 5


def test_a_flood_of_one_neighbour_leaves_the_others_answered(tiny_on_files: TinyNetwork, busy_road: Road):
    # Given a township that asks more often than it may
    hand(busy_road.village, [resend(busy_road, busy_road.town, after=5)] * 9)
    hand(busy_road.village, [resend(busy_road, busy_road.town, after=2)])
    assert next_number(busy_road.village) is None
    # Then the county is answered as ever, and so is the township, once it has waited
    (county,) = tiny_on_files.open("county")
    hand(busy_road.village, [resend(busy_road, county, after=3)])
    assert next_number(busy_road.village) == 4
    tiny_on_files.clock.at += timedelta(seconds=1)
    hand(busy_road.village, [resend(busy_road, busy_road.town, after=2)])
    assert next_number(busy_road.village) == 3
