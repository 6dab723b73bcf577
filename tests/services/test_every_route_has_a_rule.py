"""No door opens by oversight: every route says which right it checks, or why it needs none."""

import pytest
from fastapi import FastAPI

from services.network import MAKERS, app_of, start_app
from shared.web.app import routes_of
from shared.web.rules import public, right, rules_of

APPS = {tier: app_of(tier) for tier in MAKERS} | {"start": start_app({})}


def without_a_rule(app: FastAPI) -> list[str]:
    """Routes of an app that carry no rule."""
    return [route.path for route in routes_of(app) if not rules_of(route)]


def both_at_once(app: FastAPI) -> list[str]:
    """Routes that are public and ask for a right."""
    rules = [(route.path, rule) for route in routes_of(app) for rule in rules_of(route)]
    return [path for path, rule in rules if bool(rule.actions) == bool(rule.public)]


@pytest.mark.parametrize("tier", APPS)
def test_every_route_carries_exactly_one_kind_of_rule(tier):
    assert routes_of(APPS[tier])
    assert without_a_rule(APPS[tier]) == []
    assert both_at_once(APPS[tier]) == []


def test_a_planted_route_without_a_rule_is_caught():
    app = FastAPI()
    app.get("/open", dependencies=[public("a trial")])(lambda: None)
    app.get("/planted")(lambda: None)
    assert without_a_rule(app) == ["/planted"]


def test_a_right_that_the_table_does_not_know_stops_the_program():
    with pytest.raises(ValueError, match="no such right"):
        right("matter.burn")
