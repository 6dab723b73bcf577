"""Steps that are possible at a matter now: read off the table of stages, and the person's rights."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from shared.orders.declaration import Step
from shared.orders.order import Order
from shared.web.here import Here
from shared.work.matters.questions.matter import Hand, Matter
from shared.work.matters.stages import REGISTER, Stage, orders_at

Orders = Mapping[str, type[Order]]


@dataclass(frozen=True)
class Link:
    """A step that may be taken: its order, its page, and the unit whose right it is."""

    order: type[Order]
    step: Step
    path: str
    unit: UUID


def possible_steps(here: Here, matter: Matter) -> list[Link]:
    """The steps that this person may take now, in the order of the tables: the case's, each hand's, the county's."""
    orders = here.orders()
    asked = [
        (name, orders[name])
        for name, states in REGISTER.items()
        if name in orders and matter.line.state in states
    ]
    links = [
        *(
            link
            for name, order in asked
            if name not in _BEYOND
            for link in _of_the_owner(here, matter, order)
        ),
        *_of_hands(here, matter, orders),
        *(link for name, order in asked if name in _BEYOND for link in _BEYOND[name](matter, order)),
    ]
    return [
        link for link in links if any(here.may(action, link.unit) for action in link.order.DECLARED.actions)
    ]


def _link(order: type[Order], thing: str, unit: UUID, query: str = "") -> Iterator[Link]:
    """The link to an order's step at the page of a thing; none for an order without a page."""
    if step := order.DECLARED.step:
        yield Link(order, step, f"{thing}/{step.name}{query}", unit)


def _of_the_owner(here: Here, matter: Matter, order: type[Order]) -> Iterable[Link]:
    """A step of the office that registered the matter."""
    line, path = matter.line, f"/matters/{matter.line.case}"
    if not here.office.keeps(line.owner):
        return
    if order.DECLARED.name != "answer-objection":
        yield from _link(order, path, line.owner)
    elif objected := _objecting(matter, matter.open_offer):
        yield from _link(order, path, line.owner, f"?offer={objected.offer}")


def _of_hands(here: Here, matter: Matter, orders: Orders) -> Iterable[Link]:
    """Steps of the offices here that the matter was offered to."""
    for hand in matter.hands:
        if not here.office.keeps(hand.unit):
            continue
        path = f"/referrals/{hand.referral}"
        for name in orders_at(hand.stage):
            yield from _link(orders[name], path, hand.unit)
        if objected := _objecting(matter, hand.open_offer):
            order = orders["answer-passed-on-objection"]
            yield from _link(order, path, hand.unit, f"?offer={objected.offer}")


def _letter(matter: Matter, order: type[Order]) -> Iterable[Link]:
    """A supervision letter goes to the office that has the matter now."""
    yield from _link(order, f"/matters/{matter.line.case}", matter.line.handler)


def _override(matter: Matter, order: type[Order]) -> Iterable[Link]:
    """An offer is taken from the last office that could still do something with it."""
    last = next((hand for hand in reversed(matter.hands) if orders_at(hand.stage)), None)
    if last is not None:
        yield from _link(order, f"/matters/{matter.line.case}", last.unit)


_BEYOND = {"issue-letter": _letter, "override-offer": _override}
"""Steps about the office that has the matter, wherever its node is."""


def _objecting(matter: Matter, offer: UUID | None) -> Hand | None:
    return next(
        (hand for hand in matter.hands if offer and hand.offer == offer and hand.stage == Stage.OBJECTED),
        None,
    )
