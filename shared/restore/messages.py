"""Giving a node back what it had sent, after it was restored from a backup: both sides of the talk.

| control message | says |
| --- | --- |
| return-request | "I was restored. Of my routes I have so much; give me back what you hold beyond it" |
| returned | after the facts: "of your routes I hold so much, this is my chain there; mine to you go so far" |
| new-incarnation | "my incarnation number so-and-so has begun, those before it ended at these numbers"; the receipt for it shows
that others know |

The facts come as they had been sent, with their places and the node's own signature, so that it does not
matter who gives them back.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from shared.envelope import Envelope
from shared.event_log.tables import RECEIVED, RECEIVED_PLACES, SOURCES
from shared.transport.messages import OnRoute
from shared.transport.outbox import RouteState
from shared.transport.receipts import is_incarnation, is_number
from shared.transport.route_names import (
    is_before_incarnation,
    is_route,
    route_and_incarnation,
    route_in_incarnation,
)

RETURN_AT_ONCE = 500
"""Most facts of one route that an answer carries; half a megabyte. The node asks for the next ones then."""
LATEST_INCARNATION = 1_000
"""Latest incarnation that is believed; a node is restored some times in its years."""

Reached = dict[str, int]
"""Per name of a route in an incarnation (route_names.py) a number."""


@dataclass(frozen=True)
class Holding:
    """What another node holds of a route in an incarnation of this one: up to `held` with this chain; `highest` was seen."""

    held: int
    highest: int
    chain: bytes


@dataclass(frozen=True)
class Answer:
    """What a node answered: what it holds of this node's routes, and how far its own to this node go."""

    holdings: dict[str, Holding]
    lasts: Reached

    @classmethod
    def read(cls, body: dict[str, Any]) -> "Answer":
        """An answer as it came. Errors: ValueError, TypeError, LookupError, AttributeError."""
        holdings = {
            name: Holding(_number(held), _number(highest), bytes.fromhex(chain))
            for name, (held, highest, chain) in _named(body["holds"])
        }
        return cls(holdings, {name: _number(last) for name, last in _named(body["lasts"])})


def request_body(reached: Reached, restore_token: str) -> dict[str, Any]:
    """A request for everything beyond these numbers; the answer repeats its mark."""
    return {"have": _by_incarnation(reached.items()), "mark": restore_token}


def reached_of(body: dict[str, Any]) -> Reached:
    """The numbers of a request. Errors: ValueError, TypeError, LookupError, AttributeError."""
    return {name: _number(number) for name, number in _named(body["have"])}


def new_incarnation_body(
    incarnation: int, routes: Iterable[RouteState], restore_token: str
) -> dict[str, Any]:
    """That an incarnation has begun, and how far the routes that go before it go; `restore_token` is that of the restore."""
    ends = ((state.route, state.last) for state in routes if is_before_incarnation(state.route, incarnation))
    return {"incarnation": incarnation, "ends": _by_incarnation(ends), "mark": restore_token}


def ends_of(body: dict[str, Any]) -> Reached:
    """How far the incarnations before a new one went. Errors: ValueError, TypeError, LookupError, AttributeError."""
    return {name: _number(number) for name, number in _named(body["ends"])}


def answer_body(
    connection: Connection, source: str, restore_token: str, routes: Iterable[RouteState]
) -> dict[str, Any]:
    """What this node holds of a source, and how far these routes of its own go."""
    source_routes = connection.execute(select(SOURCES).where(SOURCES.c.source == source))
    holds = (
        (
            route_in_incarnation(source_route.route, source_route.incarnation),
            [source_route.held, source_route.highest, bytes(source_route.chain).hex()],
        )
        for source_route in source_routes
    )
    lasts = ((state.route, state.last) for state in routes)
    return {"mark": restore_token, "holds": _by_incarnation(holds), "lasts": _by_incarnation(lasts)}


def facts_beyond(connection: Connection, source: str, reached: Reached) -> list[OnRoute]:
    """The next facts of each route of a source that this node holds beyond these numbers."""
    found: list[OnRoute] = []
    for source_route in connection.execute(select(SOURCES).where(SOURCES.c.source == source)).all():
        after = reached.get(route_in_incarnation(source_route.route, source_route.incarnation), 0)
        found += _held_facts(connection, source_route, after)
    return found


def _held_facts(connection: Connection, source_route: Any, after: int) -> Iterator[OnRoute]:
    places = RECEIVED_PLACES.c
    query = (
        select(RECEIVED_PLACES, RECEIVED.c.body)
        .join(RECEIVED, RECEIVED.c.fact == places.fact)
        .where(places.source == source_route.source, places.incarnation == source_route.incarnation)
        .where(places.route == source_route.route, places.number > after)
        .order_by(places.number)
        .limit(RETURN_AT_ONCE)
    )
    for row in connection.execute(query):
        envelope = Envelope.read(bytes(row.body))
        yield OnRoute(envelope, row.route, row.number, bytes(row.chain), row.signature)


def _by_incarnation(named: Iterable[tuple[str, Any]]) -> dict[str, dict[str, Any]]:
    by_incarnation: dict[str, dict[str, Any]] = {}
    for name, value in named:
        route, incarnation = route_and_incarnation(name)
        by_incarnation.setdefault(str(incarnation), {})[route] = value
    return by_incarnation


def _named(by_incarnation: dict[str, dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    for incarnation, routes in by_incarnation.items():
        if not is_incarnation(int(incarnation), LATEST_INCARNATION) or not all(map(is_route, routes)):
            raise ValueError(f"no routes of a life: {incarnation!r}")
        for route, value in routes.items():
            yield route_in_incarnation(route, int(incarnation)), value


def _number(said: Any) -> int:
    if not is_number(said):
        raise ValueError(f"no number of a route: {said!r}")
    return said
