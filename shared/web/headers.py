"""What every answer carries for safety, and the files that browsers may keep.

`dress(app, folder)` is the one call a door makes: templates, static files, compression, headers.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

STATIC = Path(__file__).parent / "static"

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
"""No inline script or style, nothing from elsewhere, and no page of ours inside another."""

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""What every answer carries that says nothing else: nobody keeps it, unless the page itself allows that."""


_ALWAYS = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
_WHEN_SECURE = (b"strict-transport-security", b"max-age=31536000")


class SecurityHeaders:
    """ASGI middleware that adds `HEADERS` to every answer, errors included."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; add the headers when the answer starts."""

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                wanted = [*_ALWAYS, _WHEN_SECURE] if scope["scheme"] == "https" else _ALWAYS
                there = {name for name, _ in message["headers"]}
                missing = [header for header in wanted if header[0] not in there]
                message["headers"] = [*message["headers"], *missing]
            await send(message)

        await self.app(scope, receive, dressed if scope["type"] == "http" else send)


class KeptFiles(StaticFiles):
    """Static files: for ever under the address with their hash, asked again under any other."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, with how long it may be kept. HTTPException 404 when there is none."""
        answer = await super().get_response(path, scope)
        asked = scope["query_string"].decode("latin-1")
        known = answer.status_code in (200, 304) and asked == f"v={static_version(path)}"
        kept = "public, max-age=31536000, immutable" if known else "no-cache"
        answer.headers["Cache-Control"] = kept
        return answer


@cache
def static_version(path: str) -> str:
    """The first 12 hex digits of the SHA-256 of a static file. FileNotFoundError without it."""
    return sha256((STATIC / path).read_bytes()).hexdigest()[:12]


def dress(app: FastAPI, *templates: Path) -> None:
    """Give an app the kit: its template folders, /static, compressed answers, security headers."""
    app.state.templates = templates
    app.mount("/static", KeptFiles(directory=STATIC), name="static")
    # Only what we serve and what is packed already: the middleware reads its list anew for every answer.
    app.add_middleware(GZipMiddleware, minimum_size=1000, exclude_content_types=("font/woff2", "image/png"))
    app.add_middleware(SecurityHeaders)
