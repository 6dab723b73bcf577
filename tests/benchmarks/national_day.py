"""The whole country files one day, county after county, as many side by side as there are cores.

Each county is a network of its own with true databases, played by `one_county`. What is counted as the day is the time
from the first order until the county's node holds everything and every receipt is back; opening the nodes before and
checking them afterwards stand in the note. What is done is written down, so that a run that was stopped goes on.
"""

import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import monotonic

from tests.benchmarks.country import Shape, some_counties
from tests.benchmarks.ground import Ground
from tests.benchmarks.one_county import Day, day_of_county, founded
from tests.benchmarks.rows import Figure

COUNTRY_WITHIN = 30
"""Longest day of the whole country. Unit: minutes, on two cores; the reports come in the last hour before the cut-off."""
LINEAR = 1.1
"""Most of the processor's time for a report, against that at the smallest scale."""
MOST_MEMORY = 1_000
"""Unit: MB, of all processes; two computers of 1 GB have that for their nodes."""
TOLD = 20
"""How often a run says how far it is. Unit: lines."""


def national_day(ground: Ground) -> Iterator[Figure]:
    """The figures of one run at a scale."""
    counties = some_counties(ground.scale)
    folder = ground.kept / "national-day"
    folder.mkdir(parents=True, exist_ok=True)
    begun = monotonic()
    days = _played(counties, folder, folder / f"days-{ground.scale:g}.jsonl", ground.folder)
    growth = _growth(folder / "runs.jsonl", ground.scale, days)
    yield from _figures(f"national-day {ground.scale:g}", ground.scale, days, growth, monotonic() - begun)


def _played(counties: list[Shape], kept: Path, diary: Path, folder: Path) -> list[Day]:
    """Every county's day; those that are in the diary of a run that was stopped are not played again."""
    days = [Day(**json.loads(line)) for line in diary.read_text().splitlines()] if diary.exists() else []
    left = counties[len(days) :]
    with ProcessPoolExecutor(_cores(), get_context("forkserver")) as pool:
        list(pool.map(partial(founded, folder=kept), sorted({*left}, key=repr)))
        started = [
            pool.submit(day_of_county, shape, founded(shape, kept), folder / f"county-{number}")
            for number, shape in enumerate(left)
        ]
        with diary.open("a") as file:
            for one in started:  # in their order, so that a run which goes on knows which are done
                days.append(one.result())
                print(json.dumps(asdict(days[-1])), file=file, flush=True)
                _tell(len(days), len(counties))
    diary.unlink()
    return days


def _tell(done: int, of: int) -> None:
    if done * TOLD // of > (done - 1) * TOLD // of:
        print(f"{done:,} of {of:,} counties", file=sys.stderr, flush=True)


def _figures(name: str, scale: float, days: list[Day], growth: float, took: float) -> Iterator[Figure]:
    reports = sum(day.towns + day.villages for day in days)
    minutes = sum(day.seconds for day in days) / _cores() / 60
    wrong = [what for day in days for what in day.wrong]
    checked = sum(day.checked for day in days) / _cores() / 60
    note = f"{len(days):,} counties, {reports:,} reports, checked in {checked:.1f} min, {took / 60:.1f} min in all"
    yield Figure.of(name, minutes, "minutes", goal=COUNTRY_WITHIN * scale, lower=True, note=note)
    yield Figure.of(f"{name} growth", growth, "of the time for a report", goal=LINEAR, lower=True)
    memory = max(day.memory for day in days) * _cores()
    yield Figure.of(f"{name} memory", memory, "MB", goal=MOST_MEMORY, lower=True)
    yield Figure.of(f"{name} wrong", len(wrong), "findings", goal=0, lower=True, note="; ".join(wrong[:3]))


def _growth(runs: Path, scale: float, days: list[Day]) -> float:
    """The processor's time for a report, against that of the runs at the smallest scale so far; this run is written down."""
    cost = sum(day.cpu for day in days) / sum(day.towns + day.villages for day in days)
    with runs.open("a") as file:
        print(json.dumps({"scale": scale, "cost": cost}), file=file)
    every = [json.loads(line) for line in runs.read_text().splitlines()]
    smallest = min(run["scale"] for run in every)
    return cost / median(run["cost"] for run in every if run["scale"] == smallest)


def _cores() -> int:
    return os.cpu_count() or 1
