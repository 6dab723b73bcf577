"""Results as lines: JSON, and the table of docs/benchmarks.md with the machine it was measured on."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import psycopg2

from tests.benchmarks.race import Result
from tests.parts.fetching import TOP
from tests.parts.kafka_jars import kafka_version

PAGE = TOP / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Speed as ratios: ours against a yardstick that runs beside it on the same machine, both sides in turn,
medians of {runs} runs. Each file in `tests/benchmarks` says what both sides do. Written by
`python -m tests.benchmarks all`.

{machine}

| name | ours | yardstick | unit | facts | ratio | goal | |
| --- | ---: | ---: | --- | ---: | ---: | ---: | --- |
"""


def json_line(result: Result) -> str:
    """A result for programs."""
    return json.dumps(asdict(result))


def row(result: Result) -> str:
    """A result as a row of the table."""
    facts = f"{result.facts:,}" if result.facts else ""
    goal = f"{'at most' if result.lower else 'at least'} {result.goal:g}"
    mark = "reached" if result.reached else "missed"
    figures = f"{result.ours:,} | {result.yardstick:,} | {result.unit} | {facts} | {result.ratio}"
    return f"| {result.name} | {figures} | {goal} | {mark} |"


def write_table(server: str, results: Sequence[Result]) -> None:
    """Write the page; `server` is PostgreSQL's address."""
    head = HEAD.format(runs=min(result.n for result in results), machine=machine(server))
    PAGE.write_text(head + "".join(f"{row(result)}\n" for result in results), encoding="utf-8")


def machine(server: str) -> str:
    """What the figures were measured on, without the name of anything."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    parts = [
        f"{os.cpu_count()} cores ({_processor()})",
        f"{memory:.0f} GB of memory",
        f"Python {platform.python_version()}",
        f"PostgreSQL {_version(server)}",
        f"Apache Kafka {kafka_version()}",
    ]
    return f"Machine: {', '.join(parts)}."


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text().splitlines() if listed.exists() else []
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def _version(server: str) -> str:
    with psycopg2.connect(server) as link, link.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (version,) = cursor.fetchone() or ("unknown",)
    link.close()
    return str(version)
