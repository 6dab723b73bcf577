"""A whole body of an order, from its sample: for its description, and for whoever walks all orders."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from shared.orders.input import shown
from shared.orders.order import Order

SOME_ID = "0194f3a2-8c1e-5b7a-9d40-3f6c2a1e7b55"
"""Stands for an id in an example; nothing has it."""


def example_of(
    order: type[Order],
    *,
    office: str = SOME_ID,
    node: str = "villages-101",
    ids: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The sample of an order with its gaps filled: `office`, `node`, and `ids` by the field's name."""
    given = ids or {}
    body: dict[str, Any] = {}
    for name, info in order.model_fields.items():
        if name in order.DECLARED.sample:
            body[name] = order.DECLARED.sample[name]
        elif name in given:
            body[name] = given[name]
        elif shown(info) in ("units", "all_units", "nodes"):
            body[name] = node if shown(info) == "nodes" else office
        elif info.annotation is UUID and info.is_required():
            body[name] = SOME_ID
    return body
