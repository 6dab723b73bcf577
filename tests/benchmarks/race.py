"""A race: two ways of doing the same, run in turn, and what came of them."""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median
from threading import Barrier, Thread
from time import perf_counter

from services.opening import YOUNG_OBJECTS

RUNS = 5
"""Runs of each side; the medians are compared. Unit: runs; the least that the rule for benchmarks asks for."""

Side = Callable[[], float]
"""One run; gives its figure."""


@dataclass(frozen=True)
class Race:
    """Both sides of one benchmark. `goal` is the ratio to reach, at most when `lower` is better.

    `facts`: how many the log held, where that matters.
    """

    name: str
    ours: Side
    yardstick: Side
    unit: str
    goal: float
    lower: bool = False
    facts: int | None = None


@dataclass(frozen=True)
class Result:
    """What came of a race, in the words of the output; `n` counts the runs of each side."""

    name: str
    ours: float
    yardstick: float
    ratio: float
    unit: str
    n: int
    goal: float
    reached: bool
    lower: bool
    facts: int | None


def run(race: Race, runs: int = RUNS) -> Result:
    """Run both sides in turn, each once before anything counts; ours looks for rubbish as our processes do."""
    mine_as_run = partial(_with_threshold, race.ours, YOUNG_OBJECTS)
    mine_as_run(), race.yardstick()
    ours: list[float] = []
    yardstick: list[float] = []
    for _ in range(runs):
        yardstick.append(race.yardstick())
        ours.append(mine_as_run())
    mine, other = median(ours), median(yardstick)
    ratio = mine / other
    reached = ratio <= race.goal if race.lower else ratio >= race.goal
    return Result(
        name=race.name,
        ours=round(mine, 1),
        yardstick=round(other, 1),
        ratio=round(ratio, 3),
        unit=race.unit,
        n=runs,
        goal=race.goal,
        reached=reached,
        lower=race.lower,
        facts=race.facts,
    )


def _with_threshold(side: Side, young: int) -> float:
    before = gc.get_threshold()
    gc.set_threshold(young)
    try:
        return side()
    finally:
        gc.set_threshold(*before)


def rate(clients: int, each: int, one: Callable[[int, int], None]) -> float:
    """How many times a second `one(client, number)` is done by clients side by side, `each` times each."""
    gate = Barrier(clients + 1)

    def client(number: int) -> None:
        gate.wait()
        for turn in range(each):
            one(number, turn)

    threads = [Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    gate.wait()
    begun = perf_counter()
    for thread in threads:
        thread.join()
    return clients * each / (perf_counter() - begun)
