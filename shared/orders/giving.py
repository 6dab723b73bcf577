"""Giving an order: the right is checked and the decision taken in the node's writer, in one step."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from shared.accounts.people import Person
from shared.accounts.rights import allowed, relation
from shared.accounts.store import Accounts
from shared.orders.order import Order, OrderContext, Setting
from shared.settings.network import NodeSettings
from shared.work.common.calendar import Calendar
from shared.work.common.order_refusals import KeptElsewhere, RecordsOnTheWay
from shared.work.common.order_request import OrderRequest
from shared.work.common.refusals import NotAllowed, Refusal
from shared.work.common.unit_tree import Directory

undeclared = logging.getLogger(f"{__name__}.undeclared")
"""Tells of refusals that an order does not declare; the person has them all the same."""


class TakesOrders(Protocol):
    """What giving needs of a node."""

    @property
    def settings(self) -> NodeSettings: ...
    @property
    def accounts(self) -> Accounts: ...
    @property
    def directory(self) -> Directory: ...
    @property
    def calendar(self) -> Calendar: ...
    @property
    def incarnation(self) -> int: ...
    def keeps(self, unit: UUID) -> bool: ...
    def awaits(self, unit: UUID, record: UUID | None = None) -> bool: ...
    def now(self) -> datetime: ...
    def change(self, request: OrderRequest) -> "Future[dict[str, Any]]": ...
    def within_text(self, context: OrderContext, setting: Setting, order: Order) -> Callable[[], None]: ...


async def give(
    node: TakesOrders, person: Person, order: Order, *, key: str | None, at: datetime | None = None
) -> dict[str, Any]:
    """Give an order and wait for its answer without holding a thread. As `hand_in`."""
    if order.SLOW:
        await asyncio.to_thread(order.prepare)
    return await asyncio.wrap_future(hand_in(node, person, order, key=key, at=at))


def hand_in(
    node: TakesOrders, person: Person, order: Order, *, key: str | None, at: datetime | None = None
) -> "Future[dict[str, Any]]":
    """Give an order; the future has its answer once it is durable.

    The answer names the stream, its version, when it was recorded and the facts; orders add to it.
    The same `key` of the same person gives the first answer again. Errors: any Refusal.
    """
    setting = _setting(node, person)

    def decide(context: OrderContext) -> dict[str, Any] | None:
        try:
            _require_right(context, order, setting, person)
            count_text = node.within_text(context, setting, order)
            said = order.decide(context, setting)
            _require_home(context, setting)
            count_text()
            return said
        except Refusal as refusal:
            _tell_if_undeclared(order, refusal)
            raise

    kind = order.DECLARED.known_as or type(order).__name__
    content = {"order": kind, **order.as_asked()}
    scoped, moment = f"{person.account}:{key}" if key else None, at or node.now()
    return node.change(
        OrderRequest(
            setting.actor,
            moment,
            decide,
            key=scoped,
            content=content,
            streams=order.streams(),
            expected_new=order.expected_new(),
            questions=order.questions(moment),
        )
    )


def _setting(node: TakesOrders, person: Person) -> Setting:
    network = node.settings.network
    return Setting(
        person.actor(),
        node.directory,
        node.calendar,
        node.keeps,
        node.awaits,
        node.incarnation,
        network.reports,
        network.quotas,
        node.accounts.account_of,
    )


def _require_home(context: OrderContext, setting: Setting) -> None:
    """Only the node that keeps an office records for it, by what that node has heard, once it has what there is of it.

    Errors: KeptElsewhere, RecordsOnTheWay.
    """
    for unit, record in context.acting():
        if not setting.keeps(unit):
            raise KeptElsewhere(office=setting.directory.name_of(unit))
        if setting.awaits(unit, record):
            raise RecordsOnTheWay(office=setting.directory.name_of(unit))


def _tell_if_undeclared(order: Order, refusal: Refusal) -> None:
    """A refusal that is not declared is missing in the description of the doors."""
    if not isinstance(refusal, order.DECLARED.possible_refusals):
        undeclared.error("undeclared refusal: %s is refused with %s", order.DECLARED.name, refusal.code)


def _require_right(context: OrderContext, order: Order, setting: Setting, person: Person) -> None:
    """What is of a closed unit is for the office that goes on with its work. Errors: NotAllowed, OfficeIsClosed."""
    about, directory = order.about(context, setting), setting.directory
    related = relation(directory.parents, person.unit, directory.present(about))
    if allowed(person.role, order.action(), related):
        return
    if person.unit == about:
        setting.require_no_successor(about)
    raise NotAllowed(action=order.action())
