"""Is this order from our own page? Two answers, both pure functions on what the request carries.

A form carries the token of its session (synchronizer token); the browser says where the form came
from (`Sec-Fetch-Site`, or `Origin` where it does not send that: over plain HTTP). Both must agree;
`SameSite=Lax` on the cookie is the third fence. Programs with a bearer token need neither.
"""

import hmac
from hashlib import sha256
from urllib.parse import urlsplit


def form_token(secret: str) -> str:
    """The token for forms of the session with this secret: 64 hexadecimal digits."""
    return hmac.new(secret.encode(), b"huiyin form", sha256).hexdigest()


def is_form_token(expected: str | None, given: str | None) -> bool:
    """Whether a form brought its session's token; a session without one accepts no form."""
    if not expected or not given:
        return False
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogatepass"))


def came_from_here(*, sec_fetch_site: str | None, origin: str | None, host: str) -> bool:
    """Whether the browser says that the request began on our own page, or was typed by its user.

    `host` is the Host header (name and port). Nothing said at all is no objection: old browsers
    and programs say nothing, and the form token is still asked. Never use it alone, except where
    there is no session yet.
    """
    if sec_fetch_site is not None:
        return sec_fetch_site in ("same-origin", "none")
    return origin is None or _host_of(origin) == host.casefold()


def _host_of(origin: str) -> str | None:
    """Name and port of an origin; none for `null` and for anything that is not one."""
    try:
        return urlsplit(origin).netloc.casefold() or None
    except ValueError:
        return None
