"""The name of a route in its own node's tables: `up` in the node's first incarnation, `up#2` in its second.

A restored node begins a new incarnation: its routes count from 1 again, and what the incarnation
before had sent keeps its numbers and can still be asked for. On the wire route and incarnation are apart.
"""

from collections.abc import Iterable

from shared.transport.routes import way_of

_SIGN = "#"
"""Stands in no node's name (topics.LEGAL_NAME), so in no route."""


def route_in_incarnation(route: str, incarnation: int) -> str:
    """The name of a route in an incarnation of its node."""
    return route if incarnation == 1 else f"{route}{_SIGN}{incarnation}"


def route_and_incarnation(name: str) -> tuple[str, int]:
    """The route, and the incarnation, that a name stands for."""
    route, _, incarnation = name.partition(_SIGN)
    return route, int(incarnation or 1)


def is_route(said: object) -> bool:
    """Whether somebody else's word may be the name of a route."""
    return isinstance(said, str) and _SIGN not in said


def goes_before(name: str, other: str) -> bool:
    """Whether one name's facts come before the other's: on the same way, an earlier incarnation's, or what is sent again."""
    return _way(name) == _way(other) and _turn(name) < _turn(other)


def is_before_incarnation(name: str, incarnation: int) -> bool:
    """Whether what a name stands for comes before what this incarnation records itself."""
    return _turn(name) < (incarnation, True)


def oldest_of_each_route(names: Iterable[str]) -> list[str]:
    """For each way, the one of these names whose facts go before all others.

    The order does not depend on the interpreter's hashes, so that a run can be replayed.
    """
    oldest: dict[str, str] = {}
    for name in sorted(names, key=lambda name: (_turn(name), name)):
        oldest.setdefault(_way(name), name)
    return list(oldest.values())


def _way(name: str) -> str:
    return way_of(route_and_incarnation(name)[0])


def _turn(name: str) -> tuple[int, bool]:
    """The incarnation, and whether these are its own facts: what came back without its place was recorded before them."""
    route, incarnation = route_and_incarnation(name)
    return incarnation, way_of(route) == route
