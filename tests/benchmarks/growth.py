"""Orders and the county's first page with N facts in the log, against the same when it is empty.

`growth-append` is `append-8` of a log that has recorded N facts with its projections, against one that
began empty; what the runs themselves record is some thousand. `growth-page` asks the county's own
process for the page that a clerk sees first, on a network whose county has received N zero reports,
against the page of a network that has received none.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.benchmarks.append import log_on_server, ours, record
from tests.benchmarks.client import rate_of, request
from tests.benchmarks.ground import Ground, chunks, facts_of, network_on, receive, running_kafka
from tests.benchmarks.http_order import make_account, running, sign_in
from tests.benchmarks.race import Race
from tests.journeys.processes import Host as Process
from tests.parts.tiny_network import COUNTY

GOAL = 0.95
PAGES = 40
"""First pages that are asked for in one run, one after the other. Unit: pages; a run takes some seconds."""


def growth(ground: Ground) -> Iterator[Race]:
    """Both races."""
    yield from of_orders(ground)
    yield from of_the_first_page(ground)


def of_orders(ground: Ground) -> Iterator[Race]:
    """`growth-append`."""
    with (
        log_on_server(ground, projected=True) as (long, _),
        log_on_server(ground, projected=True) as (new, _),
    ):
        record(long, ground.facts)
        yield Race("growth-append", ours(long, 8), ours(new, 8), "orders/s", GOAL, facts=ground.facts)


def of_the_first_page(ground: Ground) -> Iterator[Race]:
    """`growth-page`; both counties may use one broker, since nobody else runs who would send anything."""
    with (
        running_kafka(ground.folder / "kafka-of-growth") as kafka,
        county(ground, kafka, "long", ground.facts) as long,
        county(ground, kafka, "new", 0) as new,
    ):
        yield Race(
            "growth-page",
            lambda: rate_of(long.url, 200, [long.pages]),
            lambda: rate_of(new.url, 200, [new.pages]),
            "pages/s",
            GOAL,
            facts=ground.facts,
        )


class FirstPage:
    """A county's process, and the requests of somebody of the bureau for the first page."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.pages = [request("GET", "/", sign_in(url, COUNTY))] * PAGES


@contextmanager
def county(ground: Ground, kafka: str, name: str, facts: int) -> Iterator[FirstPage]:
    """The county's process on a network of its own, after it has received so many facts."""
    tiny = network_on(ground, kafka, f"growth_{name}")
    make_account(tiny, "county", COUNTY, "petition_clerk")
    (node,) = tiny.open("county")
    for some in chunks(facts_of("villages-100", facts)):
        receive(node, some)
    tiny.close()
    process = Process("node", "--data", tiny.data, "--name", "county", log=ground.folder / f"{name}.log")
    with running(process):
        yield FirstPage(process.url)
