"""What is written into the text of a statement is read by a server as just that, and nothing else."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any
from uuid import UUID

import psycopg2
import pytest

from shared.database.literals import row_of, without_nul

TEXTS = [
    "",
    "'",
    "''",
    "\\",
    "\\'; DROP TABLE t; --",
    "a\\",
    "E'\\''",
    "%s %(a)s %",
    "值\n\t\r\x01\x7f",
    "𠮷",
    "$$",
]
HERE = timezone(timedelta(hours=8))


class Word(StrEnum):
    IT_S = "it's"


@pytest.fixture(params=["on", "off"])
def link(postgres: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A server that reads backslashes as they stand, and one that does not."""
    made = psycopg2.connect(postgres, options=f"-c standard_conforming_strings={request.param}")
    yield made
    made.close()


def read_back(link: Any, kind: str, value: Any) -> Any:
    """What a column of this type holds after the value was written to it."""
    with link.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE held (value {kind}) ON COMMIT DROP")
        cursor.execute(f"INSERT INTO held VALUES {row_of([value])}, {row_of([None])}")
        cursor.execute(f"SELECT value::{kind}{'::text' * (kind == 'uuid')} FROM held WHERE value IS NOT NULL")
        (read,) = cursor.fetchone()
    link.rollback()
    return bytes(read) if isinstance(read, memoryview) else read


@pytest.mark.parametrize("text", TEXTS)
def test_given_any_text_when_written_then_the_server_holds_it(link, text: str):
    assert read_back(link, "text", text) == text


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *(("integer", 0), ("integer", -7), ("bigint", 2**53), ("boolean", True), ("boolean", False)),
        *(("bytea", b""), ("bytea", bytes(range(256))), ("text", Word.IT_S), ("date", date(2026, 3, 2))),
        ("timestamptz", datetime(2026, 3, 2, 9, 0, 0, 7, tzinfo=UTC)),
        ("timestamptz", datetime(2026, 3, 2, 9, tzinfo=HERE)),
    ],
)
def test_given_a_value_of_a_column_when_written_then_the_server_holds_it(link, kind: str, value: Any):
    assert read_back(link, kind, value) == value


def test_given_an_id_when_written_then_the_server_holds_it(link):
    assert read_back(link, "uuid", UUID(int=7)) == str(UUID(int=7))


@pytest.mark.parametrize("text", ["1); DROP TABLE held; --", "abc"])
def test_given_a_text_where_a_number_should_stand_when_written_then_the_server_refuses_it(link, text: str):
    with pytest.raises(psycopg2.errors.InvalidTextRepresentation):
        read_back(link, "integer", text)


def test_given_what_no_column_takes_when_written_then_it_is_refused():
    for wrong in (object(), {}, [], (1,)):
        with pytest.raises(TypeError):
            row_of([wrong])
    with pytest.raises(ValueError, match="time zone"):
        row_of([datetime(2026, 3, 2)])
    with pytest.raises(ValueError, match="NUL"):
        without_nul(row_of(["a\0b"]))
