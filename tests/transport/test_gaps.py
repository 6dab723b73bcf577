"""A gap: what is missing is asked for, nothing beyond it is kept; what stays missing is a hole that shows."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest

from shared.event_log.node_keys import NodeKeys
from shared.process import rhythm
from shared.process.host import Host
from shared.transport import gaps, window
from shared.transport.gaps import HOLE_AFTER, Gap
from shared.transport.wire import Message
from tests.parts.tiny_network import ALONE, NINE, VILLAGE_2, TinyNetwork
from tests.transport.postman import Pen, changed, hand, known_from, letters, parked, reasons
from tests.transport.test_inbox import Road as Letters
from tests.transport.test_network_at_work import Road, road, settled  # noqa: F401
from tests.transport.wire_tools import until

MINUTE = timedelta(minutes=1)


@pytest.fixture
def mail(tiny: TinyNetwork) -> Letters:
    """A village that has registered five matters, and its township that has not heard of them yet."""
    return Letters(tiny)


def test_a_gap_is_noted_with_its_numbers_and_its_time(tiny: TinyNetwork, mail: Letters):
    # Given a message that was lost on the way
    hand(mail.town, [mail.letters[0], *mail.letters[2:4]])
    # Then which numbers are missing is known, since when, and it is no hole yet
    assert mail.town.ask(gaps.open_gaps) == [Gap(ALONE, 1, "up", 2, 4, NINE)]
    assert mail.town.ask(mail.town.holes) == []
    # When more comes from beyond it, then it is the same gap, only longer
    tiny.clock.at += MINUTE
    hand(mail.town, mail.letters[4:])
    assert mail.town.ask(gaps.open_gaps) == [Gap(ALONE, 1, "up", 2, 5, NINE)]


def test_a_gap_that_stands_still_becomes_a_hole_that_is_shown_until_it_is_closed(
    tiny: TinyNetwork, mail: Letters
):
    # Given a gap that nobody closes
    hand(mail.town, [mail.letters[0], mail.letters[4]])
    tiny.clock.at += HOLE_AFTER - MINUTE
    assert mail.town.state()["holes"] == []
    # When it has stood still for so long, also over a restart
    tiny.clock.at += MINUTE
    tiny.close("town-100")
    (mail.town,) = tiny.open("town-100")
    # Then it is shown with node, route, numbers and time
    shown = {"source": ALONE, "incarnation": 1, "route": "up", "first": 2, "last": 5, "since": NINE}
    assert mail.town.state()["holes"] == [shown | {"discarded": False}]
    # And when the missing ones come, it is gone
    hand(mail.town, mail.letters)
    assert (mail.town.state()["holes"], mail.town.ask(gaps.open_gaps)) == ([], [])


def test_a_gap_that_is_being_closed_is_no_hole_however_long_that_takes(tiny: TinyNetwork, mail: Letters):
    # Given a gap that is closed number by number, each time after long
    hand(mail.town, [mail.letters[4]])
    for letter in mail.letters:
        tiny.clock.at += HOLE_AFTER - MINUTE
        # Then it is no hole in between
        assert mail.town.ask(mail.town.holes) == []
        hand(mail.town, [letter])
    assert mail.all_are_here() and mail.town.ask(gaps.open_gaps) == []


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("TICK", 0.1), ("ASK_AGAIN", 0.3), ("LONGEST_PAUSE", 0.5)):
        monkeypatch.setattr(rhythm, name, seconds)
    monkeypatch.setattr(window, "TAIL_LOST", 600.0)  # so that only what is asked for comes again


@pytest.fixture
def sent_once(road: Road, impatient: None) -> Iterator[list[Message]]:  # noqa: F811
    """What a village sent of five facts on that wire, before the other nodes came to it."""
    (village,) = road.tiny.open(ALONE)
    for _ in range(5):
        road.tiny.register(village, VILLAGE_2)
    sent = letters(village)
    village.log.write(village.outbox.save).result()
    road.tiny.close(ALONE)
    road.wire.ensure_topics([sent[0].topic])
    yield sent


@contextmanager
def everybody_on(road: Road) -> Iterator[Host]:  # noqa: F811
    """Every node at work on a wire, on which nothing stands afterwards."""
    with ExitStack() as ending, road.tiny.host(wire=road.wire) as host:
        ending.callback(road.lose, host)
        yield host


def test_what_is_missing_is_asked_for_and_resent_without_a_person(road: Road, sent_once: list[Message]):  # noqa: F811
    # Given a wire that lost the second and the third of five facts, which their sender believes to be sent
    road.wire.send([sent_once[0], *sent_once[3:]])
    with everybody_on(road) as host:
        # When all are at work, then each fact is where it should be, once, and nothing is parked
        settled(host)
        for name in ("town-100", "county"):
            assert known_from(host.nodes[name], ALONE) == ["case.registered.v2"] * 5
            assert parked(host.nodes[name]) == []


def test_a_road_that_reorders_repeats_and_forges_carries_each_fact_once(road: Road, sent_once: list[Message]):  # noqa: F811
    # Given a wire with forged, doubled and reordered messages before the true ones
    forged = [Pen(NodeKeys.make()).write(sent_once[0], value=b"{}"), changed(sent_once[1], value=b"{}")]
    road.wire.send([*forged, *reversed(sent_once), *sent_once[2:], *sent_once, *sent_once])
    with everybody_on(road) as host:
        settled(host)
        town = host.nodes["town-100"]
        # Then each fact is here once, and the forged ones are parked
        assert known_from(town, ALONE) == ["case.registered.v2"] * 5
        assert "forged" in reasons(town) and len(parked(town)) <= 2


def test_a_road_that_is_read_again_from_its_start_changes_nothing(road: Road, sent_once: list[Message]):  # noqa: F811
    # Given nodes that have read everything
    road.wire.send(sent_once)
    with everybody_on(road) as host:
        settled(host)
        before = {name: node.log.last_position() for name, node in host.nodes.items()}
        # When all of it is read once more, receipts and requests of that time included
        road.wire.read_from({topic: None for node in host.nodes.values() for topic in node.ways.topics()})
        road.tiny.register(host.nodes[ALONE], VILLAGE_2)
        until(lambda: len(known_from(host.nodes["county"], ALONE)) == 6)
        settled(host)
        # Then there is one fact more at who should have it, and nothing is double or parked
        grew = {name: node.log.last_position() - before[name] for name, node in host.nodes.items()}
        assert {name for name, more in grew.items() if more} == {ALONE, "town-100", "county"}
        assert set(grew.values()) == {0, 1}
        assert not any(parked(node) for node in host.nodes.values())
