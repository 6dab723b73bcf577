"""What a program says of a kept network: every projection, figure, due date, page and proof, as plain values.

The same questions are put to the program that made the network and to today's, by command and HTTP.
"""

import hashlib
import json
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from typing import Any

from tests.journeys.people import CLOCK, Person
from tests.upgrade.county import BUREAU, CIVIL_AFFAIRS, LONE_VILLAGE, NEXT_TOWN, NODE_OF, TOWN, VILLAGE
from tests.upgrade.network import Network
from tests.upgrade.pages import pages_of
from tests.upgrade.stories import ASKED_AT

READERS = {
    "village": (VILLAGE, "information_officer"),
    "lone village": (LONE_VILLAGE, "information_officer"),
    "township": (TOWN, "petition_clerk"),
    "next township": (NEXT_TOWN, "director"),
    "department": (CIVIL_AFFAIRS, "petition_clerk"),
    "county": (BUREAU, "petition_clerk"),
    "county's director": (BUREAU, "director"),
    "supervisor": (BUREAU, "supervisor"),
}
"""Who is asked: a unit and a role."""

FIRST_DAY, LAST_DAY = date(2026, 3, 9), date(2026, 3, 20)
"""Days whose reports and sheets are asked for: some before and after those on which people worked."""

MOST = 500
"""More matters than the network has. Unit: matters."""

LONGEST_TEXT = 120
"""Longer values, which are ciphertexts, stand by their hash. Unit: characters."""

_ASKED = ASKED_AT.astimezone(UTC)

OF_THE_MOMENT = ("wire", "proof")
"""What a node's state says of the moment and of the last checkpoint, which may come at any time."""


def said_at_rest(network: Network) -> dict[str, Any]:
    """What commands say while nothing runs."""
    parked = json.loads(network.command("parked", "list", "--json"))
    discarded = json.loads(network.command("parked", "list", "--discarded", "--json"))
    return {
        "dump": rows_of(network.dump()),
        "state": [_lasting(state) for state in json.loads(network.command("status", "--json"))],
        "parked": list(map(_without_words, parked)),
        "discarded": list(map(_without_words, discarded)),
        "verdict": network.verify(),
        "keys": json.loads(network.command("proof", "keys", "--json")),
    }


def said_at_work(network: Network) -> dict[str, Any]:
    """What the pages and programs' addresses say in a network that runs and has settled."""
    people = {who: network.person(*at) for who, at in READERS.items()}
    states = {node: _lasting(network.state(node)) for node in sorted(network.tier_of)}
    tally = {who: _tally(person) for who, person in people.items()}
    answers = {who: answers_of(network, person, READERS[who]) for who, person in people.items()}
    pages = {who: pages_of(person, ASKED_AT) for who, person in people.items()}
    pages["administrator"] = pages_of(network.administrator(NODE_OF[BUREAU]), ASKED_AT)
    return {"states": states, "tally": tally, "answers": answers, "pages": pages}


def answers_of(network: Network, person: Person, at: tuple[str, str]) -> dict[str, Any]:
    """What somebody's program is answered: path to answer."""
    unit, role = at
    tier = "village" if role == "information_officer" else network.tier_of[NODE_OF[unit]]
    matters = person.ask("/api/matters", at=ASKED_AT, limit=MOST)
    paths = ["/api/letters", "/api/units"]
    paths += list(chain.from_iterable(_about(line["case"]) for line in matters))
    paths.append(f"/api/reports/{network.unit(unit)}?first={FIRST_DAY}&last={LAST_DAY}")
    if tier != "village" and unit != CIVIL_AFFAIRS:
        paths += [f"/api/sheet?day={day}&as_of={moment}" for day, moment in _days()]
    if unit == BUREAU:
        paths += ["/api/ages", f"/api/feed?limit={MOST}"]
    asked = {path: _plain(_ask(person, path)) for path in paths}
    return {"/api/matters": _plain(matters)} | asked


def _ask(person: Person, path: str) -> Any:
    reply = person.http.get(path, headers={CLOCK: ASKED_AT.isoformat()})
    assert reply.status_code == 200, f"{path}: {reply.status_code} {reply.text[:300]}"
    return reply.json()


def _about(case: str) -> list[str]:
    return [f"/api/matters/{case}", f"/api/matters/{case}/timeline"]


def _days() -> list[tuple[date, str]]:
    """Each day as known when everybody is asked, and as it was known at noon of the day after."""
    days = [FIRST_DAY + timedelta(days=number) for number in range((LAST_DAY - FIRST_DAY).days + 1)]
    noons = [datetime.combine(day, time(4), UTC) + timedelta(days=1) for day in days]
    return [
        (day, f"{at:%Y-%m-%dT%H:%M:%SZ}")
        for day, noon in zip(days, noons, strict=True)
        for at in (noon, _ASKED)
    ]


def _tally(person: Person) -> dict[str, int]:
    said = person.ask("/statusz", tally="true")
    return {name: said[name] for name in ("ordered_facts", "registered")}


def _lasting(state: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name not in OF_THE_MOMENT}


def _without_words(row: dict[str, Any]) -> dict[str, Any]:
    """A parked message without the sentences about it, which a release may say better."""
    return {name: value for name, value in row.items() if name not in ("what", "advice")}


def rows_of(dump: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of each table of each node: `county/cases` to its rows."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for line in dump.splitlines():
        node, row = line.split(" ", 1)
        values = json.loads(row)
        tables.setdefault(f"{node}/{values.pop('table')}", []).append(values)
    return tables


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return f"sha256 {hashlib.sha256(value.encode()).hexdigest()[:32]}"
    return value
