"""What a node tells of itself: numbers and words for its status page; nothing about any matter."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_hex
from typing import Any
from zlib import crc32

from sqlalchemy import Connection, Engine

from shared import __version__
from shared.event_log.node_log import NodeLog
from shared.node.key_requests import KeyRequests
from shared.node.moving import Moving
from shared.node.outgoing import Outgoing
from shared.node.sending import Sending
from shared.proof.proofs import Proofs
from shared.transport.discarding import left_holes
from shared.transport.gaps import Gap, open_gaps
from shared.transport.parked_messages import ParkedMessages
from shared.transport.positions import Positions


@dataclass(frozen=True)
class Status:
    """Asks the parts of a node; `engine` is the one for reading."""

    now: Callable[[], datetime]
    engine: Engine
    log: NodeLog
    sending: Sending
    outgoing: Outgoing
    positions: Positions
    parked: ParkedMessages
    proofs: Proofs
    key_requests: KeyRequests
    moving: Moving
    boot: str = field(default_factory=lambda: token_hex(6))

    def is_settled(self) -> bool:
        """Whether every holder has all of this node's routes, nothing is missing here, no key is awaited, no office is moving."""
        held = all(route.last <= number for route in self.sending.routes() for number in route.held.values())
        is_whole = held and bool(self.sending.ways.directory().units) and not self.positions.gaps()
        is_still = not self.positions.waited_for and not self.moving.is_waiting()
        return is_whole and is_still and not self.key_requests.awaited()

    def state(self) -> dict[str, Any]:
        """Numbers about this node, JSON without dates."""
        return {
            "node": self.log.name,
            "release": __version__,
            "incarnation": self.log.mapper.incarnation,
            "facts": self.log.last_position(),
            "wire": "up" if self.outgoing.wire_is_up else "down",
            "routes": [vars(route) for route in self.sending.routes()],
            "sources": self._sources(),
            "awaited_keys": len(self.key_requests.awaited()),
            "parked": sum(self.parked.counts().values()),
            "discarded": self.parked.discarded_count(),
            "holes": [vars(gap) for gap in self._holes_now()],
            "proof": self.proofs.state(),
        }

    def _sources(self) -> list[dict[str, Any]]:
        return [
            {
                "source": source,
                "incarnation": incarnation,
                "route": route,
                "held": held.held,
                "highest": held.highest,
            }
            for (source, incarnation, route), held in sorted(self.positions.source_routes.items())
        ]

    def revision(self) -> str:
        """What a page may show is as it was as long as this is the same; empty while time alone may change it.

        It is taken before a page asks anything: what is committed meanwhile makes another one.
        """
        if self.positions.gaps():
            return ""  # a gap that stands still becomes a hole, and no commit says so
        outbox = self.sending.outbox
        return f"{self.boot}.{outbox.commits}.{crc32(repr(self.sending.routes()).encode()):x}"

    def holes(self, connection: Connection) -> list[Gap]:
        """What is missing here and does not come: gaps that stand still, and facts that were discarded."""
        missing = [gap for gap in open_gaps(connection) if gap.is_hole(self.now())]
        return missing + left_holes(connection)

    def _holes_now(self) -> list[Gap]:
        with self.engine.connect() as connection:
            return self.holes(connection)

    def tally(self) -> dict[str, int]:
        """What a reconciliation counts: own facts that people ordered, and matters registered here."""
        told = self.log.count("account.changed")  # told by the machine of what was done at its door
        ordered = self.log.ordered_facts() - told
        return {"ordered_facts": ordered, "registered": self.log.count("case.registered")}
