"""Steps that are possible at a matter now: read off the table of stages, and the person's rights."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from shared.orders.order import Order
from shared.web.here import Here
from shared.work.matters.orders import handling, registering
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
    """The steps that this person may take now, in the order of the work."""
    orders = here.orders()
    links = [
        *_case_links(here, matter),
        *_hand_links(here, matter, orders),
        *_county_links(here, matter, orders),
    ]
    return [
        link for link in links if any(here.may(action, link.unit) for action in link.order.DECLARED.actions)
    ]


_OF_THE_CASE = (
    registering.ClassifyMatter,
    registering.ReferMatter,
    registering.KeepMatter,
    registering.CorrectMatter,
)


def _address(order: type[Order]) -> str:
    return order.DECLARED.step.name if order.DECLARED.step else "correct"


def _is_possible(order: type[Order], matter: Matter) -> bool:
    return matter.line.state in REGISTER[order.DECLARED.name]


def _case_links(here: Here, matter: Matter) -> Iterable[Link]:
    line = matter.line
    if not here.office.keeps(line.owner) or line.ended_at is not None:
        return
    path = f"/matters/{line.case}/"
    if matter.open_offer is None:
        for order in _OF_THE_CASE:
            if _is_possible(order, matter):
                yield Link(order, path + _address(order), line.owner)
    objected = _objecting(matter, matter.open_offer)
    if objected:
        yield Link(registering.AnswerObjection, f"{path}answer-objection?offer={objected.offer}", line.owner)
    yield Link(registering.WithdrawMatter, path + "withdraw", line.owner)


def _hand_links(here: Here, matter: Matter, orders: Orders) -> Iterable[Link]:
    for hand in matter.hands:
        if not here.office.keeps(hand.unit):
            continue
        path = f"/referrals/{hand.referral}/"
        for name in orders_at(hand.stage):
            yield Link(orders[name], path + _address(orders[name]), hand.unit)
        objected = _objecting(matter, hand.open_offer)
        if objected:
            address = f"{path}answer-objection?offer={objected.offer}"
            yield Link(handling.AnswerPassedOnObjection, address, hand.unit)


def _county_links(here: Here, matter: Matter, orders: Orders) -> Iterable[Link]:
    line = matter.line
    if "issue-letter" not in orders or line.ended_at is not None:
        return
    yield Link(orders["issue-letter"], f"/matters/{line.case}/letter", line.handler)
    last = next((hand for hand in reversed(matter.hands) if orders_at(hand.stage)), None)
    if last is not None:
        yield Link(handling.OverrideOffer, f"/matters/{line.case}/override", last.unit)


def _objecting(matter: Matter, offer: UUID | None) -> Hand | None:
    return next(
        (hand for hand in matter.hands if offer and hand.offer == offer and hand.stage == Stage.OBJECTED),
        None,
    )
