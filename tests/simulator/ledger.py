"""An observer of all logs: reads what each node has made durable, also while its process is down.

Nobody in the network sees all of it. People's next orders and the verdict are made from here.
"""

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from shared.envelope import Envelope
from shared.work.catalogue import SUBJECTS
from shared.work.matters.stages import Stage, stage_after

REGISTERS = frozenset(stream.STREAM for one in SUBJECTS if one.records for stream in one.streams)
"""The stored kinds of streams that are records of a register."""


@dataclass
class CaseSeen:
    """A matter at the node of the office that registered it; `offer` is its open offer."""

    id: UUID
    node: str
    unit: UUID
    persons: int
    version: int = 1
    offer: UUID | None = None
    objected: bool = False
    ended: bool = False


@dataclass
class HandSeen:
    """A referral at the node of the office that has it; `open_offer` passed it on."""

    id: UUID
    node: str
    unit: UUID
    case: UUID
    offer: UUID
    stage: Stage = Stage.RECEIVED
    version: int = 1
    open_offer: UUID | None = None
    objected: bool = False


@dataclass
class OfferSeen:
    """An offer of a matter; `through` is set when it goes sideways."""

    offer: UUID
    case: UUID
    sender: UUID
    receiver: UUID
    to: UUID
    came_by: UUID | None
    overridden: bool = False


@dataclass
class LetterSeen:
    """A supervision letter."""

    id: UUID
    to: UUID
    case: UUID
    lifted: bool = False


@dataclass
class RecordSeen:
    """A record of a register; `kind` is its stored kind of stream."""

    id: UUID
    kind: str
    node: str
    unit: UUID
    version: int = 1


@dataclass
class UnitSeen:
    """An office in the directory; `nodes` are all nodes that ever kept it, the present one last.

    `parents` are all that it ever belonged to, `successors` all that ever went on with its work.
    """

    id: UUID
    code: str
    name: str
    kind: str
    parent: UUID | None
    nodes: list[str]
    open: bool = True
    successor: UUID | None = None
    parents: frozenset[UUID] = frozenset()
    successors: frozenset[UUID] = frozenset()

    @property
    def node(self) -> str:
        return self.nodes[-1]


@dataclass(frozen=True)
class Seen:
    """A durable own fact of a node, in the order of its log."""

    node: str
    envelope: Envelope
    data: dict[str, Any]


@dataclass
class Ledger:
    """Everything that all nodes have recorded so far; what a `liar` keeps is not looked at."""

    folders: dict[str, Path]
    liar: str = ""
    facts: list[Seen] = field(default_factory=list[Seen])
    cases: dict[UUID, CaseSeen] = field(default_factory=dict[UUID, CaseSeen])
    hands: dict[UUID, HandSeen] = field(default_factory=dict[UUID, HandSeen])
    offers: dict[UUID, OfferSeen] = field(default_factory=dict[UUID, OfferSeen])
    letters: dict[UUID, LetterSeen] = field(default_factory=dict[UUID, LetterSeen])
    records: dict[UUID, RecordSeen] = field(default_factory=dict[UUID, RecordSeen])
    units: dict[UUID, UnitSeen] = field(default_factory=dict[UUID, UnitSeen])
    reports: set[tuple[UUID, date]] = field(default_factory=set[tuple[UUID, date]])

    gone: dict[UUID, Seen] = field(default_factory=dict[UUID, Seen])
    """Facts that a disk took with it and a restore did not bring back."""
    torn: set[UUID] = field(default_factory=set[UUID])
    """Streams of which such a fact is missing in the middle."""

    def __post_init__(self) -> None:
        self._read_to = dict.fromkeys(self.folders, 0)
        self._known: set[UUID] = set()
        self._files = {name: _opened(folder) for name, folder in self.folders.items()}

    def close(self) -> None:
        """Let go of the files."""
        for file in self._files.values():
            file.close()

    def _look(self, node: str) -> None:
        for number, envelope in self._facts_of(node, self._read_to[node]):
            self._read_to[node] = number
            if envelope.id not in self._known:
                self._take(Seen(node, envelope, json.loads(envelope.data)))

    def _facts_of(self, node: str, after: int = 0) -> list[tuple[int, Envelope]]:
        query = "SELECT id, state FROM stored_events WHERE id > ? ORDER BY id"
        rows = self._files[node].execute(query, (after,)).fetchall()
        return [(number, Envelope.read(bytes(state))) for number, state in rows]

    def _take(self, seen: Seen) -> None:
        self._known.add(seen.envelope.id)
        self.gone.pop(seen.envelope.id, None)
        self.facts.append(seen)
        if take := _TAKES.get(seen.envelope.name):
            take(self, seen)
        elif seen.envelope.kind in REGISTERS:
            _record(self, seen)

    def disk_is_lost(self, node: str) -> None:
        """From now on nobody sees this node's log."""
        self._look(node)
        self._files.pop(node).close()

    def is_lost(self, node: str) -> bool:
        """Whether a node's log is not to be seen: it has not been put back yet."""
        return node not in self._files

    def is_gone(self, offer: UUID) -> bool:
        """Whether the fact that made an offer is gone with a disk."""
        made = (seen.data["handover"] for seen in self.gone.values() if "handover" in seen.data)
        return any(UUID(handover["offer"]) == offer for handover in made)

    def log_is_back(self, node: str) -> None:
        """A node has put back what others held: what is not in its log now is gone."""
        self._files[node] = _opened(self.folders[node])
        self._read_to[node] = 0
        here = {envelope.id for _, envelope in self._facts_of(node)}
        before, self.facts = self.facts, []
        lost = {
            seen.envelope.id: seen for seen in before if seen.node == node and seen.envelope.id not in here
        }
        self.gone |= lost
        self._tell_again([seen for seen in before if seen.envelope.id not in lost])
        self._look(node)

    def _tell_again(self, facts: list[Seen]) -> None:
        """See everything anew, as if the rest had never been."""
        self.torn = torn_streams(facts)
        for seen in (
            self.cases,
            self.hands,
            self.offers,
            self.letters,
            self.records,
            self.units,
            self.reports,
            self._known,
        ):
            seen.clear()
        for seen in facts:
            self._take(seen)

    def look_everywhere(self) -> None:
        """Take note of what every node has recorded since the last look."""
        for node in self._files:
            self._look(node)

    def present(self, unit: UUID) -> UUID:
        """The office that answers for a unit by now."""
        while successor := self.units[unit].successor:
            unit = successor
        return unit

    def watchers(self, unit: UUID) -> set[UUID]:
        """The offices that a unit, or one that went on with its work, belonged to at any time."""
        found, waiting = {unit}, [unit]
        while waiting:
            more = self.units[waiting.pop()].successors - found
            found |= more
            waiting += more
        return {above for one in found for above in self.units[one].parents}

    def rows(self, node: str, query: str) -> list[tuple[Any, ...]]:
        """Rows of a node's database as they are stored."""
        return self._files[node].execute(query).fetchall()


_Streams = Mapping[UUID, CaseSeen] | Mapping[UUID, HandSeen]


def _opened(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{folder / 'log.sqlite'}?mode=ro", uri=True)


def torn_streams(facts: list[Seen]) -> set[UUID]:
    """Streams of which a fact is missing before another one."""
    versions: dict[UUID, list[int]] = {}
    for seen in facts:
        versions.setdefault(seen.envelope.stream, []).append(seen.envelope.stream_version)
    return {stream for stream, of in versions.items() if max(of) > len(of)}


def _case_began(ledger: Ledger, seen: Seen) -> None:
    persons = len(seen.data["content"]["petitioners"])
    stream = seen.envelope.stream
    ledger.cases[stream] = CaseSeen(stream, seen.node, seen.envelope.unit, persons)


def _case(**values: Any) -> Callable[[Ledger, Seen], None]:
    def take(ledger: Ledger, seen: Seen) -> None:
        _set(ledger, ledger.cases, seen, values)

    return take


def _hand(**values: Any) -> Callable[[Ledger, Seen], None]:
    def take(ledger: Ledger, seen: Seen) -> None:
        _set(ledger, ledger.hands, seen, values)

    return take


def _set(ledger: Ledger, of: _Streams, seen: Seen, values: dict[str, Any]) -> None:
    if seen.envelope.stream in ledger.torn and seen.envelope.stream not in of:
        return
    found = of[seen.envelope.stream]
    found.version = seen.envelope.stream_version
    if isinstance(found, HandSeen):
        found.stage = stage_after(seen.envelope.name, seen.data.__getitem__, found.stage) or found.stage
    for name, value in values.items():
        setattr(found, name, value)


def _offered(ledger: Ledger, seen: Seen) -> None:
    handover, stream = seen.data["handover"], seen.envelope.stream
    offer, to = UUID(handover["offer"]), UUID(seen.data["to"])
    receiver = UUID(seen.data["through"]) if seen.data["through"] else to
    came_by = UUID(handover["came_by"]) if handover["came_by"] else None
    case = UUID(handover["case"])
    ledger.offers[offer] = OfferSeen(offer, case, seen.envelope.unit, receiver, to, came_by)
    if stream in ledger.cases:
        _set(ledger, ledger.cases, seen, {"offer": offer, "objected": False})
    else:
        _set(ledger, ledger.hands, seen, {"open_offer": offer, "objected": False})


def _hand_began(ledger: Ledger, seen: Seen) -> None:
    stream, data = seen.envelope.stream, seen.data
    ledger.hands[stream] = HandSeen(
        stream, seen.node, seen.envelope.unit, UUID(data["case"]), UUID(data["offer"])
    )


def _overridden(ledger: Ledger, seen: Seen) -> None:
    offer = UUID(seen.data["offer"])
    # People name offers that their node has not heard of; it may be gone with a disk.
    if offer in ledger.offers or not ledger.is_gone(offer):
        ledger.offers[offer].overridden = True


def _letter(ledger: Ledger, seen: Seen) -> None:
    stream, data = seen.envelope.stream, seen.data
    ledger.letters[stream] = LetterSeen(stream, UUID(data["to"]), UUID(data["case"]))


def _record(ledger: Ledger, seen: Seen) -> None:
    envelope = seen.envelope
    ledger.records[envelope.stream] = RecordSeen(
        envelope.stream, envelope.kind, seen.node, envelope.unit, envelope.stream_version
    )


def _lifted(ledger: Ledger, seen: Seen) -> None:
    if seen.envelope.stream in ledger.letters or seen.envelope.stream not in ledger.torn:
        ledger.letters[seen.envelope.stream].lifted = True


def _reported(ledger: Ledger, seen: Seen) -> None:
    ledger.reports.add((seen.envelope.unit, date.fromisoformat(seen.data["day"])))


def _unit(ledger: Ledger, seen: Seen) -> None:
    entry, stream = seen.data["entry"], seen.envelope.stream
    known = ledger.units.get(stream)
    parent = UUID(entry["parent"]) if entry["parent"] else None
    before = known.nodes if known else []
    nodes = before if before[-1:] == [entry["node"]] else [*before, entry["node"]]
    is_open = seen.envelope.name != "unit.closed"
    successor = UUID(seen.data["successor"]) if seen.data.get("successor") else None
    parents = (known.parents if known else frozenset()) | ({parent} if parent else set())
    successors = (known.successors if known else frozenset()) | ({successor} if successor else set())
    ledger.units[stream] = UnitSeen(
        *(stream, entry["code"], entry["name"], entry["kind"], parent, nodes, is_open, successor),
        *(parents, successors),
    )
    for kept in (*ledger.cases.values(), *ledger.hands.values(), *ledger.records.values()):
        if kept.unit == stream:
            kept.node = entry["node"]


def _taken_over(ledger: Ledger, seen: Seen) -> None:
    for records in (ledger.cases, ledger.hands, ledger.records):
        if found := records.get(seen.envelope.stream):
            found.version = seen.envelope.stream_version


_FREE = {"offer": None, "objected": False}
_BACK = {"open_offer": None, "objected": False}
_TAKES: dict[str, Callable[[Ledger, Seen], None]] = {
    "record.taken_over": _taken_over,
    "case.registered": _case_began,
    "case.corrected": _case(),
    "case.classified": _case(),
    "case.referred": _offered,
    "case.objection_arrived": _case(objected=True),
    "case.return_agreed": _case(**_FREE),
    "case.return_refused": _case(objected=False),
    "case.offer_ended": _case(**_FREE),
    "case.withdrawn": _case(ended=True, **_FREE),
    "case.concluded": _case(ended=True, **_FREE),
    "referral.received": _hand_began,
    "referral.accepted": _hand(),
    "referral.not_accepted": _hand(),
    "referral.objected": _hand(),
    "referral.objection_answered": _hand(),
    "referral.passed_on": _offered,
    "referral.objection_arrived": _hand(objected=True),
    "referral.return_agreed": _hand(**_BACK),
    "referral.return_refused": _hand(objected=False),
    "referral.offer_ended": _hand(**_BACK),
    "referral.opinion_given": _hand(),
    "referral.served": _hand(),
    "referral.completed": _hand(),
    "referral.reported_back": _hand(**_BACK),
    "referral.released": _hand(),
    "referral.stopped": _hand(**_BACK),
    "override.ordered": _overridden,
    "supervision.issued": _letter,
    "supervision.lifted": _lifted,
    "report.filed": _reported,
    "unit.opened": _unit,
    "unit.renamed": _unit,
    "unit.rehosted": _unit,
    "unit.contact_set": _unit,
    "unit.moved": _unit,
    "unit.closed": _unit,
    "unit.reopened": _unit,
}
