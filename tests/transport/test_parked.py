"""What cannot be taken is parked with its reason: only its own stream waits, and it is taken in when it can be."""

from typing import Any

import pytest

from shared.event_log.names import fact_classes
from shared.event_log.node_keys import NodeKeys
from shared.node.node import Node
from shared.transport.messages import control_message
from shared.transport.wire import Arrived, Message, Place
from shared.work.common.words import MatterClass, Purpose
from shared.work.matters.case import Assessed
from shared.work.matters.orders.referring import AssessMatter
from tests.parts.tiny_network import ALONE, VILLAGE_2, TinyNetwork
from tests.transport.postman import Pen, changed, hand, known_from, letters, parked, reasons


class Village:
    """Two matters, the first of them classified twice; the messages of all that."""

    def __init__(self, tiny: TinyNetwork) -> None:
        self.node, self.town = tiny.open(ALONE, "town-100")
        first = tiny.register(self.node, VILLAGE_2)
        for version in (1, 2):
            tiny.give(self.node, VILLAGE_2, _classify(first, version))
        tiny.register(self.node, VILLAGE_2)
        self.letters = letters(self.node)

    def of_the_future(self, type: str = "case.weighed.v1") -> list[Message]:
        """The same facts, the second of them of a type that this release does not know."""
        pen = Pen(self.node.keys)
        other = {"type": type, "dataschema": f"urn:huiyin:schema:{type}"}
        return [pen.write(message, **(other if no == 1 else {})) for no, message in enumerate(self.letters)]


def _classify(case: Any, version: int) -> AssessMatter:
    return AssessMatter(
        case=case, version=version, matter_class=MatterClass.HEALTH, purpose=Purpose.SUGGESTION
    )


@pytest.fixture
def village(tiny: TinyNetwork) -> Village:
    return Village(tiny)


@pytest.mark.parametrize("type", ["case.weighed.v1", "case.classified.v2"], ids=["name", "version"])
def test_a_fact_of_the_future_is_parked_and_only_its_stream_waits(village: Village, type: str):
    # Given facts of which one has a type or a version that is not known here
    hand(village.town, village.of_the_future(type))
    # Then it is parked, the later one of its stream behind it, and the other matter is here
    assert sorted(reasons(village.town)) == ["behind-parked", "unknown-fact"]
    assert known_from(village.town, ALONE) == ["case.registered.v2", "case.registered.v2"]
    # And all four count as held, so that nobody sends them again
    assert village.town.positions.source_routes[ALONE, 1, "up"].held == 4
    assert village.town.positions.gaps() == {}


def test_it_is_taken_in_by_the_release_that_knows_it(
    tiny: TinyNetwork, village: Village, monkeypatch: pytest.MonkeyPatch
):
    # Given a parked fact and one behind it
    hand(village.town, village.of_the_future())
    # When a release starts that does not know it either, then it stays
    tiny.close("town-100")
    (town,) = tiny.open("town-100")
    assert sorted(reasons(town)) == ["behind-parked", "unknown-fact"]
    # When a release starts that knows it
    tiny.close("town-100")
    monkeypatch.setitem(fact_classes(), "case.weighed", Assessed)
    (town,) = tiny.open("town-100")
    # Then both are taken in, in the order of their stream, and later ones pass
    assert parked(town) == []
    assert known_from(town, ALONE)[-2:] == ["case.weighed.v1", "case.classified.v1"]
    hand(
        town,
        [Pen(village.node.keys, village.of_the_future()[-1]).write(village.letters[1], streamversion="4")],
    )
    assert parked(town) == []


def test_a_parked_fact_that_still_cannot_be_taken_does_not_keep_the_node_from_starting(
    tiny: TinyNetwork, village: Village
):
    # Given a fact whose data no release can read, and one behind it
    pen = Pen(village.node.keys)
    broken = pen.write(village.letters[0], value=b"[1, 2]")
    village.town.take([Arrived(broken, Place("by hand", 1))], failed="a handler failed").result()
    hand(village.town, [pen.write(village.letters[1])])
    # When the node starts again
    tiny.close("town-100")
    (town,) = tiny.open("town-100")
    # Then both are parked, and other matters are taken
    assert sorted(reasons(town)) == ["behind-parked", "unknown-fact"]
    hand(town, [pen.write(village.letters[3])])
    assert known_from(town, ALONE) == ["case.registered.v2"]


GARBAGE: dict[str, dict[str, str | None]] = {
    "no type": {"type": None},
    "no id": {"id": None},
    "no route": {"route": None},
    "another version of the wire": {"wire": "2"},
    "an id that is none": {"id": "七"},
    "a number that is none": {"number": "-1"},
    "a number beyond every database": {"number": "9" * 30},
    "a life beyond every database": {"incarnation": "9" * 30},
    "a version beyond every database": {"streamversion": "9" * 30},
    "digits of another script": {"number": "１"},
    "a chain that is none": {"chain": "zz"},
    "a moment that is none": {"time": "2026-13-45T99:00:00.000000Z"},
    "half a character": {"actor": "\ud800"},
    "a sign that no database takes": {"subject": "case/\x00", "source": "\x00"},
    "a very long header": {"subject": "x" * 100_000},
}


@pytest.mark.parametrize("headers", GARBAGE.values(), ids=GARBAGE.keys())
def test_headers_that_say_nothing_are_parked_as_unreadable(village: Village, headers: dict[str, str | None]):
    # Given a message that cannot be understood
    hand(village.town, [changed(village.letters[0], **headers), *village.letters])
    # Then it is parked, and what follows is taken
    assert reasons(village.town) == ["unreadable"]
    assert known_from(village.town, ALONE) == known_from(village.node, ALONE)


@pytest.mark.parametrize("value", [b"", b"\xff\xfe", b"{", b"[" * 100_000, b"9" * 9_000, bytes(range(256))])
def test_data_that_are_no_json_are_parked_as_unreadable(village: Village, value: bytes):
    # Given a value that is no data
    hand(village.town, [changed(village.letters[0], value=value), *village.letters])
    # Then it is parked, and what follows is taken
    assert reasons(village.town) == ["unreadable"]
    assert known_from(village.town, ALONE) == known_from(village.node, ALONE)


def test_the_same_garbage_twice_is_parked_once(village: Village):
    # Given garbage that is sent again and again
    for _ in range(5):
        hand(village.town, [changed(village.letters[0], id="七")])
    # Then it is one row
    assert reasons(village.town) == ["unreadable"]


def control(village: Village, kind: str, body: Any, keys: NodeKeys | None = None) -> Message:
    town = village.town
    topic = f"{town.settings.network.name}.to.{town.name}"
    return control_message(topic, kind, ALONE, town.now(), keys or village.node.keys, body)


BODIES: list[tuple[str, Any]] = [
    ("dance", {"to": "music"}),
    ("receipt", {}),
    ("receipt", []),
    ("receipt", {"of": "town-100", "incarnation": 1, "held": ["up", 3]}),
    ("receipt", {"of": "town-100", "incarnation": 1, "held": {"up": 2**53 - 1}}),
    ("receipt", {"of": "town-100", "incarnation": 1, "held": {"up": -4, "\x00": "x"}}),
    ("resend", {}),
    ("resend", {"incarnation": 1, "route": "up", "after": 2**53 - 1}),
    ("resend", {"incarnation": 1, "route": ["up"], "after": "all"}),
    ("key-request", {"subject": "nobody", "key": "no key"}),
    ("key-parcel", {"subject": 5}),
]


@pytest.mark.parametrize(("kind", "body"), BODIES)
def test_a_signed_control_message_that_says_nothing_is_passed_over(village: Village, kind: str, body: Any):
    # Given a control message of an unknown kind or with a body that makes no sense
    hand(village.town, [control(village, kind, body), *village.letters])
    # Then nothing happened, and the facts beside it are taken
    assert known_from(village.town, ALONE) == known_from(village.node, ALONE)
    assert held_of(village.town, ALONE) in ({}, {"up": 0})


def test_a_control_message_that_its_sender_did_not_sign_is_parked(village: Village):
    # Given a receipt that somebody else wrote in the village's name
    said = {"of": "town-100", "incarnation": 1, "held": {"up": 1}}
    hand(village.town, [control(village, "receipt", said, NodeKeys.make())])
    # Then it is parked and not believed
    assert reasons(village.town) == ["unreadable"]
    assert held_of(village.town, ALONE) == {}


def held_of(node: Node, holder: str) -> dict[str, int]:
    """What a holder said of a node's routes."""
    said = {state.route: state.held.get(holder) for state in node.outbox.states()}
    return {route: number for route, number in said.items() if number is not None}
