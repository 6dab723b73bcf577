"""Who asks, over which scheme and under which name: from the connection itself, or from a proxy that is trusted.

Stands before every app. What a trusted proxy says (`X-Forwarded-For`, `-Proto`, `-Host`) takes the place of what the
connection says; from anybody else these headers are thrown away, so that nothing behind reads them. A name that is not on
the list of `[web]` is answered with 421 and nothing else.
"""

from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.settings.front import Front
from shared.web.languages.words import sentence
from shared.web.render import language_of
from shared.work.common.sentences import N_

FORWARDING = frozenset(
    (
        b"x-forwarded-for",
        b"x-forwarded-proto",
        b"x-forwarded-host",
        b"x-forwarded-port",
        b"forwarded",
        b"x-real-ip",
    )
)
"""Headers in which a proxy says whom it brings."""

NOT_HERE = N_(
    "No office is reached under this name here. Whoever runs this computer adds the name to hosts in the table [web]"
    " of network.toml, and starts again."
)
AT_THE_MACHINE = "huiyin.at_the_machine"
"""Where a request carries whether it came from this very machine, with nothing in between."""


class Fronted:
    """Makes a request say who asks, before an app sees it."""

    def __init__(self, app: ASGIApp, front: Front) -> None:
        self._app, self._front = app, front

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as it came to the outermost proxy that is trusted; refuse a name that is not ours."""
        if scope["type"] == "http":
            scope = _as_asked(scope, self._front)
            if not _is_ours(scope, self._front):
                said = sentence(language_of(Request(scope)), NOT_HERE)
                await PlainTextResponse(said + "\n", 421)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def is_at_the_machine(scope: Scope) -> bool:
    """Whether somebody on this machine asks, and no proxy asks for somebody else; for its own supervision."""
    return bool(scope.get(AT_THE_MACHINE))


def _require_at_the_machine(request: Request) -> None:
    if not is_at_the_machine(request.scope):
        raise HTTPException(404)


AtTheMachine = Annotated[None, Depends(_require_at_the_machine)]
"""The dependency of what only the machine's own supervision is told; to anybody else there is no such page."""


def _as_asked(scope: Scope, front: Front) -> Scope:
    peer = (scope.get("client") or ("", 0))[0]
    said = [(name, value) for name, value in scope["headers"] if name in FORWARDING]
    kept = [(name, value) for name, value in scope["headers"] if name not in FORWARDING]
    asked = {**scope, "headers": kept, AT_THE_MACHINE: _is_loopback(peer) and not said}
    return _as_forwarded(asked, said, front, peer) if said and front.trusts(peer) else asked


def _as_forwarded(asked: Scope, said: list[tuple[bytes, bytes]], front: Front, peer: str) -> Scope:
    """What the nearest proxy says comes last in each header; what stands before it may be anybody's word."""
    hops = [_bare(hop) for hop in _values(said, b"x-forwarded-for")]
    client = next((hop for hop in reversed(hops) if not front.trusts(hop)), hops[0] if hops else peer)
    scheme = (_values(said, b"x-forwarded-proto") or [asked["scheme"]])[-1].lower()
    asked["client"] = (client if _is_address(client) else peer, 0)
    asked["scheme"] = scheme if scheme in ("http", "https") else asked["scheme"]
    if hosts := _values(said, b"x-forwarded-host"):
        others = [header for header in asked["headers"] if header[0] != b"host"]
        asked["headers"] = [*others, (b"host", hosts[-1].encode("latin-1"))]
    return asked


def _values(said: list[tuple[bytes, bytes]], wanted: bytes) -> list[str]:
    """All values of a header in their order, whether they stand in one line or in several."""
    whole = ",".join(value.decode("latin-1") for name, value in said if name == wanted)
    return [value for one in whole.split(",") if (value := one.strip())]


def _bare(hop: str) -> str:
    """An address without its port: `192.0.2.7:4711`, `[2001:db8::7]:4711` or the address alone."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop


def _is_ours(scope: Scope, front: Front) -> bool:
    if front.hosts is None:
        return True
    named = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    if len(named) > 1:
        return False
    host = _name_of(named[0]) if named else ""
    local = (scope.get("server") or ("", 0))[0]
    return not named or host in (*front.hosts, "localhost", local) or _is_loopback(host)


def _name_of(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _is_loopback(text: str | None) -> bool:
    return _is_address(text) and ip_address(str(text)).is_loopback


def _is_address(text: str | None) -> bool:
    try:
        ip_address(text or "")
    except ValueError:
        return False
    return True
