"""One county files one day: every village and township hands its report in, and the county comes to know all of them.

The real path on one machine: orders with their rights, which the writer takes in groups, log, departures, local wire,
inbox, projections, three tiers, a file of SQLite a node; at the end every node is checked as by `huiyin verify`.
"""

import resource
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import monotonic, process_time, sleep
from typing import Any
from unittest.mock import patch
from uuid import UUID

from services.division_file import read_divisions
from services.divisions import Plan, plan_network
from services.founding import found_network
from services.opening import open_host
from shared.accounts.people import Person
from shared.audit.verify import verify_node
from shared.database.engines import dispose_all
from shared.node.node import Node
from shared.orders.giving import hand_in
from shared.process.host import Host
from shared.proof.checkpoint_service import CheckpointService
from shared.settings.network import node_names
from shared.work.common.calendar import day_of
from shared.work.common.words import CheckedSource, ReportKind
from shared.work.reports.orders import FileReport
from tests.benchmarks.country import Shape
from tests.parts.tiny_network import FOUNDED, OFFICES, WIRE

LONGEST = 300
"""Longest day of a county. Unit: seconds; some seconds are usual."""
LOOK_EVERY = 0.01
"""Time between two looks whether all has come. Unit: seconds."""


@dataclass(frozen=True)
class Day:
    """What came of a county's day: reports, seconds of the day and of the check, of the processor, most memory of the process (MB)."""

    towns: int
    villages: int
    seconds: float
    checked: float
    cpu: float
    memory: int
    wrong: list[str]


def founded(shape: Shape, folder: Path) -> Path:
    """A network of that shape in which the directory has reached everybody; made once, copied for each county."""
    network = folder / f"{shape.towns}-{shape.villages}"
    if not network.exists():
        part = folder / f"{network.name}.part"
        shutil.rmtree(part, ignore_errors=True)
        found_network(part, _plan(shape, folder), at=FOUNDED)
        with patch.object(CheckpointService, "look", lambda _: None), _running(part) as host:
            _wait(lambda: _is_settled(host))
        (part / WIRE).unlink()
        dispose_all()
        part.replace(network)
    return network


def _plan(shape: Shape, folder: Path) -> Plan:
    file = folder / f"{shape.towns}-{shape.villages}.csv"
    file.write_text(shape.divisions(), encoding="utf-8")
    return plan_network(read_divisions(file), OFFICES, since=date(2026, 1, 1))


@contextmanager
def _running(data: Path) -> Iterator[Host]:
    """A host of every node of a folder, with all its threads."""
    host = open_host(data, node_names(data))
    host.start()
    try:
        yield host
    finally:
        host.stop()
        dispose_all()


def day_of_county(shape: Shape, template: Path, folder: Path) -> Day:
    """Play the day in a copy of the founded network, check it, and throw it away."""
    shutil.copytree(template, folder)
    try:
        with _running(folder) as host:
            county, wanted = host.nodes["county"], shape.towns + shape.villages
            before, begun, cpu = county.log.position, monotonic(), process_time()
            _file_all(host)
            _wait(lambda: county.log.position - before >= wanted and _is_settled(host))
            seconds, cpu = monotonic() - begun, process_time() - cpu
            came, checked = county.log.position - before, monotonic()
            wrong = [str(one) for node in host.nodes.values() for one in verify_node(node).findings]
            wrong += [f"{came} facts came to the county instead of {wanted}"] * (came != wanted)
            checked = monotonic() - checked
    finally:
        shutil.rmtree(folder)
    return Day(shape.towns, shape.villages, seconds, checked, cpu, _peak(), wrong)


def _is_settled(host: Host) -> bool:
    """Whether every node's facts are held where they should be."""
    return all(node.is_settled() for node in host.nodes.values())


def _file_all(host: Host) -> None:
    """Every office's zero report, all orders of a node at once, as many nodes as there are side by side."""
    answers: list[Future[Any]] = []
    for node in host.nodes.values():
        answers += [_filed(node, unit.unit) for unit in node.units() if unit.kind != "county"]
    for answer in answers:
        answer.result()


def _filed(node: Node, unit: UUID) -> "Future[dict[str, Any]]":
    checked = [CheckedSource.PHONE, CheckedSource.MAILBOX]
    order = FileReport(unit=unit, day=day_of(node.now()), kind=ReportKind.ZERO, checked=checked)
    clerk = Person("clerk", "clerk", "值班员", unit, "petition_clerk", False)
    return hand_in(node, clerk, order, key=str(unit))


def _wait(true: Callable[[], bool]) -> None:
    """Wait for what must become true. Errors: TimeoutError."""
    deadline = monotonic() + LONGEST
    while not true():
        if monotonic() > deadline:
            raise TimeoutError("the county's day did not end")
        sleep(LOOK_EVERY)


def _peak() -> int:
    """The most memory that this process ever held. Unit: MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
