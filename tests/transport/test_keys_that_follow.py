"""Keys follow a matter: taken of whom they were asked of, and only those that open what they are for."""

import json
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from shared.event_log.node_keys import b64, seal_parcel
from shared.node.outgoing import OutgoingControl
from shared.transport import topics
from shared.transport.messages import control_message
from shared.transport.wire import Message
from shared.work.common.sealed import person_key, text_key
from shared.work.matters.orders.referring import ReferMatter
from tests.parts.tiny_network import ALONE, NINE, TOWN_A, VILLAGE_2, TinyNetwork
from tests.transport.forger import Forger
from tests.transport.postman import hand, letters


@dataclass
class Referral:
    """A village that referred a matter to its township, which waits for the keys; nothing of that has been carried."""

    tiny: TinyNetwork

    def __post_init__(self) -> None:
        self.village, self.town = self.tiny.open(ALONE, "town-100")
        self.case = self.tiny.register(self.village, VILLAGE_2)
        self.tiny.give(self.village, VILLAGE_2, ReferMatter(case=self.case, to=self.tiny.units[TOWN_A]))
        hand(self.town, letters(self.village))
        (self.asked,) = self.said_by_the_town("key-request")

    def said_by_the_town(self, kind: str) -> list[OutgoingControl]:
        self.town.write(lambda _: None)
        return [said for said in self.town.outgoing.take_outgoing() if said.kind == kind]

    def parcel(self, keys: dict[str, bytes], *, by: str = ALONE) -> Message:
        """Keys in a parcel that only the township opens, in the name and with the signature of a node."""
        content = json.dumps({name: b64(key) for name, key in keys.items()}).encode()
        bound = f"huiyin-parcel-1|{self.case}|town-100".encode()
        sealed = seal_parcel(str(self.asked.body["key"]), content, bound)
        return self.told("key-parcel", {"subject": str(self.case), "parcel": sealed}, by)

    def told(self, kind: str, body: dict[str, str], by: str = ALONE) -> Message:
        mailbox = topics.mailbox(self.tiny.network().name, "town-100")
        keys = self.village.keys if by == ALONE else self.tiny.open(by)[0].keys
        return control_message(mailbox, kind, by, NINE, keys, body)

    def right(self) -> dict[str, bytes]:
        """The keys of the matter, as the village has them."""
        return self.village.ring.of_subject(self.case)

    def held(self) -> dict[str, bytes]:
        """Those of them that the township has."""
        return self.town.ring.of_subject(self.case)

    def is_waiting(self) -> bool:
        """Whether the township still waits for them."""
        return self.case in self.town.key_requests.awaited()


@pytest.fixture
def referral(tiny_on_files: TinyNetwork) -> Referral:
    return Referral(tiny_on_files)


def test_keys_are_taken_of_whoever_was_asked(referral: Referral):
    # Given a township that asked the village for the keys of a matter
    assert referral.asked.to == ALONE and referral.held() == {}
    # When the village sends them
    hand(referral.town, [referral.parcel(referral.right())])
    # Then it has them, and waits no more
    assert referral.held() == referral.right() != {}
    assert not referral.is_waiting()


@pytest.mark.parametrize("by", ["town-101", "villages-100", "county"])
def test_keys_are_not_taken_of_whoever_was_not_asked(referral: Referral, by: str):
    # Given keys, the right ones even, of a node that was not asked
    hand(referral.town, [referral.parcel(referral.right(), by=by)])
    # Then they are left out, and those that were asked are waited for
    assert referral.held() == {} and referral.is_waiting()


def test_keys_that_nobody_waits_for_are_not_taken(referral: Referral):
    # Given a township that has the keys
    hand(referral.town, [referral.parcel(referral.right())])
    # When the village sends others under the same names, then the ring is as it was
    hand(referral.town, [referral.parcel({name: bytes(32) for name in referral.right()})])
    assert referral.held() == referral.right()


def test_a_wrong_key_is_refused_and_the_right_one_taken_later(referral: Referral):
    # Given keys that open nothing, under the names of those that were asked for
    hand(referral.town, [referral.parcel({name: bytes(32) for name in referral.right()})])
    # Then they are refused, and the township goes on asking
    assert referral.held() == {} and referral.is_waiting()
    referral.town.key_requests.ask_again()
    assert [said.to for said in referral.said_by_the_town("key-request")] == [ALONE]
    # When the right ones come, then they are taken
    hand(referral.town, [referral.parcel(referral.right())])
    assert referral.held() == referral.right()


def test_of_a_parcel_only_the_keys_that_open_a_text_are_taken(referral: Referral):
    # Given a parcel with the right keys, one of another matter, and one of a person whom the matter does not have
    other = uuid4()
    more = {text_key(other): bytes(32), person_key(referral.case, 9): bytes(32)}
    hand(referral.town, [referral.parcel(referral.right() | more)])
    # Then the right ones alone are in the ring
    assert referral.held() == referral.right()
    assert referral.town.ring.find(text_key(other)) is None


def test_whoever_sends_some_of_the_keys_does_not_end_the_waiting_for_the_rest(referral: Referral):
    # Given a parcel of one who was asked, with one right key of several
    (name, key), *rest = sorted(referral.right().items())
    hand(referral.town, [referral.parcel({name: key})])
    # Then that one is taken, and the rest is waited for and asked again
    assert rest and referral.held() == {name: key} and referral.is_waiting()
    referral.town.key_requests.ask_again()
    assert [said.to for said in referral.said_by_the_town("key-request")] == [ALONE]
    # When the rest comes, then nothing is waited for any more
    hand(referral.town, [referral.parcel(dict(rest))])
    assert referral.held() == referral.right() and not referral.is_waiting()


@pytest.mark.parametrize("parcel", ["", "AAAA", "七", "A" * 4_000])
def test_a_parcel_that_does_not_open_changes_nothing(referral: Referral, parcel: str):
    # Given a parcel of the one who was asked, with nothing in it
    hand(referral.town, [referral.told("key-parcel", {"subject": str(referral.case), "parcel": parcel})])
    # Then the township goes on waiting, and takes the right one
    assert referral.is_waiting()
    hand(referral.town, [referral.parcel(referral.right())])
    assert referral.held() == referral.right()


def test_an_office_that_sees_a_matter_go_by_gets_no_keys(tiny_on_files: TinyNetwork):
    # Given a matter that was referred to the township, and another township that asks for its keys
    referral = Referral(tiny_on_files)
    other = Forger(tiny_on_files, "town-101", tiny_on_files.open("town-101")[0].keys)
    ask = other.ask("key-request", ALONE, subject=str(referral.case), key=str(referral.asked.body["key"]))
    hand(referral.village, [ask])
    # Then none are sent; to the township they are
    referral.village.write(lambda _: None)
    assert referral.village.outgoing.take_outgoing() == []
    town = Forger(tiny_on_files, "town-100", referral.town.keys)
    hand(referral.village, [town.ask("key-request", ALONE, **referral.asked.body)])
    referral.village.write(lambda _: None)
    (sent,) = referral.village.outgoing.take_outgoing()
    assert (sent.kind, sent.to, UUID(sent.body["subject"])) == ("key-parcel", "town-100", referral.case)
