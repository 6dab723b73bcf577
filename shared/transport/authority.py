"""Whether a fact that arrived is its sender's to say: by the directory, the first writer of its record, and its own rule.

| what is looked at | a fact that fails it |
| --- | --- |
| case and addressees beside it are those that it speaks of | is not its sender's |
| the directory's facts come from the county's node | is not its sender's |
| the node keeps the unit that acts, or kept it | waits for the directory, then is not its sender's |
| what comes to a mailbox is addressed to a unit that is or was kept there | waits for the directory, then is not its sender's |
| its record was begun by that node, under the id that its cause gives | is not its sender's |
| its texts are sealed for it, under the keys of what it is about | is not its sender's |
| the rule of its kind (`Fact.require_theirs`) | waits for evidence, then is not its sender's |

What is missing is asked for (`shared/node/evidence.py`). While `told` holds what those who must know have said since
a fact came, nothing that it could rest on is still under way, and what does not rest on it is a lie.
"""

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from shared.envelope import Envelope
from shared.event_log.group import Group
from shared.event_log.known import JournaledFact
from shared.event_log.mapper import fact_of
from shared.event_log.names import fact_classes
from shared.transport.departures import followed
from shared.transport.evidence_here import EvidenceHere, Told, statement_of
from shared.transport.routes import DIRECTORY_KINDS, node_of_mailbox, way_of
from shared.transport.seals_of import require_seals
from shared.transport.stream_writers import StreamWriters
from shared.work.common.authority import About, NotTheirs, Speaker, Statement, require
from shared.work.common.fact import Fact, FirstFact
from shared.work.common.hand_over import TakenOver
from shared.work.common.unit_tree import Directory


class Authority:
    """Judges facts inside the node's writer; `committed` gives the directory, `told` what was answered meanwhile.

    While the node takes back what it had sent, its log is not whole: what is not here may have been.
    """

    def __init__(
        self, me: str, county: str, committed: Callable[[], Directory], *, is_whole: bool = True
    ) -> None:
        self.me = me
        self.county = county
        self.is_whole = is_whole
        self._committed = committed
        self._writers = StreamWriters(me)
        self._group: Group | None = None
        self.directory = committed()
        self.told: Mapping[About, Told] = {}

    def begin(self, group: Group, facts: Iterable[Envelope]) -> None:
        """These are about to be judged, by what was committed and what the group has taken so far."""
        if self._group is not group:
            self._group = group
            self.directory = self._committed()
            group.on_commit.append(self._forget_group)
            group.on_rollback.append(self._forget_group)
        self._writers.begin(group, {envelope.stream for envelope in facts})

    def require_theirs(self, group: Group, envelope: Envelope, route: str) -> None:
        """Go on only if a fact is its sender's to say, and that way. Errors: NotTheirs, Waits, UnknownFact."""
        said = statement_of(envelope)
        fact = fact_classes()[envelope.name]
        try:
            _require_attributes(envelope, fact)
            evidence = EvidenceHere(self, group)
            evidence.require_speaker(said, fact)
            if way_of(route) == route:
                evidence.require_not_handed_over(said, route)
            if node_of_mailbox(route) and said.kind not in DIRECTORY_KINDS:
                evidence.require_here(said.unit, envelope.addressees)
            self._require_record(said, fact, evidence, route)
            require_seals(said, fact, envelope.correlation)
            fact.require_theirs(said, evidence)
        except (LookupError, ValueError, TypeError, AttributeError) as error:
            raise NotTheirs(f"says what cannot be ({type(error).__name__}: {error})") from error

    def took(self, group: Group, known: JournaledFact) -> None:
        """A fact was taken: what follows is judged by it, too."""
        if not self._is_outdated(known.envelope):
            self._writers.note(group, known.envelope.stream, known.envelope.source)
        self.directory = followed(self.directory, known)

    def _is_outdated(self, envelope: Envelope) -> bool:
        """Whether a later home of the unit writes the record by now: what an earlier one had sent may come after that."""
        last = {node: place for place, node in enumerate(self.directory.homes(envelope.unit))}
        writer = self._writers.of(envelope.stream)
        return writer is not None and last.get(envelope.source, 0) < last.get(writer, 0)

    def _forget_group(self) -> None:
        self._group = None

    def _require_record(self, said: Statement, fact: type[Fact], evidence: EvidenceHere, route: str) -> None:
        writer = self._writers.of(said.stream)
        if fact is TakenOver:
            evidence.require_the_one_before(said)
        else:
            may = writer in (None, said.source) or evidence.may_have_moved(said, writer)
            require(may, f"the record is written by {writer}")
            # What came back to a restored node may be the later part of a record alone, and comes again as it is.
            if said.version > 1 and writer is None and way_of(route) == route:
                require(not evidence.is_above(said.source), "continues a record that it never began")
        require(
            issubclass(fact, FirstFact) == (said.version == 1), "does not stand in its place of the record"
        )
        if issubclass(fact, FirstFact) and fact.SAID_BY is Speaker.KEEPER:
            require(fact.stream_of(said) == said.stream, "begins the record of another")


def _require_attributes(envelope: Envelope, fact: type[Fact]) -> None:
    """What stands beside a fact is what it says itself. Errors: NotTheirs, UnknownFact."""
    addressees: tuple[UUID, ...] = ()
    concerns: UUID | None = None
    if fact.addressees is not Fact.addressees or fact.concerns is not Fact.concerns:
        made = fact_of(envelope)
        addressees, concerns = made.addressees(), made.concerns()
    require(envelope.correlation == concerns, "is filed under another case than it speaks of")
    require(envelope.addressees == addressees, "is addressed to others than it concerns")
