"""Every page that somebody can reach by links, opened over HTTP in both languages."""

import re
from datetime import datetime
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx

from tests.journeys.people import CLOCK, Person

LANGUAGES = {"zh": "zh-Hans", "en": "en"}
"""How a page is asked for, and how it says that it is in that language."""

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\d")
_LINK = re.compile(r'<a\b[^>]*\bhref="([^"#]+)')


def pages_of(person: Person, at: datetime) -> dict[str, int]:
    """The kinds of pages that links lead this person to, each with its status; each is whole in each language.

    Addresses that differ only in ids and values are of one kind; the first one that is found is opened.
    """
    seen: dict[str, int] = {}
    waiting, known = ["/"], {"/"}
    while waiting:
        path = waiting.pop(0)
        if shape(path) in seen:
            continue
        for language in LANGUAGES:
            reply = _opened(person, path, at, language)
            seen[shape(path)] = reply.status_code
            fresh = [link for link in _links(person, reply) if link not in known]
            known |= set(fresh)
            waiting += fresh
    return seen


def shape(path: str) -> str:
    """An address without its ids and values."""
    parts = urlsplit(path)
    asked = ",".join(sorted(name for name, _ in parse_qsl(parts.query)))
    return f"{_ID.sub('*', parts.path)}?{asked}"


def _opened(person: Person, path: str, at: datetime, language: str) -> httpx.Response:
    headers = {CLOCK: at.isoformat(), "Accept-Language": language}
    reply = person.http.get(path, headers=headers, follow_redirects=True)
    assert reply.status_code < 500, f"{path}: {reply.status_code} {reply.text[:300]}"
    if reply.headers["content-type"].startswith("text/html"):
        assert f'lang="{LANGUAGES[language]}"' in reply.text, path
        assert reply.text.count("<h1") == 1 and "</html>" in reply.text, path
    return reply


def _links(person: Person, reply: httpx.Response) -> list[str]:
    """Addresses of this node that a page leads to, in the order of the page."""
    base = str(person.http.base_url).rstrip("/")
    found = (urljoin(str(reply.url), link.replace("&amp;", "&")) for link in _LINK.findall(reply.text))
    inside = [link.removeprefix(base) for link in found if link.startswith(base + "/")]
    return [link for link in dict.fromkeys(inside) if "language=" not in link]
