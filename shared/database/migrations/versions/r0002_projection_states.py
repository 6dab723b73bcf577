"""What shape and rules projections have.

So that a release knows which ones to replay. Release 0.1 wrote no such thing: its projections are noted with their tables and without hashes, which fit nobody's.
"""

from alembic import op
from sqlalchemy import Column, String, Text, inspect, select

revision, down_revision = "0002", "0001"
CHANGES = ()

OF_0_1 = {
    "units": "nodes unit_terms units",
    "cases": "cases registrations",
    "referrals": "overrides referrals",
    "timeline": "timeline",
    "duties": "duties",
    "reports": "excuses report_versions",
    "supervisions": "supervision_answers supervisions",
    "heard": "heard",
    "entitlements": "entitlements",
}
"""Its projections and their tables, so that what a later release no longer declares is found and dropped."""


def upgrade() -> None:
    """Make the table, and note what 0.1 left; where somebody emptied all tables, it is there and is filled again."""
    there = set(inspect(op.get_bind()).get_table_names())
    table = op.create_table(
        "projection_states",
        Column("name", String, primary_key=True),
        Column("shape", String, nullable=False),
        Column("rules", String, nullable=False),
        Column("tables", Text, nullable=False),
        if_not_exists=True,
    )
    left = {name: tables for name, tables in OF_0_1.items() if there.issuperset(tables.split())}
    noted = set(op.get_bind().scalars(select(table.c.name)))
    op.bulk_insert(
        table,
        [
            {"name": name, "shape": "", "rules": "", "tables": tables}
            for name, tables in left.items()
            if name not in noted
        ],
    )
