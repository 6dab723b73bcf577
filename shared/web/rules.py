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
