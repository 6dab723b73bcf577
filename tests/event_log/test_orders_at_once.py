"""Orders that wait together are decided one after the other: each sees what the one before it recorded."""

from datetime import timedelta

import pytest

from shared.casework.words import UnitKind
from shared.node import Node
from shared.orders.directory import MarkTaken, OpenUnit
from shared.orders.giving import hand_in
from shared.settings import read_node
from tests.parts.tiny_network import ALONE, COUNTY, TOWN_A, TinyNetwork


def test_given_two_orders_that_open_the_same_code_at_once_then_the_second_is_refused(tiny: TinyNetwork):
    # Given two administrators who ask for the same code while the county's node is still starting
    county = Node(read_node(tiny.data, "county"), clock=tiny.clock)
    where = {"parent": tiny.units[TOWN_A], "node": ALONE, "kind": UnitKind.VILLAGE}
    order = OpenUnit(code="430321100203", name="新塘村", **where)
    later = tiny.clock.now() + timedelta(seconds=1)
    administrator = tiny.clerk(COUNTY, "administrator")
    first = hand_in(county, administrator, order, key=None)
    second = hand_in(county, administrator, order, key=None, at=later)
    # When both are decided in one group
    county.start()
    tiny.nodes["county"] = county
    # Then the code belongs to one of them
    assert first.result()["unit"]
    with pytest.raises(MarkTaken):
        second.result()
