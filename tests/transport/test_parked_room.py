"""How much is parked of one source: beyond it nothing more is kept, what was refused is counted, and no other is held up."""

from typing import Any

import pytest

from shared.event_log.node_keys import NodeKeys
from shared.node.node import Node
from shared.transport.parking import refused_counts
from tests.parts.tiny_network import ALONE, TinyNetwork
from tests.transport.postman import Pen, changed, hand, known_from, letters, parked, reasons
from tests.transport.test_inbox import LANE, Road

ROOM = 20_000
"""Most that is parked of a source here. Unit: bytes."""


@pytest.fixture
def road(tiny: TinyNetwork, monkeypatch: pytest.MonkeyPatch) -> Road:
    monkeypatch.setattr("shared.transport.admitting.PARKED_AT_MOST", ROOM)
    return Road(tiny)


def refused(node: Node) -> dict[str, int]:
    return node.ask(refused_counts)


def garbage(road: Road, count: int, **headers: Any) -> list[Any]:
    """Messages that cannot be read, each of half the room."""
    said = {"id": "七"} | headers
    return [
        changed(road.letters[0], value=b"%d" % number + b"x" * (ROOM // 2), **said) for number in range(count)
    ]


def test_garbage_of_a_source_is_kept_while_there_is_room_and_counted_beyond(road: Road):
    # Given a source of which as much garbage comes as there is room for, and three messages more
    hand(road.town, garbage(road, 5))
    # Then the rest is not kept but counted
    assert reasons(road.town) == ["unreadable"] * 2
    assert refused(road.town) == {ALONE: 3}


def test_garbage_in_somebodys_name_holds_back_nothing_of_his(road: Road):
    # Given garbage, and facts that somebody else signed, in a village's name, far more than there is room for
    forged = [Pen(NodeKeys.make()).write(message, value=b'"%s"' % (b"x" * ROOM)) for message in road.letters]
    hand(road.town, [*garbage(road, 5), *forged])
    assert refused(road.town)[ALONE] > 0
    # When its own facts come, then they are taken
    hand(road.town, road.letters)
    assert road.all_are_here()


def test_the_same_garbage_again_takes_no_more_room(road: Road):
    # Given garbage of half the room that comes again and again
    for _ in range(4):
        hand(road.town, garbage(road, 1))
    # Then there is room for another one
    hand(road.town, garbage(road, 2))
    assert reasons(road.town) == ["unreadable"] * 2
    assert refused(road.town) == {}


def test_sources_that_nobody_admitted_share_one_room(road: Road):
    # Given garbage under names that nobody bears, one of them no name that a database takes
    names = ["nobody-1", "nobody-2", "nobody-3", "\x00", "七"]
    hand(road.town, [message for name in names for message in garbage(road, 1, source=name)])
    # Then it has the room of one, and what was refused is counted together
    assert len(parked(road.town)) == 2
    assert refused(road.town) == {"": 3}


def test_of_a_source_whose_facts_fill_the_room_nothing_more_is_held_until_there_is_room_again(
    tiny: TinyNetwork, monkeypatch: pytest.MonkeyPatch
):
    # Given a village whose facts are of a type that this release does not know
    monkeypatch.setattr("shared.transport.admitting.PARKED_AT_MOST", ROOM // 2)
    road = Road(tiny)
    pen = Pen(road.village.keys)
    unknown = {"type": "case.weighed.v1", "dataschema": "urn:huiyin:schema:case.weighed.v1"}
    future = [pen.write(message, **unknown) for message in road.letters]
    for message in future:
        hand(road.town, [message])
    # Then those that there was room for are parked and held, and the others stay with the village, which is asked again
    held = road.town.positions.source_routes[LANE].held
    assert 0 < held < len(future)
    assert reasons(road.town) == ["unknown-fact"] * held
    assert LANE in road.town.positions.gaps()
    # And another village's facts are taken
    (others,) = tiny.open("villages-100")
    tiny.register(others, "430321100201")
    hand(road.town, letters(others))
    assert known_from(road.town, "villages-100") == ["case.registered.v2"]
    # When somebody gives up what is parked, then the next ones are held again
    for row in parked(road.town):
        road.town.parked.discard(row.id, by="admin", why="a trial")
    hand(road.town, future[held:])
    assert road.town.positions.source_routes[LANE].held > held
