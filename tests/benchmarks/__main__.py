"""The command: python -m tests.benchmarks NAME|all [--json] [--runs N] [--facts N] [--matters N] [--scale N]."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from tests.benchmarks import (
    append,
    arrival,
    at_rest,
    county_day,
    fairness,
    growth,
    hand_to_page,
    http_order,
    national_day,
    pages,
    rebuild,
    relay,
)
from tests.benchmarks.ground import Ground
from tests.benchmarks.lives.kept import default_folder
from tests.benchmarks.race import RUNS, Race, run
from tests.benchmarks.table import Row, json_line, row, write_table
from tests.parts.postgres import running_postgres

NAMES: dict[str, Callable[[Ground], Iterator[Race]]] = {
    "append-1": partial(append.append, clients=1, goal=0.5),
    "append-8": partial(append.append, clients=8, goal=0.8),
    "append-32": partial(append.append, clients=32, goal=1.2, yard=8),
    "append-8-projected": append.append_projected,
    "append-8-stock": append.append_stock,
    "append-sqlite-8": append.append_sqlite,
    "http-order": http_order.http_order,
    "relay": relay.relay,
    "arrival": arrival.arrival,
    "rebuild": rebuild.rebuild,
    "hand-to-page": hand_to_page.hand_to_page,
    "growth-append": growth.growth_append,
    "fairness": fairness.fairness,
}
MEASURES: dict[str, Callable[[Ground], Iterator[Row]]] = {
    "growth-page": pages.growth_page,
    "county-day": county_day.county_day,
    "national-day": national_day.national_day,
    "at-rest": at_rest.at_rest,
}
"""What has no yardstick beside it: its rows are measured and compared with a goal."""
ALIASES = {"pages": "growth-page"}
FACTS = 20_000
"""Facts in a log that is to be long. Unit: facts; filled in some seconds. The long size is 1,000,000."""


def main(
    name: Annotated[str, typer.Argument(help=f"one of {', '.join([*NAMES, *MEASURES])}, or all")],
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a line")] = False,
    runs: Annotated[int, typer.Option(help="runs of each side")] = RUNS,
    facts: Annotated[int, typer.Option(help="facts in a log that is to be long")] = FACTS,
    matters: Annotated[int, typer.Option(help="matters of the old county")] = pages.OLD,
    database: Annotated[str, typer.Option(help="sqlite or postgres; both without it")] = "",
    scale: Annotated[float, typer.Option(help="share of the county or country that files")] = 0.01,
    kept: Annotated[Path | None, typer.Option(help="folder of counties that are kept for all runs")] = None,
) -> None:
    """Run benchmarks on a PostgreSQL that lives as long as they do; `all` writes docs/benchmarks.md too."""
    databases = (database,) if database else ("sqlite", "postgres")
    rows: list[Row] = []
    with TemporaryDirectory(prefix="huiyin-bench-") as folder, running_postgres() as server:
        place = kept or default_folder()
        ground = Ground(server, Path(folder), facts, place, matters, databases, scale)
        for one in [*NAMES, *MEASURES] if name == "all" else [ALIASES.get(name, name)]:
            for found in _rows(one, ground, runs):
                rows.append(found)
                typer.echo(json_line(found) if as_json else row(found))
        if name == "all":
            write_table(server, rows)


def _rows(name: str, ground: Ground, runs: int) -> Iterator[Row]:
    if name in MEASURES:
        yield from MEASURES[name](ground)
        return
    for race in NAMES[name](ground):
        yield run(race, runs)


if __name__ == "__main__":
    typer.run(main)
