"""All questions of one reading are answered by one moment, so that a number and its list cannot differ."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, func, insert, select

from shared.database.engines import create_schema, engine_for, engine_for_reading
from shared.database.reading import Reading

THINGS = Table("things", MetaData(), Column("number", Integer, primary_key=True))
Opened = Callable[[], Reading]


@pytest.fixture(params=["files", "server"])
def engine(request: pytest.FixtureRequest, tmp_path: Path):
    if request.param == "files":
        made, schema = engine_for(f"sqlite:///{tmp_path / 'node.sqlite'}", None), None
    else:
        made, schema = engine_for(request.getfixturevalue("postgres"), "node_of_reading"), "node_of_reading"
    create_schema(made, schema)
    THINGS.metadata.drop_all(made)
    THINGS.metadata.create_all(made)
    return made


def _count(connection: Connection) -> int:
    return connection.scalar(select(func.count()).select_from(THINGS)) or 0


def test_given_a_commit_between_two_questions_when_asked_in_one_reading_then_both_tell_of_one_moment(engine):
    reading = Reading(engine_for_reading(engine))
    assert reading.ask(_count) == 0
    with engine.begin() as connection:
        connection.execute(insert(THINGS), {"number": 1})
    assert reading.ask(_count) == 0
    reading.close()
    after = Reading(engine_for_reading(engine))
    assert after.ask(_count) == 1
    after.close()


def test_given_nothing_was_asked_then_a_reading_takes_no_connection(engine):
    reading = Reading(engine_for_reading(engine))
    assert not reading.is_open
    reading.close()
    assert reading.ask(_count) == 0
    assert reading.is_open
    reading.close()
    assert not reading.is_open
