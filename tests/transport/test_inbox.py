"""Arrival: each fact once, without a gap, in its stream's order, and only what its sender signed."""

from itertools import permutations
from random import Random

import pytest
from sqlalchemy import select

from shared.event_log.node_keys import NodeKeys
from shared.event_log.tables import RECEIVED, SOURCES
from shared.node.node import Node
from shared.transport.wire import Message
from shared.work.catalogue import PROJECTIONS
from shared.work.common.order_refusals import NotStored
from tests.parts.tiny_network import ALONE, VILLAGE_2, TinyNetwork
from tests.transport.postman import Pen, changed, hand, journal, known_from, letters, parked, reasons

LANE = (ALONE, 1, "up")


class Road:
    """A village that has registered matters, and its township that has not heard of them yet."""

    def __init__(self, tiny: TinyNetwork, matters: int = 5) -> None:
        self.village, self.town = tiny.open(ALONE, "town-100")
        self.cases = [tiny.register(self.village, VILLAGE_2) for _ in range(matters)]
        self.letters = letters(self.village)

    def held(self) -> int:
        return (
            self.town.positions.source_routes[LANE].held if LANE in self.town.positions.source_routes else 0
        )

    def all_are_here(self) -> bool:
        return known_from(self.town, ALONE) == known_from(self.village, ALONE)


@pytest.fixture
def road(tiny: TinyNetwork) -> Road:
    return Road(tiny)


def test_every_message_twice_changes_nothing(road: Road):
    # Given facts that arrived
    hand(road.town, road.letters)
    before, dump = journal(road.town), road.town.ask(PROJECTIONS.dump)
    # When each comes again, in one batch, one by one and backwards
    hand(road.town, road.letters + road.letters)
    for message in [*road.letters, *reversed(road.letters)]:
        hand(road.town, [message])
    # Then nothing changed
    assert road.all_are_here() and road.held() == 5
    assert (journal(road.town), road.town.ask(PROJECTIONS.dump)) == (before, dump)
    assert parked(road.town) == []


def test_beyond_a_gap_nothing_is_kept_but_the_highest_number(road: Road):
    # Given a message that was lost on the way
    hand(road.town, road.letters[:1])
    # When the later ones come
    hand(road.town, road.letters[2:])
    # Then one fact is here, and the gap is known
    assert known_from(road.town, ALONE) == ["case.registered.v2"]
    assert rows(road.town) == 1
    (gap,) = road.town.positions.gaps().items()
    assert (gap[0], gap[1].held, gap[1].highest) == (LANE, 1, 5)
    # And when everything after the first one comes again, the gap is closed
    hand(road.town, road.letters[1:])
    assert road.all_are_here() and road.town.positions.gaps() == {}


def test_a_gap_is_remembered_over_a_restart(tiny: TinyNetwork, road: Road):
    # Given a gap
    hand(road.town, [road.letters[0], road.letters[4]])
    # When the township's node is started again
    tiny.close("town-100")
    (town,) = tiny.open("town-100")
    # Then it still knows that there is one, and takes what was missing
    assert town.positions.gaps().keys() == {LANE}
    hand(town, road.letters[1:])
    assert town.positions.gaps() == {}


@pytest.mark.parametrize("seed", range(8))
def test_in_whatever_order_and_however_often_they_come_each_is_taken_once(tiny_on_files, seed: int):
    # Given messages that are shuffled, doubled and handed over in pieces
    road, random = Road(tiny_on_files, matters=6), Random(seed)
    stream = [message for message in road.letters for _ in range(random.randint(1, 3))]
    random.shuffle(stream)
    # When they come, and then once more in order
    while stream:
        size = random.randint(1, 4)
        hand(road.town, stream[:size])
        stream = stream[size:]
        assert rows(road.town) == road.held()
    hand(road.town, road.letters)
    # Then each is here once
    assert road.all_are_here()


def test_a_changed_fact_is_parked_and_the_true_one_taken(road: Road):
    # Given a fact that was changed on its way
    false = changed(road.letters[0], value=road.letters[0].value.replace(b"visit", b"phone"))
    # When it comes before the true ones
    hand(road.town, [false])
    assert (reasons(road.town), road.held()) == (["wrong-hash"], 0)
    hand(road.town, road.letters)
    # Then the true ones are here
    assert road.all_are_here()


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one by one"])
def test_a_forged_fact_is_parked_and_does_not_keep_the_true_ones_back(road: Road, together: bool):
    # Given a fact that continues the chain but is signed by somebody else
    forged = Pen(NodeKeys.make()).write(road.letters[0], actor="somebody else")
    # When it comes before the true ones
    for batch in [[forged, *road.letters]] if together else [[forged], road.letters]:
        hand(road.town, batch)
    # Then it alone is parked
    assert reasons(road.town) == ["forged"]
    assert road.all_are_here() and road.town.positions.gaps() == {}


def test_a_number_that_nobody_signed_is_no_gap(road: Road):
    # Given somebody who writes a high number in the village's name
    forged = changed(road.letters[4], number="900")
    # When it comes, then nothing is asked for
    hand(road.town, [forged, *road.letters])
    assert road.town.positions.gaps() == {}
    assert road.all_are_here()


def test_unsigned_facts_count_only_up_to_a_signed_number(road: Road):
    # Given a batch of which only the third fact is signed
    bare = [changed(message, signature="") for message in road.letters]
    # When it comes
    hand(road.town, [bare[0], bare[1], road.letters[2], bare[3]])
    # Then the signature vouches for what is before it and for nothing after it
    assert road.held() == 3
    assert reasons(road.town) == ["forged"]


def test_a_source_on_a_topic_that_is_not_its_own_is_parked(road: Road, tiny: TinyNetwork):
    # Given a township's node that writes facts of a village where villages write
    (other,) = tiny.open("town-101")
    foreign = Pen(other.keys).write(road.letters[0], source="town-101")
    # When it comes
    hand(road.town, [foreign])
    # Then it is parked, and the village's own facts are taken
    assert reasons(road.town) == ["unauthorised"]
    hand(road.town, road.letters)
    assert road.all_are_here()


def test_a_fact_on_a_route_that_is_not_its_topics_is_parked(road: Road):
    # Given a fact of the way upward that says it is for the mailbox
    hand(road.town, [changed(road.letters[0], route="to:town-100")])
    # Then it is parked
    assert reasons(road.town) == ["unauthorised"]


def test_a_source_that_nobody_admitted_is_parked_and_leaves_no_trace_of_a_lane(road: Road):
    # Given messages of nodes that do not exist
    keys = NodeKeys.make()
    strangers = [Pen(keys).write(road.letters[0], source=f"stranger-{number}") for number in range(5)]
    # When they come
    hand(road.town, strangers)
    # Then they are parked, and no receipt is owed to them
    assert reasons(road.town) == ["unauthorised"] * 5
    assert not any(lane[0].startswith("stranger") for lane in lanes(road.town))
    assert not any(lane[0].startswith("stranger") for lane in road.town.receipts.take_touched())


def test_a_forger_of_another_life_of_a_node_leaves_no_lane(road: Road):
    # Given a message in the village's name with an incarnation that it never had
    forged = Pen(NodeKeys.make()).write(road.letters[0], incarnation="7")
    # When it comes, then it is parked and nothing else
    hand(road.town, [forged])
    assert reasons(road.town) == ["forged"]
    assert (ALONE, 7, "up") not in lanes(road.town)


def test_a_fact_that_came_by_two_routes_is_counted_once(road: Road):
    # Given a fact on the way upward and in the mailbox
    mailbox = f"{road.town.settings.network.name}.to.town-100"
    pen = Pen(road.village.keys, route="to:town-100")
    second = Message(mailbox, ALONE, *_parts(pen.write(road.letters[0])))
    # When both come, in one batch and once more
    hand(road.town, [road.letters[0], second])
    hand(road.town, [second, road.letters[0]])
    # Then it is known once, and held on both routes
    assert known_from(road.town, ALONE) == ["case.registered.v2"]
    assert (road.held(), road.town.positions.source_routes[ALONE, 1, "to:town-100"].held) == (1, 1)


def test_receipts_are_owed_for_what_came_also_when_it_came_before(road: Road):
    # Given facts that arrived and whose receipt was sent
    hand(road.town, road.letters)
    assert road.town.receipts.take_touched() == {LANE}
    # When they come again because the receipt was lost, then it is owed again
    hand(road.town, road.letters[-1:])
    assert road.town.receipts.take_touched() == {LANE}
    assert road.town.receipts.durable[LANE] == 5


def test_a_receipt_does_not_wait_for_its_turn_when_its_sender_waits_for_it(tiny: TinyNetwork):
    # Given a village that catches up, half a window of three facts at a time
    tiny.set_flow(window=6)
    road = Road(tiny)
    hand(road.town, road.letters[:2])
    assert not road.town.receipts.is_waited_for()
    # When half a window has come, then the receipt is due at once, and not once more after it
    hand(road.town, road.letters[2:3])
    assert road.town.receipts.is_waited_for()
    road.town.receipts.take_touched()
    assert not road.town.receipts.is_waited_for()
    hand(road.town, road.letters[3:])
    assert not road.town.receipts.is_waited_for()


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_facts_of_different_villages_do_not_wait_for_each_other(tiny_on_files, order: tuple[int, ...]):
    # Given a village with a gap and another one without
    road = Road(tiny_on_files, matters=3)
    (others,) = tiny_on_files.open("villages-100")
    tiny_on_files.register(others, "430321100201")
    batch = [road.letters[0], road.letters[2], *letters(others)]
    # When their messages come mixed
    hand(road.town, [batch[index] for index in order])
    # Then the other village's fact is here
    assert known_from(road.town, "villages-100") == ["case.registered.v2"]


def rows(node: Node) -> int:
    """How many facts of the village are kept."""
    with node.engine.connect() as connection:
        bodies = connection.scalars(select(RECEIVED.c.body))
        return sum(f'"source":"{ALONE}"'.encode() in bytes(body) for body in bodies)


def lanes(node: Node) -> set[tuple[str, int, str]]:
    with node.engine.connect() as connection:
        found = connection.execute(select(SOURCES.c.source, SOURCES.c.incarnation, SOURCES.c.route))
        return {(row.source, row.incarnation, row.route) for row in found} | set(node.positions.source_routes)


def _parts(message: Message) -> tuple[dict[str, str], bytes]:
    return dict(message.headers), message.value


def test_a_receipt_promises_nothing_that_the_database_did_not_keep(tiny_on_files: TinyNetwork):
    # Given a township that holds two facts, and a database that refuses the next ones
    road = Road(tiny_on_files)
    hand(road.town, road.letters[:2])
    with road.town.engine.begin() as database:
        database.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    with pytest.raises(NotStored):
        hand(road.town, road.letters[2:])
    # When every receipt is to be sent once more, because a topic was wiped
    road.town.receipts.touch_all()
    # Then it says two
    assert road.town.receipts.durable[LANE] == 2
    # And when the database takes facts again, then the rest comes
    with road.town.engine.begin() as database:
        database.exec_driver_sql("DROP TRIGGER full")
    hand(road.town, road.letters)
    assert road.all_are_here() and road.town.receipts.durable[LANE] == 5
