"""Orders with N facts in the log, against the same when it is empty or the county is young.

`growth-append` is `append-8` of a log that has recorded N zero reports with its projections, against one that
began empty; what the runs themselves record is some thousand. Then the same in a county with all its
matters, against a county with 1,000: copies of the kept ones, so that those stay as they are.
"""

from collections.abc import Iterator

from tests.benchmarks.append import log_on_server, ours, record
from tests.benchmarks.ground import Ground
from tests.benchmarks.lives.kept import Kept
from tests.benchmarks.pages import YOUNG
from tests.benchmarks.race import Race
from tests.parts.postgres import drop

GOAL = 0.95


def growth_append(ground: Ground) -> Iterator[Race]:
    """Both races."""
    yield from of_reports(ground)
    yield from of_matters(ground)


def of_reports(ground: Ground) -> Iterator[Race]:
    """`growth-append`."""
    with (
        log_on_server(ground, projected=True) as (long, _),
        log_on_server(ground, projected=True) as (new, _),
    ):
        record(long, ground.facts)
        yield Race("growth-append", ours(long, 8), ours(new, 8), "orders/s", GOAL, facts=ground.facts)


def of_matters(ground: Ground) -> Iterator[Race]:
    """`growth-append-matters`: the county's node itself, without what sends and reads."""
    with Kept(ground.kept) as kept:
        sizes = {"old": ground.matters, "young": YOUNG}
        copies = {
            name: kept.copy(kept.county(matters, "postgres"), ground.folder / name, f"growth_{name}")
            for name, matters in sizes.items()
        }
        (old,), (young,) = (copy.open("county") for copy in copies.values())
        facts = old.log.last_position()
        yield Race(
            "growth-append-matters", ours(old.log, 8), ours(young.log, 8), "orders/s", GOAL, facts=facts
        )
        for copy in copies.values():
            copy.close()
            drop(kept.server(), copy.network().postgres or "")
