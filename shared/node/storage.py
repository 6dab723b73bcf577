"""What a node keeps in its database: every table of every room, made where it does not exist."""

from sqlalchemy import Engine

from shared.accounts.store import Accounts
from shared.database.engines import create_schema
from shared.event_log.node_log import create_tables
from shared.projections.projections import Projections
from shared.proof.tables import PROOF


def create_node_tables(engine: Engine, schema: str | None, projections: Projections) -> None:
    """Make everything a node keeps in its database where it does not exist."""
    create_schema(engine, schema)
    create_tables(engine)
    projections.create_tables(engine)
    PROOF.create_all(engine)
    Accounts(engine).prepare()
