"""Control messages: signed, unnumbered, the latest wins, never acknowledged; and what a signature vouches for.

In the words of shared/decisions/0002-wire-contract.md.
"""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from shared.event_log.node_keys import NodeKeys
from shared.node.evidence import Evidence
from shared.node.node import Node
from shared.node.outgoing import OutgoingControl
from shared.transport.messages import Control, control_message, read_fact
from shared.transport.wire import Message
from shared.work.common.authority import About, Kind
from tests.parts.tiny_network import ALONE, NINE, TinyNetwork
from tests.transport.postman import Pen, changed, hand, letters, next_batches, parked, reasons
from tests.transport.test_inbox import LANE
from tests.transport.test_inbox import Road as Letters
from tests.transport.test_incarnation_ends import said

MINUTE = timedelta(minutes=1)


@pytest.fixture
def mail(tiny_on_files: TinyNetwork) -> Letters:
    """A village that has registered five matters, and its township that has not heard of them yet."""
    return Letters(tiny_on_files)


def told(
    mail: Letters, kind: str, at: datetime, body: dict[str, Any], keys: NodeKeys | None = None
) -> Message:
    """A control message of the township to the village."""
    topic = next(topic for topic in mail.village.ways.topics() if ".to." in topic)
    return control_message(topic, kind, "town-100", at, keys or mail.town.keys, body)


def receipt(mail: Letters, number: int, at: datetime = NINE, **changes: Any) -> Message:
    body = {"of": ALONE, "incarnation": 1, "held": {"up": number}}
    return told(mail, "receipt", at, body | changes)


def resend(mail: Letters, number: int, at: datetime = NINE, **changes: Any) -> Message:
    return told(mail, "resend", at, {"incarnation": 1, "route": "up", "after": number} | changes)


def held(node: Node) -> int | None:
    """What the township is believed to hold."""
    (state,) = [state for state in node.outbox.states() if state.route == "up"]
    return state.held.get("town-100")


def next_number(node: Node) -> int | None:
    """Where the village goes on sending; none when it has nothing to send."""
    batches = next_batches(node)
    return batches["up"][0].number if batches else None


def test_the_latest_receipt_wins(mail: Letters):
    # Given a receipt
    hand(mail.village, [receipt(mail, 3)])
    # When a later one says more, and one of before it comes late or again
    hand(mail.village, [receipt(mail, 5, NINE + MINUTE), receipt(mail, 3), receipt(mail, 4, NINE)])
    # Then what the latest said stands
    assert held(mail.village) == 5
    assert mail.village.outbox.held_of("up", "town-100") == 5


def test_a_later_receipt_that_says_less_is_believed(mail: Letters):
    # Given a township that was restored and holds less than it said before
    hand(mail.village, [receipt(mail, 5), receipt(mail, 2, NINE + MINUTE)])
    # Then the page of the village says so
    assert held(mail.village) == 2


def test_a_receipt_of_a_holder_whose_clock_was_set_back_counts_when_it_says_more(mail: Letters):
    # Given a receipt, and a holder whose clock is then two hours behind
    hand(mail.village, [receipt(mail, 3), receipt(mail, 4, NINE - 120 * MINUTE)])
    # Then what it holds since is believed
    assert held(mail.village) == 4


@pytest.mark.parametrize(
    "changes", [{"of": "village-999"}, {"incarnation": 2}, {"held": {"up": True}}, {"held": None}]
)
def test_a_receipt_about_another_node_or_life_says_nothing(mail: Letters, changes: dict[str, Any]):
    hand(mail.village, [receipt(mail, 3, **changes)])
    assert held(mail.village) is None


def test_a_receipt_is_never_acknowledged(mail: Letters):
    # Given a node that owes nobody anything
    mail.village.receipts.take_touched()
    # When receipts come, then it owes nobody anything
    hand(mail.village, [receipt(mail, 3), receipt(mail, 3)])
    assert not mail.village.receipts.has_touched()
    assert mail.village.outgoing.take_outgoing() == []


def test_a_resend_request_is_followed_and_doubled_ones_change_nothing(mail: Letters):
    # Given a village that sent all, and a request that comes three times
    assert next_number(mail.village) is None
    hand(mail.village, [resend(mail, 2)] * 3)
    # Then it goes on after that number
    assert next_number(mail.village) == 3
    # And a request for what is still to come does not make it skip anything
    hand(mail.village, [resend(mail, 4, NINE + MINUTE)])
    assert next_number(mail.village) == 3


def test_a_resend_request_that_was_answered_long_ago_is_passed_over(mail: Letters):
    # Given a township that asked, got what it missed and said so
    hand(mail.village, [resend(mail, 2), receipt(mail, 5, NINE + MINUTE)])
    letters(mail.village)
    # When the wire brings the old request once more, then nothing is sent again
    hand(mail.village, [resend(mail, 2)])
    assert next_number(mail.village) is None
    # But a new request of a township that lost something is followed
    hand(mail.village, [resend(mail, 2, NINE + 2 * MINUTE)])
    assert next_number(mail.village) == 3


@pytest.mark.parametrize(
    "changes", [{"incarnation": 2}, {"route": "to:nobody"}, {"after": -1}, {"after": "2"}, {"after": None}]
)
def test_a_resend_request_that_makes_no_sense_here_is_passed_over(mail: Letters, changes: dict[str, Any]):
    hand(mail.village, [resend(mail, 2, **changes)])
    assert next_number(mail.village) is None
    assert parked(mail.village) == []


@pytest.mark.parametrize("kind", ["receipt", "resend", "key-request", "key-parcel"])
def test_a_control_message_that_somebody_else_signed_is_parked_and_not_followed(mail: Letters, kind: str):
    # Given control messages in the township's name
    said = {"of": ALONE, "incarnation": 1, "held": {"up": 3}, "route": "up", "after": 0}
    said |= {"subject": str(mail.cases[0]), "key": "k", "parcel": "p"}
    hand(mail.village, [told(mail, kind, NINE, said, NodeKeys.make())])
    # Then they are parked, and nothing came of them
    assert reasons(mail.village) == ["unreadable"]
    assert (held(mail.village), next_number(mail.village)) == (None, None)
    assert mail.village.outgoing.take_outgoing() == []


def test_a_control_message_for_another_mailbox_is_not_followed_here(mail: Letters):
    # Given a true receipt for another node that somebody copies into this mailbox
    true = receipt(mail, 3)
    other = control_message("elsewhere", "receipt", "town-100", NINE, mail.town.keys, {})
    hand(mail.village, [changed(true, signature=other.headers["ce_signature"])])
    # Then it is not believed
    assert (reasons(mail.village), held(mail.village)) == (["unreadable"], None)


def test_a_key_request_that_comes_twice_is_answered_alike_and_never_to_who_has_no_claim(mail: Letters):
    # Given the township, to which no matter was referred, that asks for the keys of one
    asked = told(mail, "key-request", NINE, {"subject": str(mail.cases[0]), "key": "k"})
    hand(mail.village, [asked, asked])
    # Then it gets none
    assert mail.village.outgoing.take_outgoing() == []


def test_a_signature_of_another_place_does_not_vouch(mail: Letters):
    # Given a fact that carries the true signature of the number before it
    borrowed = changed(mail.letters[1], signature=mail.letters[0].headers["ce_signature"])
    hand(mail.town, [mail.letters[0], borrowed])
    # Then it is not admitted
    assert (reasons(mail.town), mail.held()) == (["forged"], 1)


def test_a_chain_that_branches_off_is_not_followed(mail: Letters):
    # Given the village's own keys under another second fact, as a machine would write that was restored unseen
    branch = Pen(mail.village.keys, mail.letters[0]).write(mail.letters[2])
    hand(mail.town, mail.letters[:3])
    # When the branch and what continues it come
    follower = Pen(mail.village.keys, branch)
    follower.number = 3
    hand(mail.town, [branch, follower.write(mail.letters[4])])
    # Then the chain that was there first stands, and the other one is named: where it begins, and what continues it
    assert (mail.held(), sorted(reasons(mail.town))) == (3, ["two-facts", "wrong-hash"])
    assert read_fact(mail.letters[2]).chain == mail.town.positions.source_routes[LANE].chain


def test_numbers_of_another_life_are_a_lane_of_their_own(mail: Letters):
    # Given the first life of a village, of which some is still on the way, and its second
    begun = said(mail, "new-life", incarnation=2, ends={"1": {"up": 5}}, mark="a")
    hand(mail.town, [*mail.letters[:2], begun])
    # When the first comes to its end, and the second, signed by it, begins at one
    second = Pen(mail.village.keys).write(mail.letters[2], incarnation="2")
    hand(mail.town, [*mail.letters[2:], second])
    # Then each life has its own numbers, and the first one went on where it was
    assert mail.town.positions.source_routes[ALONE, 2, "up"].held == 1
    assert mail.held() == 5


@pytest.mark.parametrize(("is_whole", "says"), [(True, [0]), (False, [])])
def test_a_node_that_takes_back_what_it_had_sent_does_not_say_that_there_is_none(
    mail: Letters, is_whole: bool, says: list[int]
):
    # Given a node that was put back, or was not, and a fact that is not in its log
    heard: list[OutgoingControl] = []
    outgoing: Any = SimpleNamespace(add=heard.append, has_news=lambda: None)
    village = mail.village
    evidence = Evidence(
        *(village.name, "county", lambda: village.directory, outgoing, village.positions),
        is_whole=is_whole,
    )
    asked = Control("evidence-request", "county", NINE.isoformat(), {"about": str(About(Kind.FACT, uuid4()))})
    # When somebody asks whether there is one, then it says so only where its log is whole
    village.write(lambda group: evidence.take_request(group, asked))
    assert [answer.body["has"] for answer in heard] == says
