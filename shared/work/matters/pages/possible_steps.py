"""Steps that are possible at a matter now: read off the table of stages, and the person's rights."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from shared.orders.order import Order
from shared.web.here import Here
from shared.work.matters.questions.matter import Hand, Matter
from shared.work.matters.stages import REGISTER, Stage, orders_at

Orders = Mapping[str, type[Order]]


@dataclass(frozen=True)
class Link:
    """A step that may be taken: its order, where it leads, and the unit whose right it is."""

    order: type[Order]
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


def _address(order: type[Order]) -> str:
    return order.DECLARED.step.name if order.DECLARED.step else order.DECLARED.name.removesuffix("-matter")


def _of_the_owner(here: Here, matter: Matter, order: type[Order]) -> Iterable[Link]:
    """A step of the office that registered the matter."""
    line, path = matter.line, f"/matters/{matter.line.case}/{_address(order)}"
    if not here.office.keeps(line.owner):
        return
    if order.DECLARED.name != "answer-objection":
        yield Link(order, path, line.owner)
    elif objected := _objecting(matter, matter.open_offer):
        yield Link(order, f"{path}?offer={objected.offer}", line.owner)


def _of_hands(here: Here, matter: Matter, orders: Orders) -> Iterable[Link]:
    """Steps of the offices here that the matter was offered to."""
    for hand in matter.hands:
        if not here.office.keeps(hand.unit):
            continue
        path = f"/referrals/{hand.referral}/"
        for name in orders_at(hand.stage):
            yield Link(orders[name], path + _address(orders[name]), hand.unit)
        if objected := _objecting(matter, hand.open_offer):
            order = orders["answer-passed-on-objection"]
            yield Link(order, f"{path}{_address(order)}?offer={objected.offer}", hand.unit)


def _letter(matter: Matter, order: type[Order]) -> Iterable[Link]:
    """A supervision letter goes to the office that has the matter now."""
    yield Link(order, f"/matters/{matter.line.case}/{_address(order)}", matter.line.handler)


def _override(matter: Matter, order: type[Order]) -> Iterable[Link]:
    """An offer is taken from the last office that could still do something with it."""
    last = next((hand for hand in reversed(matter.hands) if orders_at(hand.stage)), None)
    if last is not None:
        yield Link(order, f"/matters/{matter.line.case}/{_address(order)}", last.unit)


_BEYOND = {"issue-letter": _letter, "override-offer": _override}
"""Steps about the office that has the matter, wherever its node is."""


def _objecting(matter: Matter, offer: UUID | None) -> Hand | None:
    return next(
        (hand for hand in matter.hands if offer and hand.offer == offer and hand.stage == Stage.OBJECTED),
        None,
    )
