"""Receipts "I hold 1 to n of your routes": when this node owes them, what they say, and how they are taken."""

from collections.abc import Iterable
from threading import Lock
from typing import Any, TypeGuard

from shared.event_log.group import Group
from shared.transport.continuity import SourceRoute
from shared.transport.messages import Control
from shared.transport.outbox import Acknowledged, Outbox
from shared.transport.positions import Positions
from shared.transport.route_names import is_route, route_in_incarnation

LARGEST_NUMBER = 999_999_999
"""Largest number of a route that is believed; a node of a county writes some thousands a year."""


class ReceiptsDue:
    """Of which sources' routes something was committed since the last receipt.

    `durable` is what a receipt may say of each: only what was committed. `early`: facts after which a receipt
    does not wait for its turn (shared/settings/limits.py).
    """

    def __init__(self, positions: Positions, early: int) -> None:
        self._positions = positions
        self._early = early
        self._touched: set[SourceRoute] = set()
        self._receipted: dict[SourceRoute, int] = {}
        self._lock = Lock()
        self.durable: dict[SourceRoute, int] = {
            source_route: held.held for source_route, held in positions.source_routes.items()
        }

    def made_durable(self, source_routes: Iterable[SourceRoute]) -> None:
        """What was taken of these routes is committed; their receipts are due."""
        with self._lock:
            known = set(source_routes) & self._positions.source_routes.keys()
            self.durable |= {
                source_route: self._positions.source_routes[source_route].held for source_route in known
            }
            self._touched |= known

    def take_touched(self) -> set[SourceRoute]:
        """The routes, each of a source, of which something was committed since the last call."""
        with self._lock:
            touched, self._touched = self._touched, set()
            self._receipted |= {source_route: self.durable[source_route] for source_route in touched}
        return touched

    def has_touched(self) -> bool:
        """Whether receipts are due."""
        return bool(self._touched)

    def is_waited_for(self) -> bool:
        """Whether so much came since the last receipt that its sender waits for the next one."""
        with self._lock:
            return any(
                self.durable[source_route] - self._receipted.get(source_route, 0) >= self._early
                for source_route in self._touched
            )

    def touch_all(self) -> None:
        """Let every receipt be sent once more; it says what was committed, not what is in memory meanwhile."""
        with self._lock:
            self._touched |= self.durable.keys()


def take_receipt(group: Group, control: Control, outbox: Outbox, present: int) -> dict[str, int]:
    """Store what another node says it holds of this node's routes in an incarnation of it; returns route to number.

    `present` is this node's latest incarnation.

    The latest wins: one that is older and says less came late, or again. An older one that says more
    is of a holder whose clock was set back.
    """
    body, said = control.body, control.body.get("held")
    incarnation = body.get("incarnation")
    if body.get("of") != outbox.me or not is_incarnation(incarnation, present) or not isinstance(said, dict):
        return {}
    named = {
        route_in_incarnation(route, incarnation): number for route, number in said.items() if is_route(route)
    }
    held = {
        route: int(number)
        for route, number in named.items()
        if is_number(number)
        and _is_news(outbox.acknowledged_by(control.source, route), number, control.sent_at)
    }
    outbox.record_receipt(group, control.source, held, control.sent_at)
    return held


def holds_more_since(outbox: Outbox, request: Control, route: str, after: int) -> bool:
    """Whether whoever asks for what comes after a number has said since that it holds more: it was asked before."""
    acknowledged = outbox.acknowledged_by(request.source, route)
    return acknowledged is not None and acknowledged.at >= request.sent_at and acknowledged.held > after


def _is_news(before: Acknowledged | None, number: int, sent_at: str) -> bool:
    return before is None or sent_at >= before.at or number > before.held


def is_incarnation(said: Any, present: int) -> TypeGuard[int]:
    """Whether a value of a control message is an incarnation that this node has or had."""
    return type(said) is int and 1 <= said <= present


def is_number(said: Any) -> bool:
    """Whether a value of a control message is a number that a route may have, or 0."""
    return type(said) is int and 0 <= said <= LARGEST_NUMBER


def receipt_body(source: str, incarnation: int, held: dict[str, int]) -> dict[str, Any]:
    """The receipt for one source: `held` is by route up to which number."""
    return {"of": source, "incarnation": incarnation, "held": held}
