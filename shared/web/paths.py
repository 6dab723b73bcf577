"""One address for many nodes: `/n/<node>/...` goes to that node; a node alone is served at `/`.

An ASGI application that puts the node into the request and calls the app of the node's tier; the
rest of the path is all that the app sees.
"""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.office import Office

LARGEST_BODY = 400_000
"""Largest body of a request. Unit: bytes; a form with every field full is about 250,000."""

THROWN_AWAY = 4_000_000
"""Most of a refused body that is still read. Unit: bytes."""


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
        if scope["path"] == prefix:
            await RedirectResponse(f"{scope.get('root_path', '')}{prefix}/", 307)(scope, receive, send)
            return
        inner = dict(scope)
        inner["office"] = office
        inner["root_path"] = scope.get("root_path", "") + prefix
        await limited(self.apps[office.settings.tier], inner, receive, send)


async def limited(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a body that no form of ours can have, whether its length was said or not.

    What is too large is read to its end and thrown away up to `THROWN_AWAY`, since a sender that is
    cut off in the middle of a body does not read why.
    """
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        while taken > LARGEST_BODY and message.get("more_body") and taken < THROWN_AWAY:
            message = await receive()
            taken += len(message.get("body", b""))
        if taken > LARGEST_BODY:
            raise HTTPException(413)
        return message

    await app(scope, counted, send)
