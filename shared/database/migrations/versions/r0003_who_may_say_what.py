"""Who began each record that came from others, what was sent on request, and which texts an awaited key must open.

Release 0.1 asked for keys without noting for which fact; what it awaits is asked for as before.
"""

from typing import Any
from uuid import UUID

from alembic import op
from sqlalchemy import (
    BINARY,
    Boolean,
    Column,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    func,
    inspect,
    select,
)
from sqlalchemy.dialects import postgresql

revision, down_revision = "0003", "0002"
CHANGES = ("wanted_keys",)

_THEN = MetaData()
_STREAM = BINARY(16).with_variant(postgresql.UUID(), "postgresql")
_JOURNAL = Table("journal", _THEN, Column("fact", Uuid), Column("stream", _STREAM), Column("own", Boolean))
_PLACES = Table("received_places", _THEN, Column("fact", Uuid), Column("source", String))


def upgrade() -> None:
    """Make the tables; the first writer of each record is taken from what was received."""
    writers = op.create_table(
        "stream_writers",
        Column("stream", Uuid, primary_key=True),
        Column("source", String, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "evidence_given",
        Column("node", String, primary_key=True),
        Column("fact", Uuid, primary_key=True),
        Column("stream", Uuid, nullable=False),
        if_not_exists=True,
    )
    op.create_index("evidence_given_by_stream", "evidence_given", ["stream"], if_not_exists=True)
    op.create_table(
        "parked_refused",
        Column("source", String, primary_key=True),
        Column("messages", Integer, nullable=False),
        if_not_exists=True,
    )
    there = {column["name"] for column in inspect(op.get_bind()).get_columns("wanted_keys")}
    if "facts" not in there:
        op.add_column("wanted_keys", Column("facts", Text, nullable=False, server_default=""))
    _fill(writers)


def _fill(writers: Table) -> None:
    """A record of which two nodes wrote, from the time when nobody asked, is of the first by name."""
    connection = op.get_bind()
    query = (
        select(_JOURNAL.c.stream, func.min(_PLACES.c.source).label("source"))
        .join(_PLACES, _PLACES.c.fact == _JOURNAL.c.fact)
        .where(~_JOURNAL.c.own)
        .group_by(_JOURNAL.c.stream)
    )
    known = set(connection.scalars(select(writers.c.stream)))
    rows = [{"stream": _id_of(row.stream), "source": row.source} for row in connection.execute(query)]
    op.bulk_insert(writers, [row for row in rows if row["stream"] not in known])


def _id_of(stored: Any) -> UUID:
    return UUID(bytes=stored) if isinstance(stored, bytes) else UUID(str(stored))
