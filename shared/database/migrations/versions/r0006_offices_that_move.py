"""Offices that move to another node: what was handed over to this one, what is awaited of it, and what came too late."""

from alembic import op
from sqlalchemy import BINARY, Boolean, Column, Integer, String, Uuid
from sqlalchemy.dialects import postgresql

revision, down_revision = "0006", "0005"
CHANGES = ()
_STREAM = BINARY(16).with_variant(postgresql.UUID(), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "handed_over",
        Column("stream", _STREAM, primary_key=True),
        Column("stream_version", Integer, primary_key=True, autoincrement=False),
        Column("fact", Uuid, nullable=False),
        Column("hand_over", Uuid, nullable=False),
        if_not_exists=True,
    )
    unit, home = Column("unit", Uuid, primary_key=True), Column("home", Integer, primary_key=True)
    op.create_table("offices_taken", unit, home, if_not_exists=True)
    op.create_table(
        "awaited_facts",
        Column("fact", Uuid, primary_key=True),
        Column("source", String, nullable=False),
        Column("followed", Boolean, nullable=False),
        if_not_exists=True,
    )
    late = Column("fact", Uuid, primary_key=True), Column("unit", Uuid, primary_key=True)
    op.create_table("came_too_late", *late, if_not_exists=True)
