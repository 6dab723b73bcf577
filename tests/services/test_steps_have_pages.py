"""Every step leads to a page and can be sent there, whether the page is made from the order or drawn by hand."""

import pytest

from services.network import app_of
from shared.web.app import routes_of
from shared.work.catalogue import orders_of
from shared.work.common.words import Tier
from shared.work.tier_app import registers_of, things


@pytest.mark.parametrize("tier", Tier)
def test_given_the_doors_of_a_tier_when_looked_at_then_each_step_of_a_thing_has_its_page_once(
    tier: Tier,
) -> None:
    pages = {thing.name: thing.path for thing in things(registers_of())}
    doors = [(method, route.path) for route in routes_of(app_of(tier)) for method in route.methods]
    for order in orders_of(tier):
        step = order.DECLARED.step
        if step and step.thing:
            address = f"{pages[step.thing]}/{step.name}"
            for method in ("GET", "POST"):
                assert doors.count((method, address)) == 1, (order, method)
