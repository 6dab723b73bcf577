"""What the table of rights denies, every door denies: each role, each relation, each route."""

from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute

from services.network import app_of
from shared.accounts.rights import Role, allowed, relation
from shared.web.app import routes_of
from shared.web.rules import rules_of
from tests.services.asking import REGISTERS, STEPS, Asked, Things, ask, asked, things_of
from tests.services.network import (
    COUNTY,
    DEPARTMENT,
    FAR_VILLAGE,
    LAST_VILLAGE,
    NEXT_TOWN,
    TOWN,
    VILLAGE,
    Stage,
)

OTHER_DEPARTMENT = "430321000002"
WHERE = {
    "village": ("villages-102", FAR_VILLAGE, (FAR_VILLAGE, NEXT_TOWN, LAST_VILLAGE, VILLAGE)),
    "township": ("town-101", TOWN, (TOWN, COUNTY, VILLAGE, NEXT_TOWN, FAR_VILLAGE)),
    "county": ("county", DEPARTMENT, (DEPARTMENT, COUNTY, OTHER_DEPARTMENT, TOWN)),
}
"""Tier: its node, whose things they are, and where the people who ask are from."""


def guarded(tier: str) -> Iterator[tuple[str, APIRoute]]:
    """Every method and route of a tier that asks for a right."""
    for route in routes_of(app_of(tier)):
        if any(rule.actions for rule in rules_of(route)):
            for method in sorted(route.methods - {"HEAD"}):
                yield method, route


def verdict(stage: Stage, role: str, own: str, route: APIRoute, request: Asked, things: Things) -> bool:
    """What the table says of this role, from this unit, about this thing; anybody may see who is who."""
    parents = stage.host.nodes["county"].directory.parents
    units = {"own": stage.unit(own), "county": stage.unit(COUNTY), "thing": stage.unit(things.code)}
    action = rules_of(route)[0].actions[0]
    if stage.host.nodes[things.node].directory.find(stage.unit(own)) is None:
        return route.path == "/api/units"  # a node lets people of offices that it does not know do nothing
    about = {"any": [], "letter": ["thing", "county"]}.get(request.about, [request.about])
    seen = [relation(parents, stage.unit(own), units[one]) for one in about]
    return any(allowed(role, action, each) for each in seen) or not about


@pytest.fixture(scope="module", params=WHERE)
def place(request: pytest.FixtureRequest, stage: Stage) -> tuple[str, Things]:
    """A tier, and the things of one of its units."""
    node, code, _ = WHERE[request.param]
    return request.param, things_of(stage, node, code)


def _is_derived(path: str) -> bool:
    """Whether a route follows from an order, which brings its own right."""
    return path.startswith("/api/orders/") or path in STEPS


def test_each_role_from_each_place_may_at_each_door_what_the_table_says_and_nothing_else(stage, place):
    tier, things = place
    wrong, sent = [], 0
    routes = [(method, route, asked(method, route.path, things)) for method, route in guarded(tier)]
    for role in Role:
        for own in WHERE[tier][2]:
            person = stage.newcomer(own, role.value, node=things.node)
            for method, route, request in routes:
                status, sent = ask(person, method, route.path, request), sent + 1
                may = verdict(stage, role, own, route, request, things)
                if may is (status in (401, 403)) or status >= 500:
                    wrong.append((role.value, own, method, route.path, status))
    assert wrong == []
    assert sent == len(Role) * len(WHERE[tier][2]) * len(routes)
    registers = tuple(f"{prefix}{pages.path}" for pages in REGISTERS for prefix in ("", "/api"))
    others = [r for _, r, _ in routes if not r.path.startswith(registers) and not _is_derived(r.path)]
    assert len(others) == {"village": 43, "township": 49, "county": 59}[tier]


def test_who_has_not_signed_in_is_told_so_at_each_guarded_door(stage, place):
    tier, things = place
    stranger = stage.anybody(things.node)
    for method, route in guarded(tier):
        status = ask(stranger, method, route.path, asked(method, route.path, things))
        page = method == "GET" and "/api/" not in route.path
        assert status == (303 if page else 401), (method, route.path)
