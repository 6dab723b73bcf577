"""Offices that move to another node: what was handed over to this one, what is awaited of it, and what came too late.

Offices that moved before this step have worked at their new node since, and nothing is handed over of them any more.
"""

import json
from uuid import UUID

from alembic import op
from sqlalchemy import (
    BINARY,
    Boolean,
    Column,
    Connection,
    Integer,
    LargeBinary,
    String,
    Table,
    Uuid,
    bindparam,
    column,
    func,
    select,
    table,
)
from sqlalchemy.dialects import postgresql

revision, down_revision = "0006", "0005"
CHANGES = ()
_MOVE = b'"type":"unit.rehosted.'
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
    taken = op.create_table("offices_taken", unit, home, if_not_exists=True)
    _take_what_moved_before(taken)
    op.create_table(
        "awaited_facts",
        Column("fact", Uuid, primary_key=True),
        Column("source", String, nullable=False),
        Column("followed", Boolean, nullable=False),
        if_not_exists=True,
    )
    late = Column("fact", Uuid, primary_key=True), Column("unit", Uuid, primary_key=True)
    op.create_table("came_too_late", *late, if_not_exists=True)


def _take_what_moved_before(taken: Table | None) -> None:
    link = op.get_bind()
    if taken is None or link.scalar(select(func.count()).select_from(taken)):
        return
    moves: dict[UUID, int] = {}
    for text in _moves_in(link, "stored_events", "state") + _moves_in(link, "received", "body"):
        unit = UUID(json.loads(text)["subject"].partition("/")[2])
        moves[unit] = moves.get(unit, 0) + 1
    rows = [{"unit": unit, "home": home} for unit, times in moves.items() for home in range(2, times + 2)]
    if rows:
        link.execute(taken.insert(), rows)


def _moves_in(link: Connection, name: str, body: str) -> list[bytes]:
    """The facts by which offices were moved."""
    kept, sought = table(name, column(body, LargeBinary)), bindparam("sought", _MOVE, LargeBinary)
    column_of = kept.c[body]
    place_of = func.instr if link.dialect.name == "sqlite" else func.pg_catalog.position
    place = place_of(column_of, sought)
    return [bytes(row[0]) for row in link.execute(select(column_of).where(place > 0))]
