"""All three tiers in one process, for one machine: the apps, the start page, and the host."""

from collections.abc import Callable, Iterable
from functools import cache

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from services.county.main import county_app
from services.township.main import township_app
from services.village.main import village_app
from shared.node.node import Node
from shared.node.readiness import NOT_READY, state_of
from shared.web.app import NO_TELEMETRY
from shared.web.error_pages import error_page
from shared.web.front import AtTheMachine, Fronted
from shared.web.headers import dress
from shared.web.paths import ManyNodes, OneNode
from shared.web.render import Frame, render
from shared.web.rules import public
from shared.work.office.answers import Ready
from shared.work.office.pages.state import WATCHED

OFFICES_SHOWN = 40
"""Most offices that a search by name lists. Unit: offices; more means: type more of the name."""


MAKERS = {"village": village_app, "township": township_app, "county": county_app}
"""Tier to what makes its app."""


@cache
def app_of(tier: str) -> FastAPI:
    """The app of a tier, made once a process: it knows no node before a request names one."""
    return MAKERS[tier]()


def serve(
    nodes: Iterable[Node], *, alone: bool = False, app_of: Callable[[str], FastAPI] = app_of
) -> ASGIApp:
    """The web of a process behind what stands in front of it: one node at `/`, or many under `/n/<node>` with a start page."""
    by_name = {node.name: node for node in nodes}
    front = next(iter(by_name.values())).settings.network.front
    return Fronted(_doors(by_name, alone, app_of), front)


def _doors(by_name: dict[str, Node], alone: bool, app_of: Callable[[str], FastAPI]) -> ASGIApp:
    if alone:
        (node,) = by_name.values()
        return OneNode(node, app_of(node.settings.tier))
    tiers = {node.settings.tier for node in by_name.values()}
    return ManyNodes(by_name, {tier: app_of(tier) for tier in tiers}, start_app(by_name))


def start_app(nodes: dict[str, Node]) -> FastAPI:
    """The start page, which finds an office by name."""
    app = FastAPI(title="Huiyin", openapi_url=None, telemetry=NO_TELEMETRY, redirect_slashes=False)
    dress(app)

    def frame() -> Frame:
        first = next(iter(nodes.values()))
        return Frame(now=first.now(), rehearsal=first.settings.network.rehearsal)

    @app.exception_handler(HTTPException)
    async def _not_here(request: Request, error: HTTPException) -> Response:
        return error_page(request, error.status_code, frame())

    @app.get("/", dependencies=[public("finds an office; names of offices are public")])
    def start(request: Request, q: str = "") -> Response:
        """Find an office by its name."""
        found = _found(nodes, q.strip())
        return render(
            request,
            "start.html",
            frame(),
            q=q,
            county=next((name for name, node in nodes.items() if node.settings.tier == "county"), ""),
            found=found[:OFFICES_SHOWN],
            more=len(found) > OFFICES_SHOWN,
        )

    _watched(app, nodes)
    return app


def _watched(app: FastAPI, nodes: dict[str, Node]) -> None:
    """What whoever supervises the machine asks of the process."""

    @app.get("/livez", dependencies=[public(WATCHED)])
    def alive() -> dict[str, str]:
        """The process answers."""
        return {"state": "alive"}

    @app.get("/readyz", dependencies=[public(WATCHED)])
    def ready(response: Response) -> Ready:
        """Whether every node here can work; `degraded` where all can and something stands still at one."""
        standing = {name: node.standing() for name, node in nodes.items()}
        why = sorted({reason for reasons in standing.values() for reason in reasons})
        state = state_of(tuple(why))
        response.status_code = 503 if state == NOT_READY else 200
        return Ready(
            state=state, why=why, nodes={name: list(found) for name, found in standing.items() if found}
        )

    @app.get("/settledz", dependencies=[public(WATCHED)])
    def settled(_: AtTheMachine) -> bool:
        """Whether all that departed from the nodes here is held where it should be, and no key is awaited."""
        return all(node.is_settled() for node in nodes.values())


def _found(nodes: dict[str, Node], name: str) -> list[tuple[str, str, str]]:
    """Offices whose name holds what was typed: (node, township, name), in the order of the codes."""
    knows_all = next((node for node in nodes.values() if node.settings.tier == "county"), None)
    units = {
        u.unit: u
        for node in ([knows_all] if knows_all else nodes.values())
        for u in node.directory.units.values()
    }
    shown: list[tuple[str, str, str]] = []
    for unit in sorted(units.values(), key=lambda unit: unit.code):
        above = units.get(unit.parent) if unit.parent else None
        place = above.name if above and above.kind == "township" else ""
        wanted = not name and unit.kind in ("county", "township")
        if unit.open and unit.node in nodes and (wanted or (name and name in place + unit.name)):
            shown.append((unit.node, place, unit.name))
    return shown
