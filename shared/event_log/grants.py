"""What a node's role at PostgreSQL needs, and no more: what was recorded can be added to and read, never changed."""

from shared.event_log.recorder import STORED_EVENTS
from shared.event_log.tables import JOURNAL, PLACES, RECEIVED, RECEIVED_PLACES

APPEND_ONLY = (STORED_EVENTS, JOURNAL, PLACES, RECEIVED, RECEIVED_PLACES)
"""Facts, own and received, with their order, numbers and chains."""


def grants(schema: str, role: str) -> list[str]:
    """Statements for the owner of a node's schema that let `role` run the node.

    The role can make no table: the owner runs `huiyin upgrade --postgres` with a new release first, then these again.
    """
    kept = ", ".join(f'"{schema}".{table.name}' for table in APPEND_ONLY)
    return [
        f'GRANT USAGE ON SCHEMA "{schema}" TO "{role}";',
        f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "{schema}" TO "{role}";',
        f'REVOKE UPDATE, DELETE ON {kept} FROM "{role}";',
        f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA "{schema}" TO "{role}";',
    ]
