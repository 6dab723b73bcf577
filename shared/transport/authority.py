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
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn
from uuid import UUID

from shared.envelope import Envelope, fact_id
from shared.event_log.group import Group
from shared.event_log.known import JournaledFact
from shared.event_log.mapper import data_of, fact_of
from shared.event_log.names import fact_classes
from shared.transport.departures import followed
from shared.transport.routes import DIRECTORY_KINDS, node_of_mailbox, readers_of_up
from shared.transport.seals_of import require_seals
from shared.transport.stream_writers import StreamWriters
from shared.work.common.authority import About, Kind, NotTheirs, Speaker, Statement, Waits, require
from shared.work.common.fact import Fact, FirstFact
from shared.work.common.unit_tree import Directory


@dataclass(frozen=True)
class Told:
    """What somebody said of a piece of evidence: how much there is of it, and the fact itself if the county showed it."""

    has: int
    fact: Envelope | None = None


def statement_of(envelope: Envelope) -> Statement:
    """A fact as it is judged. Errors: UnknownFact."""
    return Statement(
        *(envelope.id, envelope.source, envelope.incarnation, envelope.kind, envelope.stream),
        *(envelope.stream_version, envelope.name, envelope.unit, data_of(envelope)),
    )


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
            evidence = _Evidence(self, group)
            evidence.require_speaker(said, fact)
            if node_of_mailbox(route) and said.kind not in DIRECTORY_KINDS:
                evidence.require_here(envelope.addressees, said.unit)
            self._require_record(said, fact, evidence)
            require_seals(said, fact, envelope.correlation)
            fact.require_theirs(said, evidence)
        except (LookupError, ValueError, TypeError, AttributeError) as error:
            raise NotTheirs(f"says what cannot be ({type(error).__name__}: {error})") from error

    def took(self, group: Group, known: JournaledFact) -> None:
        """A fact was taken: what follows is judged by it, too."""
        self._writers.note(group, known.envelope.stream, known.envelope.source)
        self.directory = followed(self.directory, known)

    def _forget_group(self) -> None:
        self._group = None

    def _require_record(self, said: Statement, fact: type[Fact], evidence: "_Evidence") -> None:
        writer = self._writers.of(said.stream)
        require(writer in (None, said.source), f"the record is written by {writer}")
        if said.version > 1 and writer is None:
            require(not evidence.is_above(said.source), "continues a record that it never began")
        require(
            issubclass(fact, FirstFact) == (said.version == 1), "does not stand in its place of the record"
        )
        if issubclass(fact, FirstFact) and fact.SAID_BY is Speaker.KEEPER:
            require(fact.stream_of(said) == said.stream, "begins the record of another")


class _Evidence:
    """What is known here, for the rules of facts."""

    def __init__(self, authority: Authority, group: Group) -> None:
        self._authority = authority
        self._group = group
        self.directory = authority.directory

    def require_speaker(self, said: Statement, fact: type[Fact]) -> None:
        """Go on only if the node may speak for the unit. Errors: Waits, NotTheirs."""
        if said.kind in DIRECTORY_KINDS or fact.SAID_BY is Speaker.COUNTY:
            require(said.source == self._authority.county, "only the county's node may say this")
        elif said.source not in self.directory.keepers(said.unit):
            self._miss_unit(said.unit, "speaks for a unit that it never kept")

    def require_here(self, addressees: tuple[UUID, ...], speaker: UUID) -> None:
        """Go on only if this node keeps or kept one that a fact is addressed to, or an office above whoever speaks.

        Errors: Waits, NotTheirs.
        """
        heard_by = (*addressees, *self.directory.all_above_ever(speaker))
        if any(self._authority.me in self.directory.keepers(unit) for unit in heard_by):
            return
        for unit in (*addressees, speaker):
            with suppress(NotTheirs):
                self._miss_unit(unit, "")
        raise NotTheirs("came to a node that keeps none of those it is addressed to")

    def require_unit(self, unit: UUID) -> None:
        """Go on only if a unit is known. Errors: Waits, NotTheirs."""
        if self.directory.find(unit) is None:
            self._miss_unit(unit, "names a unit that there is not")

    def fact(self, id: UUID, by: UUID) -> Statement:
        """A fact that a unit's node recorded. Errors: Waits, NotTheirs."""
        found = self._find([id])
        if found is not None:
            return found
        self.require_unit(by)
        mine = self.directory.keepers(by) == {self._authority.me} and self._authority.is_whole
        require(not mine, "rests on a fact that there is not")
        return self._shown(About(Kind.FACT, id, by), "rests on a fact that there is not")

    def own_fact(self, id: UUID, said: Statement) -> Statement:
        """An earlier fact of whoever speaks. Errors: NotTheirs; Waits where it was sent before this node heard of it."""
        what = "rests on a fact that it never sent"
        found = self._heard([id], said, (), what)
        if found is None and self._only_watches(said):
            return self.fact(id, said.unit)
        return found or self._gone(id, said, what)

    def _only_watches(self, said: Statement) -> bool:
        """Whether this node hears of the unit because it belongs to an office here, and since that was so alone."""
        watched_by = self.directory.all_above_ever(said.unit)
        is_kept = any(self._authority.me in self.directory.keepers(unit) for unit in watched_by)
        return is_kept and not self.is_above(said.source)

    def beginning(self, said: Statement, *heard_by: UUID) -> Statement | None:
        """The first fact of the record that a later one continues. Errors: NotTheirs."""
        ids = [_id_of(said, said.stream, 1, of) for of in range(1, said.incarnation + 1)]
        return self._heard(ids, said, heard_by, "continues a record that it never began")

    def heard(self, id: UUID, said: Statement, *heard_by: UUID) -> Statement | None:
        """An earlier fact of whoever speaks, if this node hears it. Errors: NotTheirs."""
        return self._heard([id], said, heard_by, "rests on a fact that it never sent")

    def _heard(
        self, ids: list[UUID], said: Statement, heard_by: tuple[UUID, ...], what: str
    ) -> Statement | None:
        found = self._find(ids)
        if found is None and self._hears_all_of(said.source, heard_by):
            self._gone(ids[0], said, what)
        require(found is None or found.source == said.source, what)
        return found

    def letter(self, stream: UUID) -> Statement:
        """The first fact of a record that the county began. Errors: Waits, NotTheirs."""
        county = self._authority.county
        found = self._find([fact_id(county, of, stream, 1) for of in range(1, INCARNATIONS + 1)])
        return found or self._shown(About(Kind.STREAM, stream), "answers a letter that was never written")

    def _gone(self, id: UUID, said: Statement, what: str) -> NoReturn:
        """What comes the same way and is not here was never sent, unless this node lost it. Errors: NotTheirs, Waits."""
        if not self._authority.is_whole:
            raise Waits(About(Kind.FACT, id, said.unit))
        raise NotTheirs(what)

    def _hears_all_of(self, source: str, units: tuple[UUID, ...]) -> bool:
        return self.is_above(source) or any(
            self._authority.me in self.directory.keepers(unit) for unit in units
        )

    def is_above(self, source: str) -> bool:
        """Whether this node reads everything that another one records."""
        return source in self.directory.nodes and self._authority.me in readers_of_up(source, self.directory)

    def _find(self, ids: list[UUID]) -> Statement | None:
        known = self._group.find_facts(ids)
        return statement_of(known[0].envelope) if known else None

    def _shown(self, about: About, what: str) -> Statement:
        """A fact that the county has shown. Errors: Waits, NotTheirs."""
        told = self._authority.told.get(about)
        if told is None or told.fact is None:
            self._miss(about, 0, what)
        require(about.id in (told.fact.id, told.fact.stream), what)
        return statement_of(told.fact)

    def _miss_unit(self, unit: UUID, what: str) -> NoReturn:
        known = self.directory.find(unit)
        self._miss(About(Kind.UNIT, unit), known.version if known else 0, what)

    def _miss(self, about: About, known: int, what: str) -> NoReturn:
        """What is not here may be under way, unless whoever must know has said that it is not. Errors: NotTheirs, Waits."""
        is_county = self._authority.me == self._authority.county and self._authority.is_whole
        told = Told(known) if is_county and about.by is None else self._authority.told.get(about)
        if told is None or told.has > known:
            raise Waits(about)
        raise NotTheirs(what)


INCARNATIONS = 20
"""How often a county's node may have been restored. Unit: incarnations; a restore is an event of years."""


def _id_of(said: Statement, stream: UUID, version: int, incarnation: int | None = None) -> UUID:
    return fact_id(said.source, incarnation or said.incarnation, stream, version)


def _require_attributes(envelope: Envelope, fact: type[Fact]) -> None:
    """What stands beside a fact is what it says itself. Errors: NotTheirs, UnknownFact."""
    addressees: tuple[UUID, ...] = ()
    concerns: UUID | None = None
    if fact.addressees is not Fact.addressees or fact.concerns is not Fact.concerns:
        made = fact_of(envelope)
        addressees, concerns = made.addressees(), made.concerns()
    require(envelope.correlation == concerns, "is filed under another case than it speaks of")
    require(envelope.addressees == addressees, "is addressed to others than it concerns")
