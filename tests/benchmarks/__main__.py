"""The command: python -m tests.benchmarks NAME|all [--json] [--runs N] [--facts N]."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from tests.benchmarks import append, arrival, fairness, growth, hand_to_page, http_order, rebuild, relay
from tests.benchmarks.ground import Ground
from tests.benchmarks.race import RUNS, Race, run
from tests.benchmarks.table import json_line, row, write_table
from tests.parts.postgres import running_postgres

NAMES: dict[str, Callable[[Ground], Iterator[Race]]] = {
    "append-1": partial(append.append, clients=1, goal=0.8),
    "append-8": partial(append.append, clients=8, goal=1.1),
    "append-32": partial(append.append, clients=32, goal=1.5, yard=8),
    "append-8-projected": append.append_projected,
    "append-8-stock": append.append_stock,
    "append-sqlite-8": append.append_sqlite,
    "http-order": http_order.http_order,
    "relay": relay.relay,
    "arrival": arrival.arrival,
    "rebuild": rebuild.rebuild,
    "hand-to-page": hand_to_page.hand_to_page,
    "growth": growth.growth,
    "fairness": fairness.fairness,
}
FACTS = 20_000
"""Facts in a log that is to be long. Unit: facts; filled in some seconds. The long size is 1,000,000."""


def main(
    name: Annotated[str, typer.Argument(help=f"one of {', '.join(NAMES)}, or all")],
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a line")] = False,
    runs: Annotated[int, typer.Option(help="runs of each side")] = RUNS,
    facts: Annotated[int, typer.Option(help="facts in a log that is to be long")] = FACTS,
) -> None:
    """Run benchmarks on a PostgreSQL that incarnations as long as they do; `all` writes docs/benchmarks.md too."""
    results = []
    with TemporaryDirectory(prefix="huiyin-bench-") as folder, running_postgres() as server:
        ground = Ground(server, Path(folder), facts)
        for one in NAMES if name == "all" else [name]:
            for race in NAMES[one](ground):
                results.append(run(race, runs))
                typer.echo(json_line(results[-1]) if as_json else row(results[-1]))
        if name == "all":
            write_table(server, results)


if __name__ == "__main__":
    typer.run(main)
