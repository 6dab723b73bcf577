"""The command: python -m tests.benchmarks NAME|all [--json] [--runs N]."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from tests.benchmarks import append, fairness
from tests.benchmarks.race import RUNS, Race, Result, run
from tests.parts.postgres import running_postgres

Races = Callable[[str, Path], Iterator[Race]]
NAMES: dict[str, Races] = {
    "append-1": partial(append.append, clients=1, goal=0.8),
    "append-8": partial(append.append, clients=8, goal=1.1),
    "append-32": partial(append.append, clients=32, goal=1.5, yard=8),
    "append-8-projected": append.append_projected,
    "append-8-stock": append.append_stock,
    "append-sqlite-8": append.append_sqlite,
    "fairness": fairness.fairness,
}


def main(
    name: Annotated[str, typer.Argument(help=f"one of {', '.join(NAMES)}, or all")],
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a line")] = False,
    runs: Annotated[int, typer.Option(help="runs of each side")] = RUNS,
) -> None:
    """Run benchmarks on a PostgreSQL that lives as long as they do."""
    wanted = list(NAMES) if name == "all" else [name]
    with TemporaryDirectory(prefix="huiyin-bench-") as folder, running_postgres() as server:
        for one in wanted:
            for race in NAMES[one](server, Path(folder)):
                say(run(race, runs), as_json)


def say(result: Result, as_json: bool) -> None:
    """One line of what came of it."""
    if as_json:
        typer.echo(json.dumps(asdict(result)))
    else:
        mark = "reached" if result.reached else "missed"
        typer.echo(
            f"| {result.name} | {result.ours:,} | {result.yardstick:,} | {result.unit} | {result.ratio} |"
            f" {result.goal} | {mark} |"
        )


if __name__ == "__main__":
    typer.run(main)
