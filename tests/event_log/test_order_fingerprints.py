"""What is kept of an order so that a repeated one is known says nothing of it, and ends."""

import hashlib
import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from shared.event_log.order_fingerprints import ANSWERS_KEPT, OF_ORDERS, forget_answers
from shared.event_log.tables import ORDERS
from shared.node.node import Node
from shared.work.common.order_refusals import SameKeyOtherOrder
from tests.parts.tiny_network import ALONE, NINE, VILLAGE_2, TinyNetwork


@pytest.fixture
def village(tiny: TinyNetwork) -> Node:
    """The node of a village that keeps a register."""
    return tiny.open(ALONE)[0]


def kept(node: Node) -> list[str]:
    with node.engine.connect() as connection:
        return list(connection.scalars(select(ORDERS.c.fingerprint)))


def test_given_an_order_that_was_kept_then_its_fingerprint_says_nothing_without_the_ring(
    tiny: TinyNetwork, village: Node
):
    tiny.register(village, VILLAGE_2, key="form-1")
    (fingerprint,) = kept(village)
    month, _, hashed = fingerprint.partition(":")
    assert month == f"{NINE:%Y-%m}" and len(hashed) == 64
    (key,) = village.ring.of_subject(OF_ORDERS).values()
    assert len(key) == 32


def test_given_the_same_order_at_two_offices_then_their_fingerprints_differ(tiny: TinyNetwork):
    # Given one order, kept twice under keys of their own months
    (village,) = tiny.open(ALONE)
    tiny.register(village, VILLAGE_2, key="form-1")
    tiny.register(village, VILLAGE_2, key="form-2")
    first, second = kept(village)
    assert first == second, "one key a month"
    village.ring.destroy(village.ring.of_subject(OF_ORDERS))
    tiny.register(village, VILLAGE_2, key="form-3")
    assert kept(village)[-1] != first


def test_given_a_key_that_was_erased_when_the_order_comes_again_then_nothing_is_recorded_twice(
    tiny: TinyNetwork, village: Node
):
    first = tiny.register(village, VILLAGE_2, key="form-1")
    village.ring.destroy(village.ring.of_subject(OF_ORDERS))
    assert tiny.register(village, VILLAGE_2, key="form-1") == first
    assert village.log.count("case.registered") == 1


def test_given_a_plain_fingerprint_of_an_earlier_release_then_the_order_is_known_again(
    tiny: TinyNetwork, village: Node, monkeypatch: pytest.MonkeyPatch
):
    # Given an order as release 0.1 kept it
    said: list[bytes] = []
    monkeypatch.setattr(
        "shared.event_log.order_fingerprints._keyed",
        lambda request, key: (
            said.append(
                f"{request.by.account}|{json.dumps(request.content, sort_keys=True, default=str, ensure_ascii=False)}".encode()
            )
            or "0" * 64
        ),
    )
    first = tiny.register(village, VILLAGE_2, key="form-1")
    monkeypatch.undo()
    plain = hashlib.sha256(said[0]).hexdigest()
    with village.engine.begin() as connection:
        connection.execute(update(ORDERS).values(fingerprint=plain))
    tiny.close(ALONE)
    (village,) = tiny.open(ALONE)
    # When it comes again, then it has its first answer; another one under its key is refused
    assert tiny.register(village, VILLAGE_2, key="form-1") == first
    with pytest.raises(SameKeyOtherOrder):
        tiny.register(village, VILLAGE_2, key="form-1", summary="另一件事")


def test_given_answers_that_nobody_asks_for_any_more_then_they_and_their_keys_are_forgotten(
    tiny: TinyNetwork, village: Node
):
    tiny.register(village, VILLAGE_2, key="form-1")
    village.write(lambda group: forget_answers(group, at=NINE + ANSWERS_KEPT - timedelta(hours=1)))
    assert len(kept(village)) == 1
    village.write(lambda group: forget_answers(group, at=NINE + ANSWERS_KEPT + timedelta(days=32)))
    assert kept(village) == []
    assert village.ring.of_subject(OF_ORDERS) == {}
