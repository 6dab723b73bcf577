"""Which keys a node signs and signed with, and on which days, as the nodes of a folder know it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from shared.database.engines import engine_for
from shared.event_log.journal import record_of
from shared.event_log.node_keys import NodeKeys
from shared.settings.network import NodeSettings, node_names, read_network, read_node
from shared.work.directory.node_entry import NodeEntry


@dataclass(frozen=True)
class KnownKey:
    """A public key (base64) with the moments from and until which the county vouched for it; none where that is not known."""

    key: str
    since: datetime | None = None
    until: datetime | None = None

    @property
    def words(self) -> str:
        """Which key it is, by its days."""
        if self.until is not None:
            return f"its key of {_day(self.since)} to {_day(self.until)}, which was replaced then"
        return f"its key since {_day(self.since)}" if self.since else "its key"

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        moments = {"since": self.since, "until": self.until}
        return {"key": self.key} | {name: at.isoformat() if at else None for name, at in moments.items()}


def keys_of(data: Path, node: str) -> list[KnownKey]:
    """The keys of a node, the present one first; empty for a node that nobody here knows."""
    periods = max((_asked(settings, node) for settings in _settings(data)), key=len, default=[])
    network, own = read_network(data), data / "nodes" / node / "keys.json"
    more = [NodeKeys.load(own).public_signing()] if own.exists() else []
    more += [network.county_signing_key] if node == network.county_node else []
    known = {period.key for period in periods}
    return [*periods, *(KnownKey(key) for key in dict.fromkeys(more) if key not in known)]


def _settings(data: Path) -> Iterator[NodeSettings]:
    return (read_node(data, name) for name in node_names(data))


def _asked(settings: NodeSettings, node: str) -> list[KnownKey]:
    with engine_for(settings.database, settings.schema).connect() as connection:
        facts = [
            known for known in record_of(connection, NodeEntry.id_for(node)) if "signing_key" in known.data
        ]
    ends = [*(known.envelope.recorded for known in facts[1:]), None]
    made = [
        KnownKey(known.data["signing_key"], known.envelope.recorded, until)
        for known, until in zip(facts, ends, strict=True)
    ]
    return made[::-1]


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else "an unknown day"
