"""The directory of nodes: whose key a node signs with. Facts of the county's log; they reach every node by the wire."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from shared.work.common.authority import Evidence, Speaker, Statement, require
from shared.work.common.fact import Fact, FirstFact, Stream, UnitId, derived_id
from shared.work.common.refusals import Refusal
from shared.work.common.words import Tier


class NodeIsRevoked(Refusal):
    """The node's key was revoked; its name is never used again."""

    code = "node-is-revoked"
    sentence = "Nothing of the computer %(node)s is taken since %(day)s. Admit a new one under another name."


class NodeFact(Fact):
    """A fact about a node of the network."""

    SAID_BY = Speaker.COUNTY

    name: str

    @classmethod
    def require_theirs(cls, said: Statement, known: Evidence) -> None:
        """One stream a node name. Errors: NotTheirs."""
        require(said.stream == NodeEntry.id_for(said.data["name"]), "the record of another node")


class NodeAdmitted(FirstFact, NodeFact):
    """A node's public keys: Ed25519 to sign, HPKE (X25519) to receive; base64 of the raw keys."""

    TOPIC = "node.admitted"

    tier: Tier
    area: str
    signing_key: str
    receiving_key: str

    def apply(self, aggregate: "NodeEntry") -> None:
        aggregate.unit, aggregate.name = self.unit, self.name


class NodeRekeyed(NodeFact):
    """The node signs with another key from now on; what it signed before stays good."""

    TOPIC = "node.rekeyed"

    signing_key: str
    receiving_key: str

    def apply(self, aggregate: "NodeEntry") -> None:
        """The directory holds the keys."""


class NodeRevoked(NodeFact):
    """Nothing of the node is taken any more: its key or its computer is in wrong hands."""

    TOPIC = "node.revoked"

    since: date
    reason: str

    def apply(self, aggregate: "NodeEntry") -> None:
        aggregate.revoked_on = self.since


class NodeEntry(Stream):
    """One node of the network; its name is never reused."""

    STREAM: ClassVar[str] = "node"
    STAYS = True

    def __init__(self) -> None:
        super().__init__()
        self.name: str
        self.revoked_on: date | None = None

    @staticmethod
    def id_for(name: str) -> UUID:
        """One stream a node name."""
        return derived_id("node", name)

    @classmethod
    def admit(
        cls,
        *,
        county: UnitId,
        name: str,
        tier: Tier,
        area: str,
        signing_key: str,
        receiving_key: str,
        at: datetime,
    ) -> "NodeEntry":
        """Make a node's keys known; `area` is the township's 9-digit code, or the county's 6."""
        return cls._create(
            NodeAdmitted,
            id=cls.id_for(name),
            unit=county,
            name=name,
            tier=tier,
            area=area,
            signing_key=signing_key,
            receiving_key=receiving_key,
            timestamp=at,
        )

    def rekey(self, *, signing_key: str, receiving_key: str, at: datetime) -> None:
        """Replace the node's keys. Errors: NodeIsRevoked."""
        self._require_trusted()
        self.record(NodeRekeyed, name=self.name, signing_key=signing_key, receiving_key=receiving_key, at=at)

    def revoke(self, *, since: date, reason: str, at: datetime) -> None:
        """Take nothing of the node any more. Errors: NodeIsRevoked."""
        self._require_trusted()
        self.record(NodeRevoked, name=self.name, since=since, reason=reason, at=at)

    def _require_trusted(self) -> None:
        if self.revoked_on is not None:
            raise NodeIsRevoked(node=self.name, day=self.revoked_on.isoformat())
