"""Whole nodes on a wire: receipts, losses that heal, keys that follow a matter, a directory that grows."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from shared.node.node import Node
from shared.orders.order import Order
from shared.process.host import Host
from shared.transport.local.wire import LocalWire
from shared.transport.wire import Message, Wire
from shared.work.common.words import UnitKind
from shared.work.directory.orders import OpenUnit, RehostUnit, RenameUnit
from shared.work.directory.tree_orders import CloseUnit
from shared.work.matters.orders.handling import PassOn
from shared.work.matters.orders.referring import ReferMatter
from shared.work.matters.questions import matter as matters
from tests.parts.tiny_network import (
    ALONE,
    COUNTY,
    TOWN_A,
    TOWN_B,
    VILLAGE_1,
    VILLAGE_2,
    VILLAGE_3,
    WIRE,
    TinyNetwork,
)
from tests.transport.conftest import KafkaRoad
from tests.transport.moving import settled
from tests.transport.postman import hand_round, known_from, letters, next_batches, parked
from tests.transport.wire_tools import until

STORY = "水渠改道淹了三亩稻田"


pytestmark = pytest.mark.usefixtures("impatient")


def test_receipts_let_the_village_say_that_all_57_are_held(tiny: TinyNetwork, host: Host):
    # Given a village that registered 57 matters
    village = host.nodes[ALONE]
    for _ in range(57):
        tiny.register(village, VILLAGE_2)
    # When they have travelled
    settled(host)
    # Then it knows that township and county hold 57 of 57
    (up,) = [route for route in village.routes() if route.route == "up"]
    assert (up.last, up.held) == (57, {"county": 57, "town-100": 57})


def test_what_departed_is_sent_again_with_the_same_place_after_a_crash(tiny: TinyNetwork):
    # Given a village that recorded facts and went down before it sent any
    (village,) = tiny.open(ALONE)
    cases = [tiny.register(village, VILLAGE_2) for _ in range(3)]
    batch = next_batches(village)["up"]
    tiny.close(ALONE)
    # When it is there again, then the same facts have the same numbers, chains and signatures
    (village,) = tiny.open(ALONE)
    assert next_batches(village)["up"] == batch
    assert [on.envelope.stream for on in batch] == cases
    tiny.close(ALONE)
    # And they arrive
    with tiny.host() as host:
        settled(host)
        assert len(known_from(host.nodes["town-100"], ALONE)) == 3


def test_a_lost_tail_is_sent_again_without_a_person(tiny: TinyNetwork):
    # Given a village whose wire took its facts and lost them
    with tiny.host(ALONE, wire=LocalWire(tiny.data / "lost.sqlite")) as alone:
        tiny.register(alone.nodes[ALONE], VILLAGE_2)
        until(lambda: alone.nodes[ALONE].outbox.sent.get("up") == 1)
    # When it is on the network's wire
    with tiny.host() as host:
        # Then its township has them, though nobody asked
        settled(host)
        assert known_from(host.nodes["town-100"], ALONE) == ["case.registered.v2"]


class Road:
    """The small county on a file, or on Kafka, with everything that stands on the wire."""

    def __init__(self, tiny: TinyNetwork, kafka: KafkaRoad | None) -> None:
        self.tiny, self._kafka = tiny, kafka
        self.wire: Wire = kafka.wire() if kafka else LocalWire(tiny.data / WIRE)

    def lose(self, host: Host) -> None:
        """Lose every message and topic."""
        if self._kafka:
            self._kafka.wipe(sorted({topic for node in host.nodes.values() for topic in node.ways.topics()}))
        else:
            (self.tiny.data / WIRE).unlink()


@pytest.fixture(params=["file", "kafka"])
def road(tiny_on_files: TinyNetwork, request: pytest.FixtureRequest) -> Road:
    """Each road in turn."""
    on_kafka = request.param == "kafka"
    return Road(tiny_on_files, request.getfixturevalue("kafka_road") if on_kafka else None)


@pytest.fixture
def at_work(road: Road) -> Iterator[Host]:
    """Every node on that wire; nothing stands on it afterwards."""
    with road.tiny.host(wire=road.wire) as host:
        yield host
    road.lose(host)


def test_a_road_that_is_wiped_in_the_middle_of_work_heals(road: Road, at_work: Host):
    # Given a network at work
    village, town = at_work.nodes[ALONE], at_work.nodes["town-100"]
    for _ in range(5):
        road.tiny.register(village, VILLAGE_2)
    # When everything on the wire is lost
    road.lose(at_work)
    for _ in range(5):
        road.tiny.register(village, VILLAGE_2)
    # Then all of it arrives, once, and nothing is parked
    settled(at_work)
    assert len(known_from(town, ALONE)) == 10
    assert parked(town) == []


def test_a_topic_full_of_garbage_does_not_stop_the_good_ones(road: Road, at_work: Host):
    # Given topics with a hundred messages of no sense before and between the good ones
    town, topics = at_work.nodes["town-100"], at_work.nodes["town-100"].ways.topics()
    road.wire.ensure_topics(topics)
    for half in (0, 100):
        road.wire.send([garbage(topic, number) for topic in topics for number in range(half, half + 100)])
        road.tiny.register(at_work.nodes[ALONE], VILLAGE_2)
    # When everything was read
    settled(at_work)
    until(lambda: len(parked(town)) == 200 * len(topics))
    # Then the good ones are here
    assert known_from(town, ALONE) == ["case.registered.v2"] * 2


def garbage(topic: str, number: int) -> Message:
    """Something that anybody who can write to a topic may have written there."""
    headers = {"ce_type": ("control.dance.v1", "case.registered.v1", "七")[number % 3], "no": str(number)}
    return Message(topic, f"nobody-{number}", headers, bytes([number]) * number)


def read_at(node: Node, case: UUID) -> str | None:
    """The story of a matter as an office can read it."""
    shown = node.ask(matters.matter, case, as_of=node.now())
    return node.open(shown.content.account) if shown else None


def refer(tiny: TinyNetwork, host: Host, node: str, by: str, to: str) -> UUID:
    case = tiny.register(host.nodes[node], by, account=STORY)
    tiny.give(host.nodes[node], by, ReferMatter(case=case, to=tiny.units[to]))
    settled(host)
    return case


@pytest.mark.parametrize(
    ("sender", "by", "receiver", "to"),
    [
        (ALONE, VILLAGE_2, "town-100", TOWN_A),
        ("town-100", TOWN_A, ALONE, VILLAGE_2),
        ("county", COUNTY, "town-101", TOWN_B),
    ],
    ids=["up", "down", "from the county"],
)
def test_the_keys_follow_a_matter_to_the_office_that_gets_it(
    tiny: TinyNetwork, host: Host, sender: str, by: str, receiver: str, to: str
):
    # Given a matter that is referred
    case = refer(tiny, host, sender, by, to)
    # Then the office that got it can read it, and has forgotten the one-time key
    assert read_at(host.nodes[receiver], case) == STORY
    assert host.nodes[receiver].ring.one_time(case) is None
    # And no other office can
    others = host.nodes.keys() - {sender, receiver}
    assert not any(host.nodes[name].ring.of_subject(case) for name in others)


def test_a_matter_that_goes_sideways_is_read_by_its_receiver(tiny: TinyNetwork, host: Host):
    # Given a township that refers a matter to the other one, which goes through the county
    case = refer(tiny, host, "town-100", TOWN_A, TOWN_B)
    shown = host.nodes["county"].ask(matters.matter, case, as_of=tiny.clock.now())
    assert shown
    assert read_at(host.nodes["town-101"], case) is None
    # When the county passes it on
    tiny.give(host.nodes["county"], COUNTY, PassOn(referral=shown.hands[-1].referral))
    settled(host)
    # Then the other township can read it, and the villages cannot
    assert read_at(host.nodes["town-101"], case) == STORY
    assert not host.nodes[ALONE].ring.of_subject(case)


def names_at(host: Host, node: str) -> set[str]:
    return {unit.name for unit in host.nodes[node].directory.units.values() if unit.open}


def change(tiny: TinyNetwork, host: Host, order: Order) -> dict[str, str]:
    done = tiny.give(host.nodes["county"], COUNTY, order, role="administrator")
    settled(host)
    return done


def test_a_village_that_is_added_renamed_and_closed_is_so_below_without_a_restart(
    tiny: TinyNetwork, host: Host
):
    # Given a county that opens a village
    where = {"parent": tiny.units[TOWN_A], "node": "villages-100", "kind": UnitKind.VILLAGE}
    unit = UUID(change(tiny, host, OpenUnit(code="430321100203", name="新塘村", **where))["unit"])
    # Then its township and its node know it, and it registers a matter
    assert "新塘村" in names_at(host, "town-100") & names_at(host, "villages-100")
    assert "新塘村" not in names_at(host, "town-101")
    tiny.units["430321100203"] = unit
    tiny.register(host.nodes["villages-100"], "430321100203")
    # When it is renamed, then so it is called below
    change(tiny, host, RenameUnit(unit=unit, name="老塘村", code="430321100203"))
    assert "老塘村" in names_at(host, "town-100") & names_at(host, "villages-100")
    # When it is closed, then it is open nowhere
    change(tiny, host, CloseUnit(unit=unit, successor=tiny.units[VILLAGE_1]))
    assert not {"新塘村", "老塘村"} & (names_at(host, "town-100") | names_at(host, "villages-100"))


def test_a_village_that_moves_to_another_node_registers_there(tiny: TinyNetwork, host: Host):
    # Given a village that is kept with others
    change(tiny, host, RehostUnit(unit=tiny.units[VILLAGE_1], node=ALONE))
    # When it has moved to another node, then that node keeps it and the old one does not
    assert host.nodes[ALONE].keeps(tiny.units[VILLAGE_1])
    assert not host.nodes["villages-100"].keeps(tiny.units[VILLAGE_1])
    tiny.register(host.nodes[ALONE], VILLAGE_1)
    settled(host)
    assert known_from(host.nodes["town-100"], ALONE) == ["case.registered.v2"]


def test_keys_are_asked_of_everybody_who_ever_offered_the_matter(tiny: TinyNetwork):
    # Given a matter that went sideways through the county, whose keys have not come yet
    county, owner, other, village = tiny.open("county", ALONE, "town-101", "villages-101")
    case = tiny.register(owner, VILLAGE_2, account=STORY)
    tiny.give(owner, VILLAGE_2, ReferMatter(case=case, to=tiny.units[TOWN_B]))
    hand_round([county], letters(owner))

    def pass_on(node: Node, code: str, receiver: Node, to: UUID | None = None) -> None:
        shown = node.ask(matters.matter, case, as_of=node.now())
        assert shown
        tiny.give(node, code, PassOn(referral=shown.hands[-1].referral, to=to))
        hand_round([receiver], letters(node))

    pass_on(county, COUNTY, other)
    # When the office passes it on, and it comes back from somebody who waits for them, too
    pass_on(other, TOWN_B, village, tiny.units[VILLAGE_3])
    pass_on(village, VILLAGE_3, other, tiny.units[TOWN_B])
    tiny.close()
    # Then it is read where it is, once everybody is on the wire
    with tiny.host() as host:
        settled(host)
        assert read_at(host.nodes["town-101"], case) == STORY


def test_a_node_hands_out_the_keys_of_an_office_that_has_moved_away(tiny: TinyNetwork):
    # Given a village that registered a matter, and whose node then learns that another one keeps it now
    old, county = tiny.open("villages-100", "county")
    case = tiny.register(old, VILLAGE_1, account=STORY)
    move = RehostUnit(unit=tiny.units[VILLAGE_1], node=ALONE)
    tiny.give(county, COUNTY, move, role="administrator")
    # When it refers the matter before it learns of that, and everybody is on the wire
    tiny.give(old, VILLAGE_1, ReferMatter(case=case, to=tiny.units[TOWN_A]))
    hand_round([old], letters(county))
    assert not old.keeps(tiny.units[VILLAGE_1])
    tiny.close()
    with tiny.host() as host:
        settled(host)
        # Then the township can read it
        assert read_at(host.nodes["town-100"], case) == STORY


def test_a_matter_of_one_township_is_no_business_of_the_other(tiny: TinyNetwork, host: Host):
    # Given a matter of a village
    tiny.register(host.nodes["villages-101"], VILLAGE_3)
    settled(host)
    # Then the other township's nodes have not heard of it
    for name in ("town-100", ALONE, "villages-100"):
        assert known_from(host.nodes[name], "villages-101") == []
