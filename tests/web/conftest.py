"""A small app that shows the kit, for the tests of this folder."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from shared.web.error_pages import error_page
from shared.web.form import Form, typed
from shared.web.headers import dress
from shared.web.render import Frame, Help, NavigationItem, render
from shared.work.common.sentences import N_

NOON = datetime(2026, 3, 27, 4, 5, tzinfo=UTC)
TEXT = "第一行：井台旁的路灯不亮。\n第二行 <b>no markup</b> & \U00020164村"

FRAME = Frame(
    now=NOON,
    office="青石镇柳树沟村民委员会",
    above="青石镇人民政府",
    person="值班员",
    csrf="token-of-the-session",
    rehearsal=True,
    navigation=(NavigationItem(N_("Help"), "/help"), NavigationItem(N_("Reported"), "/demo")),
    help=Help("青石镇信访办公室", "0530-000 0000"),
)

FILLED = Form(
    {
        "number": "12 <x>",
        "summary": TEXT,
        "day": "2026-03-27",
        "channel": "call",
        "checked": ["phone"],
        "unit": "b",
        "idempotency_key": "kept-key",
        "password": "secret",
    },
    {"number": "这一项不对", "channel": "请选择", "": "整个表格的问题"},
)


def demo_app() -> FastAPI:
    """The demo page, a receipt and every error page."""
    app = FastAPI(openapi_url=None)
    dress(app, Path(__file__).parent / "templates")

    @app.get("/demo")
    def demo(request: Request, filled: bool = False):
        rows = [["青石镇𠅤村", "王庄", number] for number in (3, 0, 1250)]
        points = [(f"3-{day:02}", day * 7 % 11) for day in range(1, 31)]
        return render(
            request,
            "demo.html",
            FRAME,
            title="今日 Today",
            rows=rows,
            points=points,
            text=TEXT,
            form=FILLED if filled else Form(),
        )

    @app.get("/paper")
    def paper(request: Request):
        return render(request, "paper.html", FRAME, text=TEXT)

    @app.post("/trouble/{status}")
    async def trouble(request: Request, status: int):
        return error_page(request, status, FRAME, typed=typed(await request.form()))

    @app.get("/trouble/{status}")
    def bare_trouble(request: Request, status: int):
        return error_page(request, status, Frame(now=NOON))

    return app


@pytest.fixture(scope="session")
def browser() -> TestClient:
    """A reader without cookies; set headers or cookies per request."""
    return TestClient(demo_app())
