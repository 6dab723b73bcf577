"""A node's empty place on each database, made-up revisions, and the small county."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from shared.database.engines import create_schema, dispose_all, engine_for
from shared.database.migrations.revisions import VERSIONS, scripts_in
from tests.parts.tiny_fixtures import (  # noqa: F401
    founded_on_files,
    founded_on_server,
    tiny,
    tiny_on_files,
    tiny_on_server,
)

_numbers = count(1)
Releases = Callable[..., ScriptDirectory]


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty file, or an empty schema of its own on the server."""
    if request.param == "sqlite":
        engine = engine_for(f"sqlite:///{tmp_path}/log.sqlite", None)
    else:
        schema = f"changed_{next(_numbers)}"
        engine = engine_for(request.getfixturevalue("postgres"), schema)
        create_schema(engine, schema)
    yield engine
    engine.dispose()
    dispose_all()


@pytest.fixture
def later(tmp_path: Path) -> Releases:
    """The revisions of a later release: today's, and one for each text, numbered from 9001 on."""

    def release(*texts: str) -> ScriptDirectory:
        folder = tmp_path / f"later-{next(_numbers)}"
        folder.mkdir()
        before = scripts_in(VERSIONS).get_current_head()
        for number, text in enumerate(texts, start=9001):
            head = f'"""Step {number}."""\nrevision, down_revision = "{number}", "{before}"\n'
            (folder / f"r{number}.py").write_text(head + text)
            before = str(number)
        return scripts_in(VERSIONS, folder)

    return release
