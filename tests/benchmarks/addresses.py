"""Every page and question that somebody at an office can open: the app's own routes, with ids of things that are there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from services.network import app_of
from shared.web.app import routes_of
from shared.work.common.calendar import day_of
from tests.benchmarks.door import Door
from tests.benchmarks.lives.kept import ROLES, KeptCounty
from tests.benchmarks.lives.places import NOW

YESTERDAY = day_of(NOW) - timedelta(days=1)
ENTRIES = 9
"""Entries on the time line of the matter that is opened, so that it is the same work in every county: an usual life has nine."""
LOOKED_AT = 30
"""Matters that are looked at to find such a one. Unit: matters."""
PAGE = 50
NOT_OPENED = re.compile(r"/livez|/readyz|/statusz|/settledz|/api/openapi\.json")
"""What machines ask for."""


@dataclass(frozen=True)
class Address:
    """A page of a node: what it is called in every county, where it is in this one, and whose session opens it."""

    name: str
    path: str
    cookie: str


def addresses_of(door: Door, county: KeptCounty) -> Iterator[Address]:
    """All that somebody can open, each once, opened by the first role that may."""
    cookies = [door.sign_in(role) for role in ROLES]
    things = [*_things(door, cookies[0], county)]
    for name, route, asked in _asked(door, county):
        paths = dict.fromkeys(_with(route.format(**some), asked) for some in things if _fits(route, some))
        tried = (Address(name, path, cookie) for path in paths for cookie in cookies)
        opened = (one for one in tried if door.get(one.path, one.cookie).status == 200)
        yield from islice(opened, 1)


def _with(path: str, asked: dict[str, str]) -> str:
    return f"{path}?{urlencode(asked)}" if asked else path


def _fits(route: str, things: dict[str, str]) -> bool:
    return {*re.findall(r"{(\w+)}", route)} <= things.keys()


def _asked(door: Door, county: KeptCounty) -> Iterator[tuple[str, str, dict[str, str]]]:
    """What a row is called, the path as its route has it, and what is asked of it."""
    routes = [route for route in routes_of(app_of(door.node.settings.tier)) if "GET" in (route.methods or ())]
    paths = [route.path for route in routes if not NOT_OPENED.fullmatch(route.path)]
    asked = {path: [*_queries(county).get(path, [{}])] for path in paths}
    for path, ways in asked.items():
        for way in ways:
            named = [f"{key}={value}" if key in _NAMED else key for key, value in way.items()]
            yield f"{path}?{'&'.join(named)}" if way else path, path, way


_NAMED = frozenset({"scope", "state", "page"})
"""What stands in a row's name with its value, because it makes another page of it."""


def _queries(county: KeptCounty) -> dict[str, list[dict[str, str]]]:
    """What pages are asked besides their path; whatever has no line here is asked nothing."""
    town, village = str(county.places.town.unit), str(county.places.village.unit)
    day, month = YESTERDAY.isoformat(), (YESTERDAY - timedelta(days=30)).isoformat()
    year = (YESTERDAY - timedelta(days=365)).isoformat()
    scopes = [{"scope": scope} for scope in ("own", "below", "todo", "in", "out", "all")]
    narrowed = [{"state": "accepted"}, {"open": "1"}, {"overdue": "1"}, {"stuck": "1"}, {"late": "1"}]
    more = [{"age": "d16_30"}, {"matter_class": "land"}, {"page": "2"}, {"number": "-2024-00001"}]
    last = {"limit": str(PAGE), "offset": str(county.matters - PAGE)}
    return {
        "/matters": [{}, *scopes, *narrowed, *more],
        "/api/matters": [{}, {"scope": "todo"}, {"state": "accepted"}, last],
        "/supervision": [{}, {"state": "open"}, {"page": "2"}],
        "/api/letters": [{}, {"state": "open"}],
        "/feed": [{}, {"page": "20"}],
        "/sheet": [{}, {"day": day}, {"day": day, "below": town}],
        "/api/sheet": [{}, {"day": day, "below": town}],
        "/excuse": [{"excused": village, "day": day}],
        "/directory": [{}, {"below": town}],
        "/directory/add": [{"parent": town}],
        "/api/reports/{unit}": [{"first": month, "last": day}],
        "/duty-notes/figures": [{"first": year, "last": day}],
        "/api/duty-notes/figures": [{"first": year, "last": day}],
        "/reception-days/figures": [{"first": year, "last": day}],
        "/api/reception-days/figures": [{"first": year, "last": day}],
        "/report": [{"kind": "zero"}],
    }


def _things(door: Door, cookie: str, county: KeptCounty) -> Iterator[dict[str, str]]:
    """Ids to open pages with: of an ended matter, then of open ones, since steps are offered for those alone."""
    other = {"unit": str(county.places.village.unit), "day": YESTERDAY.isoformat()}
    letters = door.get("/api/letters", cookie).json()
    other |= {"supervision": letters[0]["supervision"]} if letters else {}
    for register in ("/api/duty-notes", "/api/reception-days"):
        records = door.get(register, cookie).json()
        if records:
            yield other | {"record": records[0]["record"]}
    for scope, state in (("all", "answered"), ("own", "registered"), ("in", "received"), ("in", "accepted")):
        lines = door.get(f"/api/matters?scope={scope}&state={state}&limit={LOOKED_AT}", cookie).json()
        if lines:
            line = min(lines, key=lambda one: abs(_entries(door, cookie, one) - ENTRIES))
            yield (
                other | {"case": line["case"]} | ({"referral": line["referral"]} if line["referral"] else {})
            )


def _entries(door: Door, cookie: str, line: dict[str, Any]) -> int:
    return len(door.get(f"/api/matters/{line['case']}/timeline", cookie).json())
