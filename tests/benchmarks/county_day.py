"""A county files its day in the five minutes before the cut-off while its boards are open; PostgreSQL and Apache Kafka.

2,000 villages and 50 townships, a process a tier as `huiyin up --tier` runs it. Every office sends its report through
the HTTP door with a session and a key of its own, evenly over the time, and 50 boards (first pages and sheets of the
townships and the county) reload all the while. A smaller scale has fewer offices and boards and less time, at the same
rate. The rehearsal's clock stands before the cut-off of tomorrow.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from uuid import UUID, uuid4

import httpx

from services.division_file import read_divisions
from services.divisions import Plan, plan_network
from services.founding import found_network
from shared.accounts.passwords import REHEARSAL_PASSWORDS
from shared.accounts.store import Accounts
from shared.database.engines import dispose_all, engine_for
from shared.settings.network import read_node
from shared.work.common.calendar import ZONE, day_of
from tests.benchmarks.country import Shape
from tests.benchmarks.ground import Ground, running_kafka
from tests.benchmarks.http_order import PASSWORD, running
from tests.benchmarks.rows import Figure
from tests.journeys.processes import Host as Process
from tests.parts.postgres import database_on
from tests.parts.tiny_network import FOUNDED, OFFICES

WHOLE = Shape(towns=50, villages=2_000)
MINUTES, BOARDS = 5, 50
SHORTEST = 30
"""Shortest time in which a small county files. Unit: seconds; boards are loaded six times in it."""
RELOADED_EVERY = 5.0
"""How often a board is loaded again. Unit: seconds; a leader who waits for the last reports looks that often."""
SLOWEST = 300
"""Longest p95 of an order and of a page. Unit: milliseconds."""
CLOSE_WITHIN = 60
"""Longest time after the last report until the county's sheet is complete. Unit: seconds."""
CUT_OFF = time(16, 0)


@dataclass
class Seen:
    """What came back: milliseconds of orders and pages, and everything that was no success."""

    orders: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Office:
    """Somebody at an office: where its pages are, and the session that is open there."""

    unit: UUID
    door: str
    headers: dict[str, str]


def county_day(ground: Ground) -> Iterator[Figure]:
    """The figures of one day."""
    shape = Shape(max(2, round(WHOLE.towns * ground.scale)), max(4, round(WHOLE.villages * ground.scale)))
    boards, seconds = max(2, round(BOARDS * ground.scale)), max(SHORTEST, MINUTES * 60 * ground.scale)
    with _county(ground, shape) as (plan, urls):
        seen = asyncio.run(_Day(plan, urls, boards, seconds).play())
    note = f"{shape.villages} villages, {shape.towns} townships, {len(seen.pages)} pages; {seen.errors[:2]}"
    name = f"county-day {ground.scale:g}"
    yield Figure.of(f"{name} errors", len(seen.errors), "errors", goal=0, lower=True, note=note)
    yield Figure.of(f"{name} order", _p95(seen.orders), "ms (p95)", goal=SLOWEST, lower=True)
    yield Figure.of(f"{name} page", _p95(seen.pages), "ms (p95)", goal=SLOWEST, lower=True)


def _p95(times: list[float]) -> float:
    return quantiles(times, n=20, method="inclusive")[18]


@contextmanager
def _county(ground: Ground, shape: Shape) -> Iterator[tuple[Plan, dict[str, str]]]:
    """The county at work, a process a tier; gives its plan and each tier's address."""
    with running_kafka(ground.folder / "kafka-of-county-day") as kafka, ExitStack() as held:
        file, data = ground.folder / "county-day.csv", ground.folder / "county-day"
        file.write_text(shape.divisions(), encoding="utf-8")
        plan = plan_network(read_divisions(file), OFFICES, since=date(2026, 1, 1))
        database = database_on(ground.server, "county_day")
        found_network(data, plan, at=FOUNDED, rehearsal=True, postgres=database, kafka=kafka)
        _hire(data, plan)
        urls: dict[str, str] = {}
        for tier in ("county", "township", "village"):
            process = Process("up", "--data", data, "--tier", tier, log=ground.folder / f"{tier}.log")
            held.enter_context(running(process))
            urls[tier] = process.url
        yield plan, urls


def _hire(data: Path, plan: Plan) -> None:
    """A director at every office, whose sign-in name is the office's code."""
    for node in plan.nodes:
        settings = read_node(data, node.name)
        accounts = Accounts(engine_for(settings.database, settings.schema), passwords=REHEARSAL_PASSWORDS)
        for unit, entry in plan.entries:
            if entry.node == node.name:
                how = {"by": "setup", "at": FOUNDED, "password": PASSWORD, "must_change": False}
                accounts.create(entry.code, "值班员", unit, "director", **how)
    dispose_all()


class _Day:
    """The last minutes before the cut-off, at the doors of one county."""

    def __init__(self, plan: Plan, urls: dict[str, str], boards: int, seconds: float) -> None:
        self._plan, self._urls, self._boards, self._seconds = plan, urls, boards, seconds
        self._day = day_of(datetime.now(ZONE)) + timedelta(days=1)
        self._begins = datetime.combine(self._day, CUT_OFF, ZONE) - timedelta(seconds=seconds)
        self._seen, self._begun = Seen(), perf_counter()

    async def play(self) -> Seen:
        """Everybody at once; then look whether the county's sheet is complete."""
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(timeout=60, limits=limits) as self._http:
            await self._until_settled()
            offices = [
                await self._sign_in(unit, entry.code, entry.node) for unit, entry in self._plan.entries
            ]
            county, *others = offices
            watched = self._watched(offices)
            for one in watched:
                await self._open(one)
            self._seen, self._begun = Seen(), perf_counter()
            boards = [asyncio.create_task(self._board(one)) for one in watched]
            every = self._seconds / len(others)
            await asyncio.gather(*(self._file(one, number * every) for number, one in enumerate(others)))
            await self._until_complete(county)
            for board in boards:
                board.cancel()
            await asyncio.gather(*boards, return_exceptions=True)
        return self._seen

    def _watched(self, offices: list[Office]) -> list[tuple[Office, str]]:
        """Boards: the county's and the townships' first pages and sheets in turn."""
        above = [
            one
            for one, (_, entry) in zip(offices, self._plan.entries, strict=True)
            if entry.kind != "village"
        ]
        both = [(one, page) for one in above for page in ("/", "/sheet")]
        return [both[number % len(both)] for number in range(self._boards)]

    async def _until_settled(self) -> None:
        for url in self._urls.values():
            await _wait(partial(self._is_settled, url))

    async def _is_settled(self, url: str) -> bool:
        return (await self._http.get(f"{url}/settledz")).text == "true"

    async def _sign_in(self, unit: UUID, code: str, node: str) -> Office:
        tier = next(one.tier.value for one in self._plan.nodes if one.name == node)
        door = f"{self._urls[tier]}/n/{node}"
        body = {"login": code, "password": PASSWORD}
        answer = (await self._http.post(f"{door}/api/session", json=body)).raise_for_status()
        cookie = "; ".join(f"{name}={value}" for name, value in answer.cookies.items())
        self._http.cookies.clear()
        return Office(unit, door, {"Cookie": cookie, "Huiyin-Form-Token": answer.json()["form_token"]})

    def _clock(self) -> dict[str, str]:
        """The moment that a request names as its own."""
        moment = self._begins + timedelta(seconds=min(self._seconds, perf_counter() - self._begun))
        return {"Huiyin-Rehearsal-Clock": moment.isoformat()}

    async def _file(self, office: Office, after: float) -> None:
        await asyncio.sleep(after)
        body = {"unit": str(office.unit), "day": self._day.isoformat(), "kind": "zero", "checked": ["phone"]}
        headers = office.headers | self._clock() | {"Idempotency-Key": str(uuid4())}
        sending = self._http.post(f"{office.door}/api/orders/file-report", json=body, headers=headers)
        await self._timed(self._seen.orders, 201, sending)

    async def _board(self, watched: tuple[Office, str]) -> None:
        while True:
            await self._open(watched)
            await asyncio.sleep(RELOADED_EVERY)

    async def _open(self, watched: tuple[Office, str]) -> None:
        office, page = watched
        headers = office.headers | self._clock()
        await self._timed(self._seen.pages, 200, self._http.get(f"{office.door}{page}", headers=headers))

    async def _timed(self, into: list[float], wanted: int, sending: Awaitable[httpx.Response]) -> None:
        begun = perf_counter()
        try:
            answer = await sending
        except httpx.HTTPError as error:
            self._seen.errors.append(repr(error))
            return
        into.append((perf_counter() - begun) * 1000)
        if answer.status_code != wanted:
            self._seen.errors.append(f"{answer.status_code} {answer.text[:200]}")

    async def _until_complete(self, county: Office) -> None:
        """Wait until every office stands on the county's sheet with what it said."""
        try:
            await _wait(partial(self._is_complete, county))
        except TimeoutError:
            self._seen.errors.append("the county's sheet is not complete")

    async def _is_complete(self, county: Office) -> bool:
        address = f"{county.door}/api/sheet?day={self._day}"
        answer = await self._http.get(address, headers=county.headers | self._clock())
        return answer.status_code == 200 and answer.json()["silent"] == 0


async def _wait(true: Callable[[], Awaitable[bool]]) -> None:
    """Wait for what must become true. Errors: TimeoutError."""
    deadline = perf_counter() + CLOSE_WITHIN
    while not await true():
        if perf_counter() > deadline:
            raise TimeoutError
        await asyncio.sleep(0.2)
