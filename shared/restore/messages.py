"""Giving a node back what it had sent, after it was restored from a backup: both sides of the talk.

| control message | says |
| --- | --- |
| return-request | "I was restored. Of my routes I have so much; give me back what you hold beyond it" |
| returned | after the facts: "of your routes I hold so much, this is my chain there; mine to you go so far" |
| new-life | "my life number so-and-so has begun, those before it ended at these numbers"; the receipt for it shows
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
from shared.transport.receipts import is_life, is_number
from shared.transport.route_names import is_before_life, is_route, route_and_life, route_in_life

RETURN_AT_ONCE = 500
"""Most facts of one route that an answer carries; half a megabyte. The node asks for the next ones then."""
LATEST_LIFE = 1_000
"""Latest life that is believed; a node is restored some times in its years."""

Reached = dict[str, int]
"""Per name of a route in a life (lives.py) a number."""


@dataclass(frozen=True)
class Holding:
    """What another node holds of a route in a life of this one: up to `held` with this chain; `highest` was seen."""

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


def request_body(reached: Reached, mark: str) -> dict[str, Any]:
    """A request for everything beyond these numbers; the answer repeats its mark."""
    return {"have": _by_life(reached.items()), "mark": mark}


def reached_of(body: dict[str, Any]) -> Reached:
    """The numbers of a request. Errors: ValueError, TypeError, LookupError, AttributeError."""
    return {name: _number(number) for name, number in _named(body["have"])}


def new_life_body(life: int, routes: Iterable[RouteState], mark: str) -> dict[str, Any]:
    """That a life has begun, and how far the routes that go before it go; `mark` is that of the restore."""
    ends = ((state.route, state.last) for state in routes if is_before_life(state.route, life))
    return {"incarnation": life, "ends": _by_life(ends), "mark": mark}


def ends_of(body: dict[str, Any]) -> Reached:
    """How far the lives before a new one went. Errors: ValueError, TypeError, LookupError, AttributeError."""
    return {name: _number(number) for name, number in _named(body["ends"])}


def answer_body(
    connection: Connection, source: str, mark: str, routes: Iterable[RouteState]
) -> dict[str, Any]:
    """What this node holds of a source, and how far these routes of its own go."""
    lanes = connection.execute(select(SOURCES).where(SOURCES.c.source == source))
    holds = (
        (route_in_life(lane.route, lane.incarnation), [lane.held, lane.highest, bytes(lane.chain).hex()])
        for lane in lanes
    )
    lasts = ((state.route, state.last) for state in routes)
    return {"mark": mark, "holds": _by_life(holds), "lasts": _by_life(lasts)}


def facts_beyond(connection: Connection, source: str, reached: Reached) -> list[OnRoute]:
    """The next facts of each route of a source that this node holds beyond these numbers."""
    found: list[OnRoute] = []
    for lane in connection.execute(select(SOURCES).where(SOURCES.c.source == source)).all():
        after = reached.get(route_in_life(lane.route, lane.incarnation), 0)
        found += _held_facts(connection, lane, after)
    return found


def _held_facts(connection: Connection, lane: Any, after: int) -> Iterator[OnRoute]:
    places = RECEIVED_PLACES.c
    query = (
        select(RECEIVED_PLACES, RECEIVED.c.body)
        .join(RECEIVED, RECEIVED.c.fact == places.fact)
        .where(places.source == lane.source, places.incarnation == lane.incarnation)
        .where(places.route == lane.route, places.number > after)
        .order_by(places.number)
        .limit(RETURN_AT_ONCE)
    )
    for row in connection.execute(query):
        envelope = Envelope.read(bytes(row.body))
        yield OnRoute(envelope, row.route, row.number, bytes(row.chain), row.signature)


def _by_life(named: Iterable[tuple[str, Any]]) -> dict[str, dict[str, Any]]:
    by_life: dict[str, dict[str, Any]] = {}
    for name, value in named:
        route, life = route_and_life(name)
        by_life.setdefault(str(life), {})[route] = value
    return by_life


def _named(by_life: dict[str, dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    for life, routes in by_life.items():
        if not is_life(int(life), LATEST_LIFE) or not all(map(is_route, routes)):
            raise ValueError(f"no routes of a life: {life!r}")
        for route, value in routes.items():
            yield route_in_life(route, int(life)), value


def _number(said: Any) -> int:
    if not is_number(said):
        raise ValueError(f"no number of a route: {said!r}")
    return said
