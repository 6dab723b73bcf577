"""Every route names its rule; a test walks all routes and fails for one that has none."""

from typing import Any

from fastapi import Depends

from shared.accounts.rights import RIGHTS


class Rule:
    """Marks a route with the right it checks, or says why it needs none."""

    def __init__(self, *actions: str, public: str = "") -> None:
        unknown = set(actions) - RIGHTS.keys()
        if unknown:
            raise ValueError(f"no such right: {sorted(unknown)}")
        self.actions = actions
        self.public = public

    async def __call__(self) -> None:
        """The mark itself does nothing; the order or the route checks the right where the unit is known.

        A coroutine, since a plain function would be taken to a thread and back at every request.
        """


def right(*actions: str) -> Any:
    """The dependency that says which rights a route checks."""
    return Depends(Rule(*actions))


def public(reason: str) -> Any:
    """The dependency of a route that anybody may use, with the reason."""
    return Depends(Rule(public=reason))


def rules_of(route: Any) -> list[Rule]:
    """The rules that a route of an app carries."""
    return [dep.call for dep in route.dependant.dependencies if isinstance(dep.call, Rule)]


MOST_STATEMENTS = 9
"""Statements that a page or question may send to the database where it says nothing else, with those that begin and end
its look at one moment. Unit: statements; on a server each is a round trip."""


class Asks:
    """Marks a page that asks more of the database than others: at most so many statements."""

    def __init__(self, most: int) -> None:
        self.most = most

    async def __call__(self) -> None:
        """The mark itself does nothing; a test counts."""


def asks(most: int) -> Any:
    """The dependency that says how many statements a page sends at most."""
    return Depends(Asks(most))


def ceiling_of(route: Any) -> int:
    """How many statements a route may send for one request."""
    said = [dep.call.most for dep in route.dependant.dependencies if isinstance(dep.call, Asks)]
    return said[0] if said else MOST_STATEMENTS
