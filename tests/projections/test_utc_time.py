"""Moments: the same on both databases, and in a file the text that it has always held."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, DateTime, Dialect, Engine, Integer, MetaData, Table, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from shared.database.utc_time import UtcTime

TABLE = Table("moments", MetaData(), Column("id", Integer, primary_key=True), Column("at", UtcTime))
IN_CHINA = timezone(timedelta(hours=8))
MOMENTS = [
    datetime(2026, 3, 27, 9, 0, tzinfo=IN_CHINA),
    datetime(2026, 1, 1, 3, 59, 59, 7, tzinfo=IN_CHINA),
    datetime(987, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
]


@pytest.mark.parametrize("moment", [*MOMENTS, None], ids=str)
@pytest.mark.parametrize("tables", ["sqlite_tables", "postgres_tables"])
def test_given_a_moment_of_any_zone_when_it_is_kept_then_the_same_moment_comes_back_in_utc(
    tables: str, moment: datetime | None, request: pytest.FixtureRequest
):
    engine: Engine = request.getfixturevalue(tables)
    with engine.connect() as connection:  # what a test writes is rolled back
        TABLE.create(connection, checkfirst=True)
        connection.execute(insert(TABLE), {"id": 1, "at": moment})
        kept = connection.scalar(select(TABLE.c.at))
    assert kept == moment
    assert kept is None or kept.tzinfo is UTC


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_given_a_file_when_a_moment_is_written_then_it_is_the_text_that_sqlalchemy_writes(moment: datetime):
    dialect = sqlite.dialect()
    stock = DateTime().dialect_impl(dialect).bind_processor(dialect)
    assert stock is not None
    written = UtcTime().bind_processor(dialect)(moment)
    assert written == stock(moment.astimezone(UTC).replace(tzinfo=None))


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()], ids=lambda one: one.name)
def test_given_a_moment_without_its_zone_when_it_is_to_be_kept_then_it_is_refused(dialect: Dialect):
    with pytest.raises(ValueError, match="needs its time zone"):
        UtcTime().bind_processor(dialect)(datetime(2026, 3, 27))
