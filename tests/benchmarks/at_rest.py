"""A started network to which nobody gives an order: what it takes of the machine, on files and on servers.

The nodes of the sample county in one process, as `huiyin up` runs them, once everything has arrived. The processor's time
is the process's own over a minute; the servers' work is not in it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from time import monotonic, sleep

import httpx

from services.division_file import read_divisions
from services.divisions import plan_network
from services.founding import found_network
from shared import data as packaged
from tests.benchmarks.ground import Ground, running_kafka
from tests.benchmarks.http_order import running
from tests.benchmarks.rows import Figure
from tests.journeys.processes import Host as Process
from tests.journeys.waiting import until
from tests.parts.postgres import database_on
from tests.parts.tiny_network import FOUNDED

SECONDS = 60
"""How long it is watched. Unit: seconds; everything that is done now and then comes many times in that."""
CALM = 15
"""Time after that until the watching begins: checkpoints and receipts of the start are done. Unit: seconds."""
MOST = {"sqlite": 1.0, "postgres": 2.0}
"""Most of one core. Unit: percent."""
MOST_MEMORY = {"sqlite": 200, "postgres": 250}
"""Unit: MB; a township's computer has a thousand for everything."""


def at_rest(ground: Ground) -> Iterator[Figure]:
    """The figures of a minute on each database that was asked for."""
    for database in ground.databases:
        with _network(ground, database) as process:
            until(partial(_is_settled, process.url), "settling")
            sleep(CALM)
            before, begun = _worked(process.pid), monotonic()
            sleep(SECONDS)
            share = 100 * (_worked(process.pid) - before) / (monotonic() - begun)
            most = MOST[database]
            yield Figure.of(f"at-rest {database}", share, "% of a core", goal=most, lower=True)
            memory = _held(process.pid)
            yield Figure.of(
                f"at-rest {database} memory", memory, "MB", goal=MOST_MEMORY[database], lower=True
            )


@contextmanager
def _network(ground: Ground, database: str) -> Iterator[Process]:
    data = ground.folder / f"at-rest-{database}"
    plan = plan_network(
        read_divisions(packaged.path(packaged.COUNTY)),
        packaged.rows(packaged.OFFICES),
        since=date(2026, 1, 1),
    )
    process = Process("up", "--data", data, log=ground.folder / "at-rest.log")
    if database == "sqlite":
        found_network(data, plan, at=FOUNDED)
        with running(process):
            yield process
        return
    with running_kafka(ground.folder / "kafka-of-at-rest") as kafka:
        found_network(data, plan, at=FOUNDED, postgres=database_on(ground.server, "at_rest"), kafka=kafka)
        with running(process):
            yield process


def _is_settled(url: str) -> bool:
    """Whether every fact is where it should be."""
    return httpx.get(f"{url}/settledz").text == "true"


def _worked(pid: int) -> float:
    """The processor's time of a process so far. Unit: seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _held(pid: int) -> float:
    """The memory of a process now. Unit: MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024
