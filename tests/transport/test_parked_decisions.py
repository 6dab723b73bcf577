"""What is parked is tried again or given up by somebody, with a reason; nothing goes without a trace."""

from datetime import timedelta
from uuid import uuid4

import pytest

from shared.audit.verify import verify_node
from shared.event_log.names import fact_classes
from shared.event_log.node_keys import NodeKeys
from shared.node.node import Node
from shared.transport.gaps import Gap
from shared.transport.messages import control_message
from shared.transport.parked_messages import NoSuchParkedMessage, ReasonMissing
from shared.transport.wire import Arrived, Message, Place
from shared.work.matters.case import Assessed
from tests.parts.tiny_network import ALONE, NINE, TinyNetwork
from tests.transport.postman import Pen, changed, hand, known_from, parked, reasons
from tests.transport.test_parked import Village

LATER = timedelta(hours=3)


@pytest.fixture
def village(tiny: TinyNetwork) -> Village:
    return Village(tiny)


def discard(node: Node, row: int = 0, why: str = "a trial of the broker") -> None:
    node.parked.discard(parked(node)[row].id, by="admin", why=why)


def test_a_message_is_parked_since_its_first_time_however_often_it_comes(tiny: TinyNetwork, village: Village):
    # Given a message that cannot be read
    false = changed(village.letters[0], id="七")
    hand(village.town, [false])
    # When it comes again hours later
    tiny.clock.at += LATER
    hand(village.town, [false])
    # Then it is parked since its first time, and all of it can be seen
    (row,) = parked(village.town)
    found = village.town.parked.find(row.id)
    assert row.parked_at.startswith(NINE.strftime("%Y-%m-%dT%H:%M"))
    assert (found.headers, found.value) == (dict(false.headers), false.value)


def test_messages_that_differ_only_at_their_end_are_two(village: Village):
    # Given two long messages that begin alike
    long = [changed(village.letters[0], id="七", value=b"x" * 10_000 + end) for end in (b"1", b"2")]
    # When they come, then both are kept
    hand(village.town, long)
    assert reasons(village.town) == ["unreadable"] * 2


def test_a_fact_that_a_handler_failed_on_is_taken_in_by_a_retry_with_what_waits_behind_it(village: Village):
    # Given a fact that a handler failed on, and one that waits behind it
    village.town.take([Arrived(village.letters[0], Place("by hand", 1))], failed="out of memory").result()
    hand(village.town, village.letters[1:])
    assert sorted(reasons(village.town))[-1] == "handler-failed"
    # When its administrator tries it again
    failed = next(row for row in parked(village.town) if row.reason == "handler-failed")
    assert village.town.parked.retry(failed.id)
    # Then all of them are here, in their order
    assert parked(village.town) == []
    assert sorted(known_from(village.town, ALONE)) == sorted(known_from(village.node, ALONE))


def test_a_retry_of_what_still_cannot_be_taken_changes_nothing(village: Village):
    # Given a parked message of each kind that no retry helps
    foreign = changed(village.letters[0], source="nobody")
    hand(
        village.town,
        [foreign, changed(village.letters[0], id="七"), changed(village.letters[1], value=b"{}")],
    )
    hand(village.town, village.of_the_future())
    before = parked(village.town)
    # When each is tried again
    taken = [village.town.parked.retry(row.id) for row in before]
    # Then they are parked as they were
    assert taken == [False] * len(before) and len(before) == 4
    assert {row.id: row.parked_at for row in parked(village.town)} == {
        row.id: row.parked_at for row in before
    }


def test_a_copy_of_a_fact_goes_when_the_fact_itself_is_here_and_a_forged_copy_does_not(village: Village):
    # Given a fact that came on a wrong topic, a forged copy of it, and then itself
    wrong = Message(f"{village.town.settings.network.name}.to.town-100", ALONE, *_parts(village.letters[0]))
    forged = changed(wrong, value=wrong.value.replace(b"visit", b"phone"))
    hand(village.town, [wrong, forged])
    hand(village.town, village.letters)
    # When both are tried again
    results = {row.id: village.town.parked.retry(row.id) for row in parked(village.town)}
    # Then the copy is done with, and the forged one stays
    assert sorted(results.values()) == [False, True]
    (left,) = parked(village.town)
    assert village.town.parked.find(left.id).value == forged.value


def test_a_node_that_was_not_admitted_yet_is_heard_by_a_retry(
    village: Village, monkeypatch: pytest.MonkeyPatch
):
    # Given facts of a node that the directory does not know yet
    known = dict(village.town.directory.nodes)
    monkeypatch.delitem(village.town.directory.nodes, ALONE)
    hand(village.town, village.letters[:1])
    assert reasons(village.town) == ["unauthorised"]
    # When the directory has come and the message is tried again
    monkeypatch.setitem(village.town.directory.nodes, ALONE, known[ALONE])
    assert village.town.parked.retry(parked(village.town)[0].id)
    # Then the fact is here
    assert parked(village.town) == []
    assert known_from(village.town, ALONE) == ["case.registered.v2"]


def test_a_control_message_that_failed_is_obeyed_by_a_retry(village: Village):
    # Given a receipt that could not be taken when it came
    (topic,) = [topic for topic in village.node.ways.topics() if ".to." in topic]
    said = {"of": ALONE, "incarnation": 1, "held": {"up": 2}}
    receipt = control_message(topic, "receipt", "town-100", NINE, village.town.keys, said)
    village.node.take([Arrived(receipt, Place("by hand", 1))], failed="out of memory").result()
    assert reasons(village.node) == ["handler-failed"]
    # When it is tried again, then it is believed
    assert village.node.parked.retry(parked(village.node)[0].id)
    assert parked(village.node) == []
    assert [state.held.get("town-100") for state in village.node.outbox.states()] == [2]


def test_a_discarded_message_is_kept_with_who_when_and_why_and_is_not_parked_again(
    tiny: TinyNetwork, village: Village
):
    # Given a message that nobody needs
    false = changed(village.letters[0], id="七")
    hand(village.town, [false])
    (before,) = parked(village.town)
    # When the administrator gives it up
    tiny.clock.at += LATER
    discard(village.town, why="  a trial of the broker ")
    # Then it is kept with who, when and why
    assert parked(village.town) == []
    (row,) = village.town.parked.discarded(limit=10)
    assert (row.id, row.parked_at) == (before.id, before.parked_at)
    assert (row.discarded_by, row.why) == ("admin", "a trial of the broker")
    assert row.discarded_at > row.parked_at
    # And when the wire brings it once more, nobody has to decide again
    hand(village.town, [false])
    assert parked(village.town) == []
    assert village.town.state()["discarded"] == 1


def test_a_discarded_fact_leaves_a_hole_that_stays_visible_and_lets_later_ones_pass(village: Village):
    # Given a fact that this release does not know, and one behind it
    hand(village.town, village.of_the_future())
    first = next(row for row in parked(village.town) if row.reason == "unknown-fact")
    # When it is given up
    village.town.parked.discard(first.id, by="admin", why="written by a trial release")
    # Then the one behind it is taken in, and what stays missing is named
    assert parked(village.town) == []
    assert known_from(village.town, ALONE)[-1] == "case.classified.v1"
    assert village.town.ask(village.town.holes) == [Gap(ALONE, 1, "up", 2, 2, NINE, discarded=True)]
    assert village.town.state()["holes"][0]["source"] == ALONE
    # And it does not come back by itself, nor is anything else wrong
    hand(village.town, village.of_the_future())
    assert (parked(village.town), len(village.town.ask(village.town.holes))) == ([], 1)
    assert verify_node(village.town).findings == ()


@pytest.mark.parametrize("why", ["", "   ", "x" * 501])
def test_nothing_is_given_up_without_a_reason(village: Village, why: str):
    # Given a parked message
    hand(village.town, [changed(village.letters[0], id="七")])
    # When somebody gives it up and says nothing, or a novel, then it stays
    with pytest.raises(ReasonMissing):
        discard(village.town, why=why)
    assert reasons(village.town) == ["unreadable"]


def test_what_is_not_parked_cannot_be_decided(village: Village):
    # Given no such message, when it is looked for, tried or given up, then that is said
    for act in (village.town.parked.find, village.town.parked.retry):
        with pytest.raises(NoSuchParkedMessage):
            act(uuid4())
    with pytest.raises(NoSuchParkedMessage):
        village.town.parked.discard(uuid4(), by="admin", why="because")


def test_a_release_that_knows_it_takes_in_what_is_tried_again_without_a_restart(
    village: Village, monkeypatch: pytest.MonkeyPatch
):
    # Given a parked fact and one behind it, when the node learns its kind and any of both is tried
    hand(village.town, village.of_the_future())
    monkeypatch.setitem(fact_classes(), "case.weighed", Assessed)
    assert village.town.parked.retry(parked(village.town)[-1].id)
    # Then both are here
    assert parked(village.town) == []
    assert known_from(village.town, ALONE)[-2:] == ["case.weighed.v1", "case.classified.v1"]


def test_a_forged_fact_is_not_taken_by_a_retry(village: Village):
    # Given a fact that somebody else signed in the village's name
    hand(village.town, [Pen(NodeKeys.make()).write(village.letters[0])])
    # When it is tried again, then it stays
    assert not village.town.parked.retry(parked(village.town)[0].id)
    assert reasons(village.town) == ["forged"]


def _parts(message: Message) -> tuple[dict[str, str], bytes]:
    return dict(message.headers), message.value
