"""A small network at work, and the people and programs who come to its doors."""

import csv
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

import httpx

from services.division_file import read_divisions, read_rows
from services.divisions import plan_network
from services.founding import found_network
from shared import data
from shared.process.host import Host

COUNTY, TOWN, NEXT_TOWN = "430321000000", "430321101000", "430321102000"
VILLAGE, LONE_VILLAGE, FAR_VILLAGE, LAST_VILLAGE = (
    "430321101201",
    "430321101202",
    "430321102201",
    "430321102202",
)
DEPARTMENT = "430321000001"
NODE_OF = {
    COUNTY: "county",
    DEPARTMENT: "county",
    TOWN: "town-101",
    NEXT_TOWN: "town-102",
    VILLAGE: "villages-101",
    LONE_VILLAGE: "village-101-202",
    FAR_VILLAGE: "villages-102",
    LAST_VILLAGE: "villages-102",
}
NINE = datetime(2026, 3, 26, 1, 0, tzinfo=UTC)
"""Nine o'clock on a Thursday in the offices' zone."""

TODAY = date(2026, 3, 26)
FOUNDED = NINE - timedelta(days=1)
PASSWORD = "lantern by the well 7"
PATIENCE = 30.0
"""Longest wait for something that must happen. Unit: seconds."""


def until(true: Callable[[], Any]) -> None:
    """Wait for something that must become true."""
    deadline, pause = monotonic() + PATIENCE, Event()
    while not true():
        assert monotonic() < deadline, "it did not happen in time"
        pause.wait(0.02)


def difficult_names() -> list[str]:
    """Names of villages that break software, from the packaged list."""
    return [row["name_zh"] for row in data.rows(data.EDGE_CASES)]


def write_divisions(path: Path, towns: dict[str, Sequence[tuple[str, str]]]) -> None:
    """A divisions file: one county, and each town's code with its villages' codes and names."""
    lines = [(COUNTY, 3, "湘潭县", "xiang tan xian", "")]
    for number, (town, villages) in enumerate(towns.items(), start=1):
        lines.append((town, 4, f"第{number}镇人民政府", f"di {number} zhen", COUNTY))
        lines += [(code, 5, name, "cun", town) for code, name in villages]
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["code12", "level", "name_zh", "name_pinyin", "parent_code12"])
        out.writerows(lines)


def found(folder: Path, divisions: Path, *, rehearsal: bool, own_nodes: Sequence[str] = ()) -> Path:
    """A network in `folder` with the bureau and two departments."""
    offices = read_rows(data.path(data.OFFICES))[:3]
    plan = plan_network(
        read_divisions(divisions), offices, since=TODAY - timedelta(days=60), own_nodes=own_nodes
    )
    found_network(folder, plan, at=FOUNDED, rehearsal=rehearsal)
    return folder


def found_small(folder: Path, *, rehearsal: bool = True) -> Path:
    """Two townships, four villages with difficult names; one village has a node of its own."""
    names = difficult_names()
    by_town = {
        TOWN: [(VILLAGE, names[9]), (LONE_VILLAGE, names[60])],
        NEXT_TOWN: [(FAR_VILLAGE, names[120]), (LAST_VILLAGE, names[-1])],
    }
    folder.parent.mkdir(parents=True, exist_ok=True)
    divisions = folder.parent / f"{folder.name}-divisions.csv"
    write_divisions(divisions, by_town)
    return found(folder, divisions, rehearsal=rehearsal, own_nodes=[LONE_VILLAGE])


class Stage:
    """A running network: its host, its address, and whoever has an account."""

    def __init__(self, host: Host, address: str) -> None:
        self.host = host
        self.address = address
        until(lambda: all(node.directory.units and node.is_settled() for node in host.nodes.values()))
        county = next(iter(host.nodes.values())) if "county" not in host.nodes else host.nodes["county"]
        self.codes = {unit.code: unit.unit for unit in county.directory.units.values()}
        self._people: dict[tuple[str, str, str], Person] = {}

    def unit(self, code: str) -> UUID:
        """The id of the unit with this code."""
        return self.codes[code]

    def name(self, code: str) -> str:
        """The unit's name."""
        found = self.host.nodes["county"].directory.find(self.unit(code))
        assert found
        return found.name

    def account(self, code: str, role: str, *, node: str = "") -> str:
        """A fresh account of a role at a unit; gives its sign-in name."""
        login = f"{role.replace('_', '-')}-{uuid4().hex[:12]}"
        self.host.nodes[node or NODE_OF[code]].accounts.create(
            login,
            "值班员𠅤",
            self.unit(code),
            role,
            by="setup",
            at=FOUNDED,
            password=PASSWORD,
            must_change=False,
        )
        return login

    def person(self, code: str, role: str = "petition_clerk", *, node: str = "") -> "Person":
        """Somebody of a unit, signed in once and met again by later tests."""
        key = code, role, node or NODE_OF[code]
        if key not in self._people:
            self._people[key] = self.newcomer(code, role, node=node)
        return self._people[key]

    def newcomer(self, code: str, role: str = "petition_clerk", *, node: str = "") -> "Person":
        """Somebody new of a unit, signed in."""
        login = self.account(code, role, node=node)
        return Person(self, node or NODE_OF[code], login).sign_in()

    def anybody(self, node: str) -> "Person":
        """Somebody at a node's door who has not signed in."""
        return Person(self, node, "")

    def door(self, node: str) -> str:
        """The address of a node's pages."""
        return f"{self.address}/n/{node}"

    def settle(self) -> None:
        """Wait until every office holds what it should."""
        until(lambda: all(node.is_settled() for node in self.host.nodes.values()))

    def facts(self) -> dict[str, int]:
        """How far each node's journal has got, once everything has travelled."""
        self.settle()
        return {name: node.log.last_position() for name, node in self.host.nodes.items()}


class Person:
    """One person or program at one node's door; a browser's cookies, or a token."""

    def __init__(self, stage: Stage, node: str, login: str, *, http: httpx.Client | None = None) -> None:
        self.stage, self.node, self.login = stage, node, login
        self.base = f"/n/{node}"
        self.http = http or httpx.Client(base_url=stage.address, timeout=60)
        self.form_token = ""
        self.headers = {"Accept-Language": "en", "Huiyin-Rehearsal-Clock": NINE.isoformat()}

    def sign_in(self, password: str = PASSWORD) -> "Person":
        """Open a session."""
        answer = self.send("POST", "/api/session", json={"login": self.login, "password": password})
        assert answer.status_code == 200, answer.text
        self.form_token = answer.json()["form_token"]
        return self

    def send(self, method: str, path: str, *, language: str = "en", **more: Any) -> httpx.Response:
        """Any request, with nothing added but language and clock."""
        headers = self.headers | {"Accept-Language": language} | more.pop("headers", {})
        return self.http.request(method, self.base + path, headers=headers, **more)

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Open a page or ask a question."""
        return self.send("GET", path, **more)

    def submit(self, path: str, fields: dict[str, Any], **more: Any) -> httpx.Response:
        """Send a form with this session's token."""
        return self.send("POST", path, data={"csrf": self.form_token, **fields}, **more)

    def order(self, name: str, body: dict[str, Any], *, key: str = "", **more: Any) -> httpx.Response:
        """Give an order as JSON with this session's token."""
        headers = {"Huiyin-Form-Token": self.form_token} | ({"Idempotency-Key": key} if key else {})
        headers |= more.pop("headers", {})
        return self.send("POST", f"/api/orders/{name}", json=body, headers=headers, **more)

    def done(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """Give an order that must succeed; gives its answer."""
        answer = self.order(name, body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def at(self, moment: datetime) -> "Person":
        """The same person at another moment of the rehearsal."""
        self.headers["Huiyin-Rehearsal-Clock"] = moment.isoformat()
        return self


def petition(**changed: Any) -> dict[str, Any]:
    """A petition as a program sends it."""
    usual = {
        "channel": "visit",
        "purpose": "seeking_decision",
        "matter_class": "land",
        "received_on": TODAY.isoformat(),
        "persons": 1,
        "petitioners": [{"name": "甲", "contact": "1"}],
        "summary": "井台旁的路灯不亮",
        "request": "请修好",
        "account": "已有三晚不亮",
    }
    return usual | changed


def petition_form(**changed: str) -> dict[str, str]:
    """The same as the form sends it."""
    plain = {name: str(value) for name, value in petition().items() if name != "petitioners"}
    return plain | {"name_1": "甲", "contact_1": "1", "role_1": "petitioner"} | changed


def text_of(page: str) -> str:
    """A page's words without markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
