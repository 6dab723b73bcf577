"""One address for many nodes: `/n/<node>/...` goes to that node; a node alone is served at `/`.

An ASGI application that puts the node into the request and calls the app of the node's tier; the
rest of the path is all that the app sees.
"""

from collections.abc import Mapping

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.pages.office import Office

LARGEST_BODY = 400_000
"""Largest body of a request. Unit: bytes; a form with every field full is about 250,000."""


class OneNode:
    """Serves one node at `/`."""

    def __init__(self, office: Office, app: ASGIApp) -> None:
        self.office = office
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its node."""
        if scope["type"] == "http":
            scope["office"] = self.office
        await limited(self.app, scope, receive, send)


class ManyNodes:
    """Serves each node under `/n/<node>`, and a start page at `/`."""

    def __init__(self, offices: Mapping[str, Office], apps: Mapping[str, ASGIApp], start: ASGIApp) -> None:
        self.offices = offices
        self.apps = apps
        self.start = start

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find the node and pass the request on; unknown nodes and `/` go to the start page."""
        if scope["type"] != "http":
            await self.start(scope, receive, send)
            return
        _, first, name, *_ = [*scope["path"].split("/", 3), "", "", ""]
        office = self.offices.get(name) if first == "n" else None
        if office is None:
            await limited(self.start, scope, receive, send)
            return
        prefix = f"/n/{name}"
        inner = dict(scope)
        inner["office"] = office
        inner["root_path"] = scope.get("root_path", "") + prefix
        await limited(self.apps[office.settings.tier], inner, receive, send)


async def limited(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a body that no form of ours can have, before anything reads it."""
    headers = dict(scope.get("headers", [])) if scope["type"] == "http" else {}
    length = headers.get(b"content-length", b"0")
    if not length.isdigit() or int(length) > LARGEST_BODY:
        await PlainTextResponse("too large / 内容过大", 413)(scope, receive, send)
        return
    await app(scope, receive, send)
