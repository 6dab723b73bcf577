"""Playing the month: day by day, each node's clerks in the order of the clock, all nodes side by side."""

import time as real_time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.rehearsal.acts import Act, Place
from services.rehearsal.clerks import HttpClient, OrderRefused, Post, Staff
from services.rehearsal.parallel_batches import parallel_batches
from services.rehearsal.plan import make_month
from services.rehearsal.reconciliation import Played, Reckoning, reckon
from shared.settings.network import node_names, read_node
from shared.work.common.calendar import day_of
from shared.work.matters.referral import Referral

SIDE_BY_SIDE = 96
"""Clerks who act at the same time, so that orders of one node meet in its writer and share a commit.
Unit: clerks; with 32 or 200 the same days took a sixth longer."""

MATTERS_AT_ONCE = 16
"""Matters that busy offices work on beside their first one. The county alone has 15 to 19 acts a day; one after the
other they were the end of most days, while everybody else had finished. Unit: matters."""

SETTLES_WITHIN = 300
"""Longest time in seconds for a day's facts to reach every office."""

ASKS_EVERY = 0.02
"""Seconds between two questions whether a day's facts have reached every office; a question takes a hundredth."""

Step = Callable[[str, int, int], None]
CHARTER = {
    "village": ["information_officer"],
    "township": ["petition_clerk", "director"],
    "department": ["petition_clerk"],
}


def rehearse(
    data: Path,
    urls: Sequence[str],
    *,
    days: int,
    seed: int,
    until: date | None = None,
    progress: Step = lambda *_: None,
) -> Reckoning:
    """Play `days` days that end with `until` (yesterday without it) and reconcile them."""
    names = node_names(data)
    clients = _clients(data, names, urls)
    staff = Staff(data, clients)
    last = until or day_of(datetime.now(UTC)) - timedelta(days=1)
    _wait_until_settled(clients)
    places = _places(staff)
    progress("accounts", 0, 1)
    staff.hire(_posts(places))
    progress("accounts", 1, 1)
    month = make_month(places, last=last, days=days, seed=seed)
    # The same threads all the month, since each keeps its connection.
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool, ThreadPoolExecutor(MATTERS_AT_ONCE) as matters:
        stage = _Stage(staff, {place.unit: place for place in places}, pool, matters)
        started = real_time.monotonic()
        for number, day in enumerate(month.days, start=1):
            stage.play(month.acts[day])
            _wait_until_settled(clients)
            progress("days", number, len(month.days))
        seconds = real_time.monotonic() - started
        _play_out(stage, clients)
    return reckon(data, staff, places, month, stage.played, names, clients, seconds)


class _Stage:
    """Gives the orders and remembers what later orders need."""

    def __init__(self, staff: Staff, places: dict[str, Place], pool: Executor, matters: Executor) -> None:
        self._staff = staff
        self._pool = pool
        self._matters = matters
        self._places = places
        self.cases: dict[int, dict[str, Any]] = {}
        self.letters: dict[int, str] = {}
        self.offers: dict[tuple[int, str], str] = {}
        self.played = Played()

    def play(self, acts: list[Act]) -> None:
        """A day: all offices side by side.

        What an office does waits only for its own acts of the day and for other offices' acts of
        the days before, so the day ends the same in whatever order the offices get their turn.
        """
        by_unit: dict[str, list[Act]] = {}
        for act in acts:
            by_unit.setdefault(act.unit, []).append(act)
        # Offices of one node after each other in the queue, so that their orders meet.
        turns = sorted(by_unit, key=lambda unit: (self._places[unit].node, unit))
        list(self._pool.map(lambda unit: self._work(by_unit[unit]), turns))

    def _work(self, acts: list[Act]) -> None:
        """An office's day."""
        for batch in parallel_batches(acts):
            self._one_by_one(batch.book)
            others = [self._matters.submit(self._one_by_one, matter) for matter in batch.matters[1:]]
            for own in batch.matters[:1]:
                self._one_by_one(own)
            for other in others:
                other.result()

    def _one_by_one(self, acts: list[Act]) -> None:
        for act in acts:
            self._do(act)

    def _do(self, act: Act) -> None:
        clerk = self._staff.of(act.unit, act.role)
        try:
            answer = clerk.order(act.order, act.at, act.key, act.body | self._completed(act))
        except OrderRefused as refusal:
            self.played.refused(act.order, refusal.code)
            return
        except KeyError:
            self.played.refused(act.order, "the step before was refused")
            return
        self.played.acknowledged(self._places[act.unit].node, act.order, answer)
        if act.order == "register-matter" and act.case is not None:
            self.cases[act.case] = {"case": answer["case"], "number": answer["number"], "unit": act.unit}
        if act.order == "issue-letter" and act.case is not None:
            self.letters[act.case] = answer["supervision"]
        if act.gives and act.case is not None:
            self.offers[act.case, act.gives] = answer["facts"][-1]

    def _completed(self, act: Act) -> dict[str, Any]:
        """What an order has to name besides its plan: the case, the referral, the offer, the letter."""
        if act.case is None or act.order == "register-matter":
            return {}
        if act.order in ("answer-letter", "lift-letter"):
            return {"supervision": self.letters[act.case]}
        case = self.cases[act.case]["case"]
        if act.order == "answer-objection":
            return {"case": case, "offer": self.offers[act.case, act.hand]}
        if act.hand:
            # An offer is named by the fact that made it, and makes exactly one referral.
            return {"referral": str(Referral.id_for(UUID(self.offers[act.case, act.hand])))}
        return {"case": case}


def progress_on(stream: TextIO) -> Step:
    """A bar on a terminal, plain lines elsewhere."""
    console = Console(file=stream)
    if not console.is_terminal:
        return lambda what, done, of: console.print(f"{what}: {done} of {of}", highlight=False)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
    )
    bar.start()
    tasks: dict[str, Any] = {}

    def step(what: str, done: int, of: int) -> None:
        task = tasks.setdefault(what, None) or bar.add_task(what, total=of)
        tasks[what] = task
        bar.update(task, completed=done)
        if what == "days" and done == of:
            bar.stop()

    return step


def _play_out(stage: _Stage, clients: dict[str, HttpClient]) -> None:
    """Let reactions of the last day reach everybody before the figures are compared."""
    stage.play([])
    _wait_until_settled(clients)


def _clients(data: Path, names: list[str], urls: Sequence[str]) -> dict[str, HttpClient]:
    """Which host answers for each node: one address for all, or asked of each."""
    if len(urls) == 1:
        return dict.fromkeys(names, HttpClient(urls[0]))
    tiers = {name: read_node(data, name).tier for name in names}
    order = {tier: HttpClient(url) for tier, url in zip(("village", "township", "county"), urls, strict=True)}
    return {name: order[tiers[name]] for name in names}


def _places(staff: Staff) -> list[Place]:
    """Every unit as the county's directory lists it."""
    listed = staff.administrator("county").ask("/api/units")
    return [_place(row) for row in listed if row["closed_on"] is None]


def _place(unit: dict[str, str]) -> Place:
    tier = "village" if unit["kind"] == "community" else unit["kind"]
    return Place(unit["unit"], tier, unit["node"], unit["parent"] or "", unit["code"])


def _posts(places: list[Place]) -> Iterator[Post]:
    titles = {
        "information_officer": "信息员",
        "petition_clerk": "信访干部",
        "director": "信访办主任",
        "supervisor": "督查专员",
    }
    for place in places:
        roles = CHARTER.get(place.tier, ["petition_clerk", "director", "supervisor"])
        for role in roles:
            yield Post(place.node, place.unit, role, f"{role.split('_')[-1]}-{place.code}", titles[role])


def _wait_until_settled(clients: dict[str, HttpClient]) -> None:
    """Wait until every host says that all it sent is held where it should be, and no key is awaited."""
    deadline = real_time.monotonic() + SETTLES_WITHIN
    waiting = list(dict.fromkeys(clients.values()))
    while waiting:
        waiting = [client for client in waiting if not _is_settled(client)]
        if waiting and real_time.monotonic() > deadline:
            raise TimeoutError(
                f"not settled after {SETTLES_WITHIN} s: {', '.join(door.url for door in waiting)}"
            )
        if waiting:
            real_time.sleep(ASKS_EVERY)  # hosts are asked again; there is nothing to wait on from outside


def _is_settled(client: HttpClient) -> bool:
    return client.send("GET", "/settledz", None, {}).body == b"true"
