"""A fresh set of projection tables on each database, and readers of it."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, Engine, StaticPool, create_engine
from sqlalchemy.schema import CreateSchema

from shared.work.catalogue import PROJECTIONS
from tests.projections.world import Reader, World


@pytest.fixture(scope="session")
def postgres_tables(postgres: str) -> Iterator[Engine]:
    """Tables in a schema of a node, read by sessions of another time zone."""
    engine = create_engine(postgres, connect_args={"options": "-c timezone=Asia/Kolkata"})
    with engine.begin() as connection:
        connection.execute(CreateSchema("node_of_tests"))
    placed = engine.execution_options(schema_translate_map={None: "node_of_tests"})
    PROJECTIONS.create_tables(placed)
    yield placed
    engine.dispose()


@pytest.fixture(scope="session")
def sqlite_tables() -> Iterator[Engine]:
    """Tables in memory."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    PROJECTIONS.create_tables(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def on_postgres(postgres_tables: Engine) -> Iterator[Connection]:
    """Empty tables on PostgreSQL; what a test writes is rolled back."""
    with postgres_tables.connect() as connection:
        yield connection


@pytest.fixture
def on_sqlite(sqlite_tables: Engine) -> Iterator[Connection]:
    """Empty tables on SQLite; what a test writes is rolled back."""
    with sqlite_tables.connect() as connection:
        yield connection


@pytest.fixture(params=["sqlite", "postgres"])
def connection(request: pytest.FixtureRequest) -> Connection:
    """Each database in turn."""
    return request.getfixturevalue(f"on_{request.param}")


@pytest.fixture
def world() -> World:
    return World().open_units()


@pytest.fixture
def county(connection: Connection) -> Reader:
    """What the county's node knows."""
    return Reader(connection, own=frozenset({"county"}))


ReaderOf = Callable[[str], Reader]


@pytest.fixture
def node(connection: Connection) -> ReaderOf:
    """What another node knows; it is given only what reaches it."""
    return lambda name: Reader(connection, own=frozenset({name}))
