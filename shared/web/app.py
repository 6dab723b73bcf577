"""An app of one tier: its routers, answers to everything that does not work, templates, headers."""

from collections.abc import Iterable
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.telemetry import TelemetryConfig

from shared.orders.order import Order
from shared.web import problems
from shared.web.headers import dress
from shared.web.openapi import describe
from shared.web.render import MenuEntry

DESCRIPTION = """Orders and questions of one office of the network.

Orders carry an `Idempotency-Key` and, for a change, the `version` that was seen; problems are
`application/problem+json` with a stable `code`. Programs sign in with a bearer token.
"""

NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
"""Nothing of a request goes to a collector that somebody's environment names."""


def make_app(
    tier: str,
    routers: Iterable[APIRouter],
    templates: Iterable[Path],
    orders: Iterable[type[Order]],
    menu: Iterable[MenuEntry] = (),
) -> FastAPI:
    """The app of a tier, which takes these orders; it serves whichever node the request was sent to.

    `menu` are entries that come after those of the tier, each for whoever has its right.
    """
    app = FastAPI(
        title=f"Huiyin {tier}",
        version="1",
        description=DESCRIPTION,
        openapi_url="/api/openapi.json",
        telemetry=NO_TELEMETRY,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # its redirects name the host that the request named
    )
    app.state.orders = {order.DECLARED.name: order for order in orders}
    app.state.menu = tuple(menu)
    for router in routers:
        app.include_router(router)
    describe(app, app.state.orders.values())
    problems.install(app)
    dress(app, *templates)
    return app


def routes_of(app: FastAPI) -> list[APIRoute]:
    """Every route of an app that a person or program can ask for."""
    routes = [context.original_route for context in iter_route_contexts(app.routes)]
    return [route for route in routes if isinstance(route, APIRoute)]
