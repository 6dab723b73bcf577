"""The pools of a process to its server, through the end of a server under them."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from shared.database.engines import dispose_all, engine_for, engine_for_reading

MINE = text("SELECT pg_backend_pid()")
END = text("SELECT pg_terminate_backend(:pid, 5000)")


@pytest.fixture
def reading(postgres: str) -> Iterator[Engine]:
    """The questions' pool of a process that has asked before."""
    engine = engine_for_reading(engine_for(postgres, None))
    for _ in range(2):
        with engine.connect() as connection:
            connection.scalar(MINE)
    yield engine
    dispose_all()


def end_session(postgres: str, pid: int) -> None:
    """The server ends a session, as it ends all of them when it goes down."""
    with create_engine(postgres, poolclass=NullPool).begin() as connection:
        connection.execute(END, {"pid": pid})


def test_given_an_answered_question_when_its_session_ends_before_it_returns_then_nobody_notices(
    postgres: str, reading: Engine
):
    with reading.connect() as connection:
        end_session(postgres, connection.scalar(MINE) or 0)
    with reading.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1


def test_given_a_session_that_ended_when_it_is_asked_then_the_error_is_one_that_doors_refuse(
    postgres: str, reading: Engine
):
    with pytest.raises(DBAPIError), reading.connect() as connection:
        end_session(postgres, connection.scalar(MINE) or 0)
        connection.scalar(MINE)
