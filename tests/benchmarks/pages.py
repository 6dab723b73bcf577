"""Every page of every tier with 100,000 matters in the county, against the same page with 1,000.

One request at a time and nobody else there; what is timed is the server's work, in this process, from the
request to the last byte. Both counties have five years and a busy spring at the measured village, so that lists
are full in both. The clock stands still; no node sends or reads meanwhile.
"""

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from statistics import median, quantiles
from threading import Thread

import uvicorn

from services.listening import listen
from services.network import serve
from services.opening import YOUNG_OBJECTS
from services.running import web_config
from shared.node.node import Node
from tests.benchmarks.addresses import Address, addresses_of
from tests.benchmarks.client import rate_of, request
from tests.benchmarks.door import Answer, Door, Statements
from tests.benchmarks.ground import Ground
from tests.benchmarks.lives.kept import Kept, KeptCounty
from tests.benchmarks.rows import Figure, PageRow

YOUNG, OLD = 1_000, 100_000
"""Matters of the counties that are compared. Unit: matters; a county of 900,000 people has some 20,000 a year."""
RUNS, FEW_RUNS = 21, 5
"""Requests of each page that are timed, of a slow page fewer. Unit: requests; twenty is the least that has a p95."""
SLOW = 0.25
"""Unit: seconds; from here on a page is timed `FEW_RUNS` times."""
FIRST_PAGES, CONNECTIONS = 40, 4
"""Most first pages that each connection asks for, and connections. Unit: pages; a run takes some seconds."""
LASTS = 2.0
"""Time for which each connection asks, as the page is alone. Unit: seconds; of a page that takes longer it asks for one."""


def growth_page(ground: Ground) -> Iterator[PageRow | Figure]:
    """`pages` and `growth-page`: on every database that was asked for."""
    gc.set_threshold(YOUNG_OBJECTS)
    with Kept(ground.kept) as kept:
        for database in ground.databases:
            yield from pages(kept, database, ground.matters)


def pages(kept: Kept, database: str, matters: int) -> Iterator[PageRow | Figure]:
    """A row a page, tier after tier; with `YOUNG` matters there is nothing to compare with."""
    old = kept.county(matters, database)
    young = kept.county(YOUNG, database) if matters != YOUNG else None
    for place in old.places.measured():
        with _door(old, place.node) as door, _door(young, place.node) if young else nullcontext() as other:
            before = {one.name: one for one in addresses_of(other, young)} if other and young else {}
            for address in addresses_of(door, old):
                name = f"{place.tier} {address.name}"
                yield _row(name, database, door, address, other, before.get(address.name))
            yield _first_pages(door, f"first-page {place.tier} {database}")


@contextmanager
def _door(county: KeptCounty, name: str) -> Iterator[Door]:
    (node,) = county.tiny.open(name)
    door = Door(node)
    try:
        yield door
    finally:
        door.close()
        county.tiny.close(name)


def _row(
    name: str, database: str, door: Door, address: Address, other: Door | None, before: Address | None
) -> PageRow:
    answer, statements = _counted(door, address)
    mine, others = list[Answer](), list[Answer]()
    for _ in range(FEW_RUNS if answer.took > SLOW else RUNS):
        mine.append(door.get(address.path, address.cookie))
        if other and before:
            others.append(other.get(before.path, before.cookie))
    sent = answer.size
    if address.name == "/":
        sent += sum(door.get(path).size for path in _files_of(answer.text))
    timed = [one.took for one in mine]
    return PageRow.of(
        name,
        database,
        young=_median(others, "took"),
        young_cpu=_median(others, "worked"),
        old=median(timed) * 1000,
        p95=quantiles(timed, n=20, method="inclusive")[18] * 1000,
        cpu=median(one.worked for one in mine) * 1000,
        statements=min(statements, _counted(door, address)[1]),  # a new connection has some of its own
        sent=sent,
    )


def _counted(door: Door, address: Address) -> tuple[Answer, int]:
    """An answer, and how many statements it took."""
    with Statements() as statements:
        answer = door.get(address.path, address.cookie)
    return answer, statements.count


def _median(answers: list[Answer], what: str) -> float | None:
    """Unit: milliseconds; none where nothing was asked."""
    return median(getattr(one, what) for one in answers) * 1000 if answers else None


def _files_of(page: str) -> list[str]:
    """The files that a browser loads with a page that it sees for the first time."""
    return [*dict.fromkeys(re.findall(r'(?:src|href)="(/static/[^"]+)"', page))]


def _first_pages(door: Door, name: str) -> Figure:
    """How many first pages a second one process serves, over the loopback address."""
    cookie = door.sign_in("director")
    each = max(1, min(FIRST_PAGES, round(LASTS / door.get("/", cookie).took)))
    with _serving(door.node) as url:
        asked = [request("GET", "/", {"Cookie": cookie, "Accept-Encoding": "gzip"})] * each
        rates = [rate_of(url, 200, [asked] * CONNECTIONS) for _ in range(3)]
    return Figure.of(name, median(rates), "pages/s", goal=60)


@contextmanager
def _serving(node: Node) -> Iterator[str]:
    socket = listen("127.0.0.1", 0)
    server = uvicorn.Server(web_config(serve([node], alone=True)))
    thread = Thread(target=lambda: server.run(sockets=[socket]), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
