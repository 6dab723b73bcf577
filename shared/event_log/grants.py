"""What a node's role at PostgreSQL needs, and no more: what was recorded can be added to and read, never changed."""

from shared.event_log.recorder import STORED_EVENTS
from shared.event_log.tables import JOURNAL, PLACES, RECEIVED, RECEIVED_PLACES

APPEND_ONLY = (STORED_EVENTS, JOURNAL, PLACES, RECEIVED, RECEIVED_PLACES)
"""Facts, own and received, with their order, numbers and chains."""


def grants(schema: str, role: str) -> list[str]:
    """Statements for the owner of a node's schema that let `role` run the node.

    The role can make no table: the owner runs `huiyin upgrade --postgres` with a new release first, then these again.
    """
    where, who = quoted(schema), quoted(role)
    kept = ", ".join(f"{where}.{table.name}" for table in APPEND_ONLY)
    return [
        f"GRANT USAGE ON SCHEMA {where} TO {who};",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {where} TO {who};",
        f"REVOKE UPDATE, DELETE ON {kept} FROM {who};",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {where} TO {who};",
    ]


def quoted(name: str) -> str:
    """A name at PostgreSQL, whatever signs it has."""
    return '"' + name.replace('"', '""') + '"'
