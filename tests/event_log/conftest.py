"""Nodes and bare logs on each database."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine

from shared.database.engines import create_schema, dispose_all, engine_for
from shared.database.migrations.migrate import migrate
from shared.database.migrations.revisions import VERSIONS, scripts_in
from tests.parts.tiny_fixtures import (  # noqa: F401
    founded_on_files,
    founded_on_server,
    tiny,
    tiny_on_files,
    tiny_on_server,
)

_numbers = count(1)


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A log's empty tables: a file, or a schema of its own on the server."""
    if request.param == "sqlite":
        engine = engine_for(f"sqlite:///{tmp_path}/log.sqlite", None)
    else:
        schema = f"log_{next(_numbers)}"
        engine = engine_for(request.getfixturevalue("postgres"), schema)
        create_schema(engine, schema)
    migrate(engine, scripts_in(VERSIONS), "log")
    yield engine
    engine.dispose()
    dispose_all()
