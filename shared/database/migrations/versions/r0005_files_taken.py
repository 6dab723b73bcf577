"""Lists that accounts take away as files."""

from alembic import op
from sqlalchemy import Column, Date, DateTime, Integer, String

revision, down_revision = "0005", "0004"
CHANGES = ()


def upgrade() -> None:
    """Make the table; where it is there already, nothing is done."""
    op.create_table(
        "account_files",
        Column("account_id", String(36), primary_key=True),
        Column("day", Date, primary_key=True),
        Column("running", Integer, primary_key=True, autoincrement=False),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("name", String(100), nullable=False),
        if_not_exists=True,
    )
