"""A fresh set of projection tables, and readers of it."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, create_engine

from shared.projections.catalogue import METADATA
from tests.projections.world import Reader, World


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


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
