"""When receipts go back down: together while news keep coming, at once when nothing more comes; facts wait for none."""

import time
from collections.abc import Iterator
from threading import Thread

import pytest

from shared.process import rhythm
from shared.process.host import Host
from shared.process.rhythm import RECEIPTS_EVERY
from tests.parts.tiny_network import ALONE, VILLAGE_2, TinyNetwork

BEGIN = 100.0
"""A moment of the relay's clock, in seconds, long after the last receipt."""


@pytest.fixture
def host(tiny_on_files: TinyNetwork) -> Iterator[Host]:
    """Every node of the small county; its steps are called by hand, and it has nothing to say any more."""
    host = tiny_on_files.open_host()
    host.start_nodes()
    while host.send_next(BEGIN) or read(host):
        pass
    yield host
    for node in host.nodes.values():
        node.stop()
    host.wire.close()


def read(host: Host) -> bool:
    """Let the nodes take what stands on the road; whether there was anything."""
    handed = host.receive(0)
    host.finish(handed)
    return bool(handed)


def is_told(host: Host) -> bool:
    """Whether the village knows that all it sent is held."""
    read(host)
    return host.nodes[ALONE].is_settled()


def departs(tiny: TinyNetwork, host: Host, now: float) -> None:
    """A matter is registered, sent, and taken by those above."""
    tiny.register(host.nodes[ALONE], VILLAGE_2)
    assert host.send_next(now)
    assert read(host)


def test_given_news_that_keep_coming_when_the_time_is_not_up_then_receipts_wait(
    tiny_on_files: TinyNetwork, host: Host
):
    # Given receipts that were just sent, and a matter that has just come up
    departs(tiny_on_files, host, BEGIN)
    assert host.send_next(BEGIN + RECEIPTS_EVERY)
    assert is_told(host)
    departs(tiny_on_files, host, BEGIN + RECEIPTS_EVERY)
    # When the relay has news to send again before the time is up, then it says nothing of what came
    assert host.send_next(BEGIN + 1.5 * RECEIPTS_EVERY)
    assert not is_told(host)
    # And when the time is up it does, in the same round as a new matter
    tiny_on_files.register(host.nodes[ALONE], VILLAGE_2)
    assert host.send_next(BEGIN + 2 * RECEIPTS_EVERY)
    read(host)
    (up,) = [route for route in host.nodes[ALONE].routes() if route.route == "up"]
    assert set(up.held.values()) == {up.last - 1}


def test_given_nothing_more_to_send_when_something_came_then_its_receipt_goes_at_once(
    tiny_on_files: TinyNetwork, host: Host
):
    # Given receipts that were just sent, and a matter that has just come up
    departs(tiny_on_files, host, BEGIN)
    assert host.send_next(BEGIN + RECEIPTS_EVERY)
    departs(tiny_on_files, host, BEGIN + RECEIPTS_EVERY)
    assert host.send_next(BEGIN + RECEIPTS_EVERY)
    # When a round finds no news, then the village is told, long before the time is up
    assert host.send_next(BEGIN + RECEIPTS_EVERY)
    assert is_told(host)
    # And a receipt is not receipted: after one look at who took something, nothing is sent
    host.send_next(BEGIN + RECEIPTS_EVERY)
    assert not host.send_next(BEGIN + RECEIPTS_EVERY)


LONG = 3_600.0
"""A pause that nobody waits out. Unit: seconds."""
ENDS_WITHIN = 30.0
"""Longest time until a pause that is over has ended. Unit: seconds; it takes milliseconds."""


def test_given_a_pause_after_receipts_when_a_fact_departs_then_the_pause_is_over(
    tiny_on_files: TinyNetwork, host: Host, monkeypatch: pytest.MonkeyPatch
):
    # Given a relay that pauses after a round without facts; the last facts went long ago
    now = time.monotonic()
    monkeypatch.setattr(rhythm, "SEND_EVERY", LONG)
    monkeypatch.setattr(host.relay, "_facts_sent", now - LONG)
    pause = Thread(target=host.relay.rest, args=[now], daemon=True)
    pause.start()
    # When a matter is registered
    tiny_on_files.register(host.nodes[ALONE], VILLAGE_2)
    # Then the pause ends at once
    pause.join(ENDS_WITHIN)
    assert not pause.is_alive()


def test_given_facts_that_were_just_sent_when_more_depart_then_they_wait_for_each_other(
    tiny_on_files: TinyNetwork, host: Host, monkeypatch: pytest.MonkeyPatch
):
    # Given a round with a fact, and one more fact
    departs(tiny_on_files, host, began := time.monotonic())
    tiny_on_files.register(host.nodes[ALONE], VILLAGE_2)
    # When the relay rests after that round
    waited: list[float] = []
    monkeypatch.setattr(host.relay._nodes.stopping, "wait", waited.append)
    monkeypatch.setattr(rhythm, "SEND_EVERY", LONG)
    host.relay.rest(began)
    # Then it waits out the pause in which nothing wakes it but its end
    assert waited[0] > LONG / 2
