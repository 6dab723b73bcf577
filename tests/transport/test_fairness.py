"""No sender starves others: who has much to catch up, or fails, leaves the rest of the network its turn.

Told by what goes before what, never by a clock.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import pytest

from services.nodes import open_node
from shared.database import engines
from shared.event_log.writer import WriterPool
from shared.process import rhythm
from shared.process.host import Host
from shared.settings.network import read_node
from shared.transport.local.wire import LocalWire
from shared.transport.wire import Message, WireDown
from shared.work.common.refusals import Refusal
from tests.parts.tiny_network import ALONE, VILLAGE_1, VILLAGE_2, WIRE, TinyNetwork
from tests.transport.postman import journal, known_from, next_batches
from tests.transport.test_gaps import everybody_on
from tests.transport.test_network_at_work import Road, road, settled  # noqa: F401
from tests.transport.wire_tools import until

WINDOW, MUCH = 20, 200


class NotedWire(LocalWire):
    """A local wire that notes what it was asked to do, in order."""

    noted: list[str | tuple[str, ...]]

    def send(self, messages: Sequence[Message]) -> None:
        self.noted.append(tuple(m.key for m in messages if "ce_number" in m.headers))
        super().send(messages)

    def identities(self) -> dict[str, str]:
        self.noted.append("look")
        return dict(super().identities())


@pytest.fixture
def catching_up(tiny_on_files: TinyNetwork) -> TinyNetwork:
    """A village that recorded much while its link was down."""
    tiny_on_files.set_flow(window=WINDOW)
    (village,) = tiny_on_files.open(ALONE)
    for _ in range(MUCH):
        tiny_on_files.register(village, VILLAGE_2)
    tiny_on_files.close(ALONE)
    return tiny_on_files


def test_a_catch_up_leaves_little_before_what_another_village_says(
    catching_up: TinyNetwork,
    road: Road,  # noqa: F811
):
    # Given two villages on one topic, one of them with much to catch up
    with everybody_on(road) as host:
        town, other = host.nodes["town-100"], host.nodes["villages-100"]
        until(lambda: len(known_from(town, ALONE)) >= WINDOW)
        # When the other one registers a matter
        before = len(journal(town))
        catching_up.register(other, VILLAGE_1)
        answered = len(journal(town)) - before
        settled(host)
        # Then its township knows it at once or after a few windows, and long before the catch-up is over
        after = [source for source, _, _ in journal(town)[before:]]
        assert after.index("villages-100") - answered <= 4 * WINDOW
        assert after[answered:].count(ALONE) > 5 * WINDOW
        assert len(known_from(town, ALONE)) == MUCH


def test_a_route_has_at_most_a_window_on_the_way(catching_up: TinyNetwork):
    # Given a village with much to catch up whose readers are down
    with catching_up.host(ALONE) as host:
        village = host.nodes[ALONE]
        until(lambda: village.outbox.sent.get("up", 0) == WINDOW)
        # When it looks around many times, then it has sent no more
        for now in range(0, 10_000, 100):
            host.look_around(float(now))
            host.send_next(float(now))
        assert village.outbox.sent["up"] <= WINDOW


@contextmanager
def by_hand(
    tiny: TinyNetwork, *names: str, wire: type[NotedWire] = NotedWire
) -> Iterator[tuple[Host, NotedWire]]:
    """A host whose steps the test calls."""
    crew, noted = WriterPool(2), wire(tiny.data / WIRE)
    noted.noted = []
    host = Host(
        [open_node(read_node(tiny.data, name), clock=tiny.clock, crew=crew) for name in names], noted, crew
    )
    host.start_nodes()
    yield host, noted
    for node in host.nodes.values():
        node.stop()
    crew.close()
    noted.close()


def test_every_route_has_the_same_share_of_a_round(catching_up: TinyNetwork):
    # Given a process that runs the village with much to catch up and another one
    catching_up.set_flow(round=6)
    with by_hand(catching_up, ALONE, "villages-100") as (host, wire):
        catching_up.register(host.nodes["villages-100"], VILLAGE_1)
        # When one round is sent
        host.send_next(1.0)
        # Then the other one is in it, and the rest of the catch-up comes in later rounds
        (first,) = wire.noted
        assert sorted(first) == [ALONE] * 3 + ["villages-100"]
        host.send_next(1.1)
        assert wire.noted[1] == (ALONE,) * 6


def test_a_long_catch_up_does_not_keep_the_process_from_looking_around(
    catching_up: TinyNetwork, monkeypatch: pytest.MonkeyPatch
):
    # Given a catch-up of many rounds
    catching_up.set_flow(window=MUCH, round=2)
    monkeypatch.setattr(rhythm, "TICK", 0.0)
    monkeypatch.setattr(rhythm, "SEND_EVERY", 0.0)
    wire = NotedWire(catching_up.data / WIRE)
    wire.noted = []
    # When it is sent
    with catching_up.host(ALONE, wire=wire) as host:
        until(lambda: host.nodes[ALONE].outbox.sent.get("up") == MUCH)
    # Then gaps, wipes and lost tails were looked for all the while
    sends = [index for index, what in enumerate(wire.noted) if what and what != "look"]
    looks = [index for index, what in enumerate(wire.noted) if what == "look"]
    assert len(sends) == MUCH // 2
    assert len([look for look in looks if sends[0] < look < sends[-1]]) >= MUCH // 4


class ThinWire(NotedWire):
    """A local wire that no more than ten facts pass at once, as on a thin line before the deadline."""

    def send(self, messages: Sequence[Message]) -> None:
        if sum("ce_number" in message.headers for message in messages) > 10:
            raise WireDown("no answer in time")
        super().send(messages)


def test_a_round_that_does_not_get_through_is_made_smaller_until_it_does(catching_up: TinyNetwork):
    # Given a thin line and a catch-up that does not pass it at once
    catching_up.set_flow(window=MUCH)
    with by_hand(catching_up, ALONE, wire=ThinWire) as (host, wire):
        # When the relay tries again and again
        for turn in range(100):
            now = turn * rhythm.SEND_EVERY
            with suppress(WireDown):
                host.send_next(now)
            host.look_around(now)
        # Then all of it is sent, in order
        assert host.nodes[ALONE].outbox.sent["up"] == MUCH
        sent = [len(what) for what in wire.noted if what != "look"]
        assert sum(sent) == MUCH and max(sent) <= 10


def test_who_went_back_while_a_batch_was_under_way_is_sent_everything_again(catching_up: TinyNetwork):
    # Given a batch that is under way
    (village,) = catching_up.open(ALONE)
    village.outbox.took("up", next_batches(village)["up"][:50])
    batch = next_batches(village)["up"]
    # When somebody asks for what comes after number 3 in the meantime
    village.outbox.go_back("up", 3)
    village.outbox.took("up", batch)
    # Then that is what goes next
    assert next_batches(village)["up"][0].number == 4


def test_a_node_that_cannot_take_in_stops_no_other_of_its_process(
    tiny_on_files: TinyNetwork, monkeypatch: pytest.MonkeyPatch
):
    # Given a process of all nodes, and the database of one of them locked by somebody
    for module, name in ((engines, "BUSY_SECONDS"), (rhythm, "TICK"), (rhythm, "LONGEST_PAUSE")):
        monkeypatch.setattr(module, name, 0.2)
    with tiny_on_files.host() as host:
        settled(host)
        lock = sqlite3.connect(tiny_on_files.data / "nodes" / "town-100" / "log.sqlite", isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        # When a village registers matters
        for _ in range(3):
            tiny_on_files.register(host.nodes[ALONE], VILLAGE_2)
            count = len(known_from(host.nodes[ALONE], ALONE))
            # Then the county has each, which reads the same topic
            until(lambda n=count: len(known_from(host.nodes["county"], ALONE)) == n)
        assert known_from(host.nodes["town-100"], ALONE) == []
        # And when the database is free, the township has them too, without a person
        lock.execute("ROLLBACK")
        settled(host)
        assert len(known_from(host.nodes["town-100"], ALONE)) == 3


def test_a_node_whose_place_another_process_took_stops_no_other_of_its_process(tiny_on_files: TinyNetwork):
    # Given a node that writes no more
    with tiny_on_files.host() as host:
        settled(host)
        host.nodes["town-100"].log.stop()
        with pytest.raises(Refusal):
            host.nodes["town-100"].take([])
        # When a village registers a matter, then the county has it and says so
        tiny_on_files.register(host.nodes[ALONE], VILLAGE_2)
        until(lambda: [state.held.get("county") for state in host.nodes[ALONE].outbox.states()] == [1])
