"""The directory: which units there are, which node keeps which, and whose key a node signs with.

Facts of the county's log; they reach every node by the wire.
"""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from shared.work.common.authority import Evidence, Speaker, Statement, require
from shared.work.common.fact import Fact, FirstFact, Stream, UnitId, derived_id
from shared.work.common.refusals import Kind, Refusal
from shared.work.common.words import Tier, UnitKind

_CODE = re.compile(r"[0-9]{12}")


class UnitIsClosed(Refusal):
    """The unit has been closed."""

    code = "unit-is-closed"
    sentence = "This unit has been closed since %(day)s; it can no longer be changed."


class NamelessUnit(Refusal):
    """A unit needs a name and a 12-digit code."""

    code = "nameless-unit"
    sentence = "A unit needs a name and a code of 12 digits."
    kind = Kind.WRONG_INPUT


class NodeIsRevoked(Refusal):
    """The node's key was revoked; its name is never used again."""

    code = "node-is-revoked"
    sentence = "Nothing of the computer %(node)s is taken since %(day)s. Admit a new one under another name."


@dataclass(frozen=True)
class UnitEntry:
    """What the directory says of a unit from `since` on.

    `mark` is the register mark, fixed for ever; `node` keeps the unit; `contact` is the office's
    telephone as printed on receipts, empty when none is known.
    """

    code: str
    mark: str
    name: str
    name_en: str
    kind: UnitKind
    parent: UnitId | None
    node: str
    contact: str
    since: date


class UnitFact(Fact):
    """The directory's new entry for a unit, whole, so that it can be shown as of any day."""

    SAID_BY = Speaker.COUNTY

    entry: UnitEntry

    @classmethod
    def require_theirs(cls, said: Statement, known: Evidence) -> None:
        """In their order: who hears of a unit for the first time hears what was said before, first. Errors: Waits."""
        if said.version > 1:
            known.require_unit(said.stream, said.version - 1)

    def apply(self, aggregate: "Unit") -> None:
        aggregate.unit = self.unit
        aggregate.entry = self.entry


class Opened(FirstFact, UnitFact):
    """A unit began to exist."""

    TOPIC = "unit.opened"


class Renamed(UnitFact):
    """A unit's name or code changed."""

    TOPIC = "unit.renamed"


class Rehosted(UnitFact):
    """Another node keeps the unit from now on."""

    TOPIC = "unit.rehosted"


class BeganAnew(UnitFact):
    """The unit's node begins without what the one before it has, which cannot be reached; `reason` is the county's."""

    TOPIC = "unit.began_anew"

    reason: str


class ContactSet(UnitFact):
    """The office's telephone changed."""

    TOPIC = "unit.contact_set"


class Closed(UnitFact):
    """The unit does not exist any more; its past stays."""

    TOPIC = "unit.closed"

    def apply(self, aggregate: "Unit") -> None:
        super().apply(aggregate)
        aggregate.closed_on = self.entry.since


class Unit(Stream):
    """One office in the directory."""

    STREAM: ClassVar[str] = "unit"
    STAYS = True

    def __init__(self) -> None:
        super().__init__()
        self.entry: UnitEntry
        self.closed_on: date | None = None

    @classmethod
    def open(cls, *, unit_id: UnitId, county: UnitId, entry: UnitEntry, at: datetime) -> "Unit":
        """Add a unit. Errors: NamelessUnit."""
        _check_entry(entry)
        return cls._create(Opened, id=unit_id, unit=county, entry=entry, timestamp=at)

    def rename(self, *, name: str, name_en: str, code: str, since: date, at: datetime) -> None:
        """Give a unit a new name or code; its register mark stays. Errors: UnitIsClosed, NamelessUnit."""
        self._change(Renamed, at, name=name, name_en=name_en, code=code, since=since)

    def rehost(self, *, node: str, since: date, at: datetime) -> None:
        """Let another node keep the unit. Errors: UnitIsClosed."""
        self._change(Rehosted, at, node=node, since=since)

    def begin_anew(self, *, reason: str, since: date, at: datetime) -> None:
        """Let the unit's node begin without what the one before it has. Errors: UnitIsClosed."""
        self._require_open()
        self.record(BeganAnew, entry=replace(self.entry, since=since), reason=reason, at=at)

    def set_contact(self, *, contact: str, since: date, at: datetime) -> None:
        """Change the office's telephone. Errors: UnitIsClosed."""
        self._change(ContactSet, at, contact=contact, since=since)

    def close(self, *, since: date, at: datetime) -> None:
        """End a unit; `since` is the last day for which it owes a report. Errors: UnitIsClosed."""
        self._change(Closed, at, since=since)

    def _require_open(self) -> None:
        if self.closed_on is not None:
            raise UnitIsClosed(day=self.closed_on.isoformat())

    def _change(self, fact: type[UnitFact], at: datetime, **changed: Any) -> None:
        self._require_open()
        entry = replace(self.entry, **changed)
        _check_entry(entry)
        self.record(fact, entry=entry, at=at)


def _check_entry(entry: UnitEntry) -> None:
    if not entry.name.strip() or not _CODE.fullmatch(entry.code):
        raise NamelessUnit()


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
