"""Fixtures of the small county, for the rooms that test on whole nodes."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import make_url

from services.divisions import Plan
from shared.settings.network import read_network
from tests.parts.kafka import KafkaBroker
from tests.parts.postgres import database_on, drop
from tests.parts.tiny_network import TinyNetwork, copy_of, found

_numbers = count(1)
Founded = tuple[Path, Plan]


@pytest.fixture(scope="session")
def founded_on_files(tmp_path_factory: pytest.TempPathFactory) -> Founded:
    """The small county on SQLite, as it was founded; copied, never changed."""
    folder = tmp_path_factory.mktemp("founded") / "files"
    return folder, found(folder)


@pytest.fixture(scope="session")
def founded_on_server(postgres: str, kafka: KafkaBroker, tmp_path_factory: pytest.TempPathFactory) -> Founded:
    """The small county in a database that is copied, never changed."""
    folder = tmp_path_factory.mktemp("founded") / "server"
    return folder, found(folder, database_on(postgres, f"founded_{next(_numbers)}"), kafka.bootstrap)


@pytest.fixture
def tiny_on_files(founded_on_files: Founded, tmp_path: Path) -> Iterator[TinyNetwork]:
    """The small county on SQLite."""
    yield from copy_of(*founded_on_files, tmp_path / "data")


@pytest.fixture
def tiny_on_server(founded_on_server: Founded, postgres: str, tmp_path: Path) -> Iterator[TinyNetwork]:
    """The small county on PostgreSQL."""
    template = make_url(read_network(founded_on_server[0]).postgres or "").database or ""
    database = database_on(postgres, f"tiny_{next(_numbers)}", template)
    yield from copy_of(*founded_on_server, tmp_path / "data", database)
    drop(postgres, database)


@pytest.fixture(params=["files", "server"])
def tiny(request: pytest.FixtureRequest) -> TinyNetwork:
    """The small county on each database in turn."""
    return request.getfixturevalue(f"tiny_on_{request.param}")
