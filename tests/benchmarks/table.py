"""Results as lines: JSON, and the table of docs/benchmarks.md with the machine it was measured on."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import psycopg2

from tests.benchmarks.race import Result
from tests.benchmarks.rows import Figure, PageRow
from tests.parts.fetching import TOP
from tests.parts.kafka_jars import kafka_version

PAGE = TOP / "docs" / "benchmarks.md"
Row = Result | PageRow | Figure
HEAD = """# Benchmarks

Speed as ratios: ours against a yardstick that runs beside it on the same machine, both sides in turn,
medians of {runs} runs. Each file in `tests/benchmarks` says what both sides do. What has no yardstick has a goal. Written
by `python -m tests.benchmarks all`.

{machine}
"""
HEADS = {
    Result: """
| name | ours | yardstick | unit | facts | ratio | goal | |
| --- | ---: | ---: | --- | ---: | ---: | ---: | --- |
""",
    PageRow: """
Every page with 100,000 matters in the county against 1,000: milliseconds in the server of the median request, ratio of
speeds, p95 with 100,000, the processor's part of both medians, statements of a request, bytes as sent (of `/` with all that a browser loads first).

| page | database | ms at 1,000 | ms at 100,000 | ratio | p95 | cpu at 1,000 | cpu | statements | bytes | |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |
""",
    Figure: """
| name | figure | unit | goal | | with |
| --- | ---: | --- | ---: | --- | --- |
""",
}


def json_line(row: Row) -> str:
    """A row for programs."""
    return json.dumps(asdict(row))


def row(found: Row) -> str:
    """A row of the table that its kind has."""
    mark = "reached" if found.reached else "missed"
    if isinstance(found, PageRow):
        young, ratio, cpu = (
            "" if one is None else one for one in (found.young, found.ratio, found.young_cpu)
        )
        times = f"{young} | {found.old:,} | {ratio} | {found.p95:,} | {cpu} | {found.cpu:,}"
        return f"| {found.name} | {found.database} | {times} | {found.statements} | {found.sent:,} | {mark} |"
    goal = f"{'at most' if found.lower else 'at least'} {found.goal:g}"
    if isinstance(found, Figure):
        return f"| {found.name} | {found.value:,} | {found.unit} | {goal} | {mark} | {found.note} |"
    facts = f"{found.facts:,}" if found.facts else ""
    figures = f"{found.ours:,} | {found.yardstick:,} | {found.unit} | {facts} | {found.ratio}"
    return f"| {found.name} | {figures} | {goal} | {mark} |"


def write_table(server: str, rows: Sequence[Row]) -> None:
    """Write the page, a table for each kind of row; `server` is PostgreSQL's address."""
    runs = min(result.n for result in rows if isinstance(result, Result))
    text = HEAD.format(runs=runs, machine=machine(server))
    for kind, head in HEADS.items():
        lines = [f"{row(one)}\n" for one in rows if isinstance(one, kind)]
        text += head + "".join(lines) if lines else ""
    PAGE.write_text(text, encoding="utf-8")


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
