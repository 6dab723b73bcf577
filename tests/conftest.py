"""Real servers and a real browser for every test that asks for them; one of each a run."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.parts.browser import running_browser
from tests.parts.kafka import KafkaBroker
from tests.parts.postgres import running_postgres
from tests.parts.undeclared import hearing, require_none

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LONG_FILES = (
    "simulator/test_seeds.py",
    "simulator/test_planted.py",
    "volume/test_volume.py",
    "journeys/test_faults.py",
    "journeys/test_link_faults.py",
    "journeys/test_standby.py",
    "journeys/test_crash_matrix.py",
    "journeys/test_storage.py",
    "journeys/test_restore.py",
    "journeys/test_commands.py",
    "journeys/test_rehearsal.py",
)
"""Files of a few tests that take minutes; first, so that no worker is left with one of them at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first; the others stay as they were collected."""
    place = {name: number for number, name in enumerate(LONG_FILES)}
    here = Path(__file__).parent
    items.sort(key=lambda item: place.get(item.path.relative_to(here).as_posix(), len(place)))


TOLD = "told"


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Says at the end of the run what a test has tried, also when it passed and whichever process ran it."""
    return lambda words: record_property(TOLD, words)


SLOWEST = 10
"""Files of tests whose time is told at the end."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What tests had to tell, and which files took longest."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    for words in (said for report in reports for name, said in report.user_properties if name == TOLD):
        terminalreporter.write_line(str(words))
    # Without a name: what was made ready for a test, and put away.
    reports += [*terminalreporter.getreports("error"), *terminalreporter.getreports("")]
    seconds: Counter[str] = Counter()
    for report in reports:
        # A file that could not be read has no time.
        seconds[report.nodeid.split("::")[0]] += getattr(report, "duration", 0.0)
    terminalreporter.section("slowest files")
    for file, took in seconds.most_common(SLOWEST):
        terminalreporter.write_line(f"{took:6.0f}s  {file}")


@pytest.fixture(scope="session", autouse=True)
def undeclared_refusals() -> Iterator[list[str]]:
    """What giving tells of undeclared refusals; heard all the time, since servers outlive the test that began them."""
    with hearing() as heard:
        yield heard


@pytest.fixture(autouse=True)
def every_refusal_is_declared(undeclared_refusals: list[str]) -> Iterator[None]:
    """A test fails in which an order was refused with what it does not declare."""
    yield
    require_none(undeclared_refusals)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of a PostgreSQL that lives as long as the tests; those that hurt a database have one of their own."""
    with running_postgres(lasting=False) as address:
        yield address


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker]:
    """A broker that lives as long as the tests; whoever hurts it heals it."""
    broker = KafkaBroker(tmp_path_factory.mktemp("kafka"))
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """A Chromium without a window."""
    with running_browser() as launched:
        yield launched
