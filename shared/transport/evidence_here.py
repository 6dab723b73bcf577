"""What a receiver knows, for the rules of facts: by the directory, its journal, and what those who must know have said."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import NoReturn, Protocol
from uuid import UUID

from shared.envelope import Envelope, fact_id
from shared.event_log.group import Group
from shared.event_log.mapper import data_of
from shared.event_log.names import stream_classes
from shared.transport.routes import DIRECTORY_KINDS, readers_of_up
from shared.transport.stream_writers import places_of
from shared.work.common.authority import About, Kind, NotTheirs, Speaker, Statement, Waits, require
from shared.work.common.fact import Fact
from shared.work.common.hand_over import HandOver
from shared.work.common.unit_tree import Directory

INCARNATIONS = 20
"""How often a county's node may have been restored. Unit: incarnations; a restore is an event of years."""


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


class Judge(Protocol):
    """Who judges: a node, and what it was told of evidence that has not come."""

    me: str
    county: str
    is_whole: bool
    directory: Directory
    told: Mapping[About, Told]


class EvidenceHere:
    """What is known here, for the rules of facts."""

    def __init__(self, judge: Judge, group: Group) -> None:
        self._judge = judge
        self._group = group
        self.directory = judge.directory

    def require_speaker(self, said: Statement, fact: type[Fact]) -> None:
        """Go on only if the node may speak for the unit. Errors: Waits, NotTheirs."""
        if said.kind in DIRECTORY_KINDS or fact.SAID_BY is Speaker.COUNTY:
            require(said.source == self._judge.county, "only the county's node may say this")
        elif said.source not in self.directory.keepers(said.unit):
            self._miss_unit(said.unit, "speaks for a unit that it never kept")

    def require_not_handed_over(self, said: Statement, route: str) -> None:
        """Go on only if whoever speaks has not closed its part of the unit's records.

        Who hears all of it knows the order; what comes again after a restore has none. Errors: NotTheirs.
        """
        require(not self._has_handed_over(said, route), "speaks for a unit that it has handed over")

    def _has_handed_over(self, said: Statement, route: str) -> bool:
        homes = self.directory.homes(said.unit)
        is_former = said.source in homes[:-1] and said.source != homes[-1]
        if not is_former or stream_classes()[said.kind].STAYS or not self.is_above(said.source):
            return False
        home = len(homes) - homes[::-1].index(said.source) + 1
        stream = HandOver.id_for(said.source, said.unit, home, 0)
        hand = self._find([fact_id(said.source, of, stream, 1) for of in range(1, INCARNATIONS + 1)])
        if hand is None or hand.incarnation > said.incarnation:
            return False
        # What waited for evidence is judged again when the hand-over has long come; its number says which was first.
        places = places_of(self._group.asking, [said.id, hand.id], said.source, route)
        return said.id not in places or places[said.id] > places.get(hand.id, places[said.id])

    def require_here(self, unit: UUID, addressees: tuple[UUID, ...]) -> None:
        """Go on only if this node keeps or kept one that a fact is addressed to.

        What there is of a unit that moved comes this way, too: to its new node, and to who is above that one; and what
        offices say that ever belonged to one that is kept here. Errors: Waits, NotTheirs.
        """
        if any(
            self._judge.me in self.directory.keepers(one)
            for one in (*addressees, *self.directory.all_above_ever(unit))
        ):
            return
        if any(self._has_come_here(one) for one in (unit, *addressees)):
            return
        for one in (*addressees, unit):
            with suppress(NotTheirs):
                self._miss_unit(one, "")
        raise NotTheirs("came to a node that keeps none of those it is addressed to")

    def _has_come_here(self, unit: UUID) -> bool:
        homes = self.directory.homes(unit)
        return len(homes) > 1 and any(node == self._judge.me or self.is_above(node) for node in homes)

    def may_have_moved(self, said: Statement, writer: str | None) -> bool:
        """Whether the record may have gone over to whoever speaks, as far as this node can know.

        Who hears all of the present keeper hears of that, too (`TakenOver`); an earlier one may come later, but not in
        the place of another fact.
        """
        homes = self.directory.homes(said.unit)
        if not {said.source, writer} <= {*homes} or (said.source == homes[-1] and self.is_above(said.source)):
            return False
        return self._find(_ids_at([*{*homes} - {said.source}], said.stream, said.version)) is None

    def require_the_one_before(self, said: Statement) -> None:
        """Go on only if the fact is here that a record is taken over after; it may wait still, or come later. Errors: Waits."""
        before = _ids_at(self.directory.homes(said.unit), said.stream, said.version - 1)
        if self.is_above(said.source) and self._find(before) is None:
            raise Waits(About(Kind.FACT, UUID(said.data["hand_over"]), said.unit))

    def require_unit(self, unit: UUID, version: int = 1) -> None:
        """Go on only if a unit is known as of a version of its record. Errors: Waits, NotTheirs."""
        known = self.directory.find(unit)
        if known is None or known.version < version:
            self._miss_unit(unit, "names a unit that there is not")

    def fact(self, id: UUID, by: UUID) -> Statement:
        """A fact that a unit's node recorded. Errors: Waits, NotTheirs."""
        found = self._find([id])
        if found is not None:
            return found
        self.require_unit(by)
        mine = self.directory.keepers(by) == {self._judge.me} and self._judge.is_whole
        require(not mine, "rests on a fact that there is not")
        return self._shown(About(Kind.FACT, id, by), "rests on a fact that there is not")

    def came(self, id: UUID, by: UUID, said: Statement) -> Statement:
        """A fact that a unit's node recorded, which is to come here, too, where all of whoever speaks comes here."""
        about = About(Kind.FACT, id, by)
        if self._find([id]) is None and self.is_above(said.source) and not self._is_denied(id, by):
            raise Waits(about)
        return self.fact(id, by)

    def own_fact(self, id: UUID, said: Statement) -> Statement:
        """An earlier fact of whoever speaks. Errors: NotTheirs."""
        what = "rests on a fact that it never sent"
        found = self._heard([id], said, (), what)
        if found is None and self._only_watches(said):
            return self.fact(id, said.unit)
        return found or self._gone([id], said, what)

    def _only_watches(self, said: Statement) -> bool:
        """Whether this node hears of the unit because it belongs to an office here, and since that was so alone."""
        watched_by = self.directory.all_above_ever(said.unit)
        is_kept = any(self._judge.me in self.directory.keepers(unit) for unit in watched_by)
        return is_kept and not self.is_above(said.source)

    def beginning(self, said: Statement, *heard_by: UUID) -> Statement | None:
        """The first fact of the record that a later one continues. Errors: NotTheirs."""
        homes = [node for node in self.directory.homes(said.unit) if node != said.source]
        ids = [fact_id(said.source, of, said.stream, 1) for of in range(said.incarnation, 0, -1)]
        ids += _ids_at(homes, said.stream, 1)
        return self._heard(ids, said, heard_by, "continues a record that it never began")

    def heard(self, id: UUID, said: Statement, *heard_by: UUID) -> Statement | None:
        """An earlier fact of whoever speaks, if this node hears it. Errors: NotTheirs."""
        return self._heard([id], said, heard_by, "rests on a fact that it never sent")

    def _heard(
        self, ids: list[UUID], said: Statement, heard_by: tuple[UUID, ...], what: str
    ) -> Statement | None:
        found = self._find(ids) or self._told(ids, said.unit)
        if found is None and self._hears_all_of(said.source, heard_by):
            self._gone(ids, said, what)
        require(found is None or found.source in self._speakers(said), what)
        return found

    def _told(self, ids: list[UUID], unit: UUID) -> Statement | None:
        """The first of some facts that the county has shown."""
        told = (self._judge.told.get(About(Kind.FACT, id, unit)) for id in ids)
        return next((statement_of(one.fact) for one in told if one and one.fact), None)

    def _speakers(self, said: Statement) -> set[str]:
        """Who speaks, and the other nodes that keep or kept the unit in whose name it does."""
        return {said.source, *self.directory.keepers(said.unit)}

    def letter(self, stream: UUID) -> Statement:
        """The first fact of a record that the county began. Errors: Waits, NotTheirs."""
        county = self._judge.county
        found = self._find([fact_id(county, of, stream, 1) for of in range(1, INCARNATIONS + 1)])
        return found or self._shown(About(Kind.STREAM, stream), "answers a letter that was never written")

    def _gone(self, ids: list[UUID], said: Statement, what: str) -> NoReturn:
        """What comes the same way and is not here was never sent, unless this node lost it.

        What an earlier incarnation of the sender sent comes another way and later, as does, once any unit has moved, what
        its earlier node sent, and what was sent to that one; and who is not above the sender was perhaps not known to it
        when it sent the first. Errors: NotTheirs, Waits.
        """
        has_moved = any(len(unit.homes) > 1 for unit in self.directory.units.values())
        comes_otherwise = said.incarnation > 1 or has_moved or not self.is_above(said.source)
        for id in ids if comes_otherwise or not self._judge.is_whole else ():
            if not self._judge.is_whole or not self._is_denied(id, said.unit):
                raise Waits(About(Kind.FACT, id, said.unit))
        raise NotTheirs(what)

    def _is_denied(self, id: UUID, unit: UUID) -> bool:
        """Whether all who may have recorded a fact have said that there is none."""
        told = self._judge.told.get(About(Kind.FACT, id, unit))
        return told is not None and told.has == 0

    def _hears_all_of(self, source: str, units: tuple[UUID, ...]) -> bool:
        return self.is_above(source) or any(self._judge.me in self.directory.keepers(unit) for unit in units)

    def is_above(self, source: str) -> bool:
        """Whether this node reads everything that another one records."""
        return self._judge.me in readers_of_up(source, self.directory)

    def _find(self, ids: list[UUID]) -> Statement | None:
        known = self._group.find_facts(ids)
        return statement_of(known[0].envelope) if known else None

    def _shown(self, about: About, what: str) -> Statement:
        """A fact that the county has shown. Errors: Waits, NotTheirs."""
        told = self._judge.told.get(about)
        if told is None or told.fact is None:
            self._miss(about, 0, what)
        require(about.id in (told.fact.id, told.fact.stream), what)
        return statement_of(told.fact)

    def _miss_unit(self, unit: UUID, what: str) -> NoReturn:
        known = self.directory.find(unit)
        # Before release 0.2 a computer was not told what had been said of an office before it came there.
        is_whole = known is not None and known.opened_on > date.min
        self._miss(About(Kind.UNIT, unit), known.version if known and is_whole else 0, what)

    def _miss(self, about: About, known: int, what: str) -> NoReturn:
        """What is not here may be under way, unless whoever must know has said that it is not. Errors: NotTheirs, Waits."""
        is_county = self._judge.me == self._judge.county and self._judge.is_whole
        told = Told(known) if is_county and about.by is None else self._judge.told.get(about)
        if told is None or told.has > known:
            raise Waits(about)
        raise NotTheirs(what)


def _ids_at(nodes: Iterable[str], stream: UUID, version: int) -> list[UUID]:
    """The ids that a fact in a place of a record may bear, by whichever of some nodes it was recorded."""
    return [fact_id(node, of, stream, version) for node in nodes for of in range(1, INCARNATIONS + 1)]
