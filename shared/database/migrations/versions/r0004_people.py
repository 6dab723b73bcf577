"""Devices that an account knows, resets of which its person is told, changes that the office above reads, ends of tokens.

Tokens of earlier releases lived for a year; they end at most 90 days after this step. Changes from before it are not told
upward: the office above was not promised them.
"""

from datetime import UTC, datetime, timedelta

from alembic import op
from sqlalchemy import Column, DateTime, Integer, String, bindparam, column, inspect, table

revision, down_revision = "0004", "0003"
CHANGES = ("accounts", "account_tokens", "account_changes")

MOMENT = DateTime(timezone=True)
TOKEN_LONGEST = timedelta(days=90)


def upgrade() -> None:
    """Make the table and the columns, and give what is there its values; where they are there already, nothing is done."""
    op.create_table(
        "account_devices",
        Column("id_sha256", String(64), primary_key=True),
        Column("account_id", String(36), primary_key=True),
        Column("first_seen_at", MOMENT, nullable=False),
        Column("last_seen_at", MOMENT, nullable=False),
        if_not_exists=True,
    )
    op.create_index("ix_account_devices_account_id", "account_devices", ["account_id"], if_not_exists=True)
    if "told_at" not in {one["name"] for one in inspect(op.get_bind()).get_columns("account_changes")}:
        op.add_column("accounts", Column("reset_at", MOMENT))
        op.add_column("accounts", Column("reset_by", String(100)))
        op.add_column("account_changes", Column("running", Integer))
        op.add_column("account_changes", Column("told_at", MOMENT))
        _give_values(datetime.now(UTC))


def _give_values(now: datetime) -> None:
    tokens = table("account_tokens", column("expires_at", MOMENT))
    changes = table("account_changes", column("told_at", MOMENT))
    end = bindparam("end", _kept(now + TOKEN_LONGEST), MOMENT)
    op.execute(tokens.update().where(tokens.c.expires_at > end).values(expires_at=end))
    op.execute(changes.update().values(told_at=bindparam("told", _kept(now), MOMENT)))


def _kept(moment: datetime) -> datetime:
    """As the database keeps it: without its zone where it knows none."""
    return moment.replace(tzinfo=None) if op.get_bind().dialect.name == "sqlite" else moment
