"""Fills a county's node: python -m tests.volume --facts N --data DIR; one JSON object says what came of it."""

import argparse
import json
import sys
from pathlib import Path
from uuid import UUID

from shared.node.node import Node
from shared.process.host import Host
from tests.parts.tiny_network import TOWN_A, ClockOfTests, TinyNetwork, found
from tests.transport.wire_tools import until
from tests.volume.county import DIVISIONS, REPORTS_A_DAY, nine, record, wrong_figures

VILLAGES_NODE = "villages-100"


def main() -> None:
    """Fill, rebuild, catch up; after each of them look at the figures."""
    asked = argparse.ArgumentParser(prog="python -m tests.volume", description=__doc__)
    asked.add_argument("--facts", type=int, required=True, help="facts of the county's node")
    asked.add_argument("--data", type=Path, required=True, help="an empty folder")
    said = asked.parse_args()
    days = -(-said.facts // REPORTS_A_DAY)
    plan = found(said.data / "network", divisions=DIVISIONS, own_nodes=())
    tiny = TinyNetwork(said.data / "network", plan, ClockOfTests(nine(days)))
    town = tiny.units[TOWN_A]
    villages = [unit for unit, entry in plan.entries if entry.parent == town]

    (county,) = tiny.open("county")
    for day in range(days):
        record(county, villages, day)
        if day % 100 == 0:
            _progress(f"{day} of {days} days are recorded")
    wrong = {"filled": wrong_figures(county, town, range(days))}
    _progress("rebuilding")
    county.rebuild()
    wrong["rebuilt"] = wrong_figures(county, town, range(days))
    tiny.close()
    _progress("catching up")
    _one_day_off(tiny, villages, days)
    (county,) = tiny.open("county")
    wrong["caught up"] = wrong_figures(county, town, range(days + 1))
    facts = county.log.last_position()
    tiny.close()
    print(json.dumps({"facts": facts, "days": days + 1, "peak_mb": _peak(), "wrong": wrong}))


def _one_day_off(tiny: TinyNetwork, villages: list[UUID], day: int) -> None:
    """The villages' node works for a day while the county's is off; then the county's catches up."""
    (node,) = tiny.open(VILLAGES_NODE)
    record(node, villages, day)
    due = node.log.count("report.filed")
    tiny.close()
    with tiny.host(VILLAGES_NODE, "county") as host:
        until(lambda: _held(host) == due == REPORTS_A_DAY)


def _held(host: Host) -> int:
    county: Node = host.nodes["county"]
    lane = county.positions.source_routes.get((VILLAGES_NODE, 1, "up"))
    return lane.held if lane else 0


def _peak() -> int:
    """The most memory that this process ever held, as Linux counts it. Unit: MB."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) // 1024


def _progress(said: str) -> None:
    print(said, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
