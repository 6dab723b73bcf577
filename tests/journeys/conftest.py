"""Networks of processes on both settings, shared by the journeys that do not hurt them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.county import County, fresh_county
from tests.journeys.network import Network, Servers
from tests.parts.postgres import database_on

if TYPE_CHECKING:
    from tests.parts.kafka import KafkaBroker

SETTINGS = ("one machine", "servers")
FIRST_DAY = date(2026, 3, 2)
"""A Monday; each journey takes a day of its own, so that no journey sees another's reports."""

MakeNetwork = Callable[..., Network]
_days = count()
_databases = count()


@contextmanager
def networks(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MakeNetwork]:
    """Makes networks whose processes end with it."""
    with ExitStack() as ending:

        def make(
            setting: str, county: County | None = None, *, server: str | None = None, **options: Any
        ) -> Network:
            county = county or fresh_county()
            servers = _servers(request, county, server) if setting == "servers" else None
            folder: Path = tmp_path_factory.mktemp(county.network)
            made = Network(folder, county, servers=servers, **options)
            ending.callback(made.stop)
            return made

        yield make


@pytest.fixture(scope="module")
def make_network(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MakeNetwork]:
    """Makes networks on a setting, on a `server` of their own or the one of all tests.

    Their processes end with the file: forty that were left running took a third of both cores from the others.
    """
    with networks(request, tmp_path_factory) as make:
        yield make


@pytest.fixture(scope="session", params=SETTINGS)
def setting(request: pytest.FixtureRequest) -> str:
    """One machine (SQLite, local wire), or servers (PostgreSQL, Apache Kafka)."""
    return request.param


@pytest.fixture(scope="session")
def shared_network(
    setting: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Network]:
    """A running rehearsal network: one process on one machine, a process a tier on servers."""
    with networks(request, tmp_path_factory) as make:
        made = make(setting)
        yield made.run_by_tier() if setting == "servers" else made.run_in_one()


@pytest.fixture
def network(shared_network: Network) -> Network:
    """The running network, with its directory known everywhere."""
    shared_network.settle()
    return shared_network


@pytest.fixture
def day() -> date:
    """A day that belongs to this test; weeks apart, so that a matter's limits lie within it too."""
    return FIRST_DAY + timedelta(days=7 * next(_days))


def _servers(request: pytest.FixtureRequest, county: County, server: str | None) -> Servers:
    server = server or request.getfixturevalue("postgres")
    return make_servers(county, server, request.getfixturevalue("kafka"))


def make_servers(county: County, server: str, broker: "KafkaBroker") -> Servers:
    """A database of its own on a server, and a broker."""
    return Servers(database_on(server, f"{county.network}-{next(_databases)}"), broker.bootstrap)
