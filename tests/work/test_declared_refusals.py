"""What orders say of their refusals fits the rules: nothing is missing, nothing is said of what no rule refuses."""

import pkgutil
import re
from importlib import import_module
from pathlib import Path

import pytest

import shared.work
from shared.orders.order import Order
from shared.work.catalogue import ORDERS
from shared.work.common.order_refusals import OF_ANY_ORDER
from shared.work.common.refusals import Refusal

WORK = Path(shared.work.__file__ or "").parent
NO_RULES = ("common", "pages")
"""Rooms whose refusals are not those of one subject's rules."""


def refusals_of_rules() -> set[type[Refusal]]:
    """Every refusal that stands beside a rule of a subject."""
    names = [found.name for found in pkgutil.walk_packages(shared.work.__path__, "shared.work.")]
    modules = [import_module(name) for name in names if not set(name.split(".")) & set(NO_RULES)]
    return {
        found
        for module in modules
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, Refusal) and found.__module__ == module.__name__
    }


def test_every_refusal_of_a_rule_is_declared_by_an_order() -> None:
    declared = {kind for order in ORDERS.values() for kind in order.DECLARED.refusals}
    assert refusals_of_rules() - declared == set()


def raised_in(subject: str) -> set[str]:
    """The names of what is refused with in a subject's folder."""
    sources = (WORK / subject).glob("**/*.py")
    return {name for path in sources for name in re.findall(r"raise (\w+)\(", path.read_text())}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_an_order_declares_each_refusal_once_and_none_that_no_rule_refuses_with(
    order: type[Order],
) -> None:
    declared = order.DECLARED.refusals
    assert len(set(declared)) == len(declared) and not set(declared) & set(OF_ANY_ORDER)
    for kind in declared:
        assert kind.__name__ in raised_in(kind.__module__.split(".")[2])
