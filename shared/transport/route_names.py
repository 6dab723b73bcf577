"""The name of a route in its own node's tables: `up` in the node's first incarnation, `up#2` in its second.

A restored node begins a new incarnation (incarnation): its routes count from 1 again, and what the incarnation
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
    """Whether what one name stands for comes before the other: of one way the earlier incarnation, then what goes again."""
    return _way(name) == _way(other) and _turn(name) < _turn(other)


def is_before_incarnation(name: str, incarnation: int) -> bool:
    """Whether what a name stands for comes before what this incarnation records itself."""
    return _turn(name) < (incarnation, True)


def oldest_of_each_route(names: Iterable[str]) -> list[str]:
    """Of names of one way the one that goes before all others.

    In one order whatever the interpreter's hashes are: what is sent first is part of a run that can be replayed.
    """
    oldest: dict[str, str] = {}
    for name in sorted(names, key=lambda name: (_turn(name), name)):
        oldest.setdefault(_way(name), name)
    return list(oldest.values())


def _way(name: str) -> str:
    return way_of(route_and_incarnation(name)[0])


def _turn(name: str) -> tuple[int, bool]:
    """The incarnation, and in it first what came back without its place: the incarnation's own facts were recorded later."""
    route, incarnation = route_and_incarnation(name)
    return incarnation, way_of(route) == route
