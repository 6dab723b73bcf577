"""A zero report posted, signed in, answered durable, against a bare FastAPI POST with no store.

Ours is a village node's process as `huiyin node` runs it, on PostgreSQL and Apache Kafka: one worker,
16 connections, each of a clerk of a village of its own, who sends the report of one day after the
other with a session and an idempotency key. A report is for one of the last 31 days, so the network
is a rehearsal, where the clerk says which day it is. The bare server gets the very same requests.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import count
from uuid import uuid4

import httpx

from shared.accounts.store import Accounts
from shared.database.engines import engine_for
from shared.settings.network import read_node
from tests.benchmarks.client import rate_of, request
from tests.benchmarks.ground import VILLAGES, Ground, network_on, running_kafka
from tests.benchmarks.race import Race
from tests.journeys.processes import Host as Process
from tests.parts.tiny_network import FOUNDED, TinyNetwork

NODE = "villages-100"
EACH = 60
"""Reports of each clerk in one run. Unit: reports; a run of all sixteen takes about a second."""
PASSWORD = "lantern by the well 7"


def http_order(ground: Ground) -> Iterator[Race]:
    """The race; both servers run all the time, and only one of them is asked."""
    with running_kafka(ground.folder / "kafka-of-http") as kafka:
        tiny = network_on(ground, kafka, "http_order", rehearsal=True)
        for code in VILLAGES:
            make_account(tiny, NODE, code, "petition_clerk")
        node = Process("node", "--data", tiny.data, "--name", NODE, log=ground.folder / "http-order.log")
        bare = Process(log=ground.folder / "bare.log", module="tests.benchmarks.bare_server")
        with running(node), running(bare):
            clerks = [Clerk(tiny, node.url, code) for code in VILLAGES]
            yield Race(
                "http-order",
                lambda: rate_of(node.url, 201, [clerk.reports() for clerk in clerks]),
                lambda: rate_of(bare.url, 201, [clerk.reports() for clerk in clerks]),
                "orders/s",
                0.4,
            )


@contextmanager
def running(process: Process) -> Iterator[None]:
    """A server's process as long as it is needed."""
    process.start()
    try:
        yield
    finally:
        process.end()


def make_account(tiny: TinyNetwork, node: str, code: str, role: str) -> None:
    """An account of a unit, whose sign-in name is the unit's code."""
    settings = read_node(tiny.data, node)
    accounts = Accounts(engine_for(settings.database, settings.schema))
    accounts.create(
        code,
        "值班员",
        tiny.units[code],
        role,
        by="setup",
        at=FOUNDED,
        password=PASSWORD,
        must_change=False,
    )


def sign_in(url: str, login: str) -> dict[str, str]:
    """Open a session; the headers that speak for it."""
    answer = httpx.post(f"{url}/api/session", json={"login": login, "password": PASSWORD}).raise_for_status()
    cookie = "; ".join(f"{name}={value}" for name, value in answer.cookies.items())
    return {"Cookie": cookie, "Huiyin-Form-Token": answer.json()["form_token"]}


class Clerk:
    """Somebody of a village who reports one day after the other."""

    def __init__(self, tiny: TinyNetwork, url: str, code: str) -> None:
        self._unit = str(tiny.units[code])
        self._headers = {"Content-Type": "application/json"} | sign_in(url, code)
        self._days = count(1)

    def reports(self) -> list[str]:
        """The requests of the next days."""
        return [self._report(FOUNDED.date() + timedelta(days=next(self._days))) for _ in range(EACH)]

    def _report(self, day: date) -> str:
        body = {"unit": self._unit, "day": day.isoformat(), "kind": "zero", "checked": ["phone", "mailbox"]}
        own = {"Idempotency-Key": str(uuid4()), "Huiyin-Rehearsal-Clock": f"{day}T09:00:00+08:00"}
        return request("POST", "/api/orders/file-report", self._headers | own, json.dumps(body))
