"""The state of a whole network as one hash: every row of every log and projection, every key by name."""

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping

from shared.event_log.recorder import EVENTS
from shared.event_log.tables import LOG
from shared.projections.rows import METADATA
from shared.settings.network import NodeSettings

TABLES = sorted({EVENTS, *LOG.tables, *METADATA.tables})
"""Accounts are left out: their salts are the machine's own chance."""


def state_hash(nodes: Mapping[str, NodeSettings]) -> str:
    """SHA-256 over all nodes, hexadecimal."""
    hashed = hashlib.sha256()
    for name, settings in sorted(nodes.items()):
        for file, tables in (("log.sqlite", TABLES), ("keyring.sqlite", ["keys"])):
            for row in sorted(map(repr, _rows(str(settings.folder / file), tables))):
                hashed.update(f"{name}|{row}\n".encode())
    return hashed.hexdigest()


def _rows(path: str, tables: list[str]) -> Iterator[tuple[object, ...]]:
    file = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        for table in tables:
            yield from file.execute(f"SELECT '{table}', * FROM \"{table}\"")
    finally:
        file.close()
