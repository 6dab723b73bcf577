"""Offices that move to another node: the old one hands over what there is of them, the new one goes on from it.

| who | what it does |
| --- | --- |
| the node that kept it | says once what there is (`HandedOver`), sends its own facts of the office, then records nothing more for it |
| the same, later | names what still comes to it for the office, which the new node then asks for |
| the node that keeps it now | asks others for what they had sent to the old one; begins when all is here; until then what follows waits |
| who is above the new one only | asks for the same, since nothing of the past came to it |
"""

import contextlib
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select

from shared.event_log.group import Group
from shared.event_log.known import JournaledFact
from shared.event_log.tables import AWAITED_FACTS, CAME_TOO_LATE, OFFICES_TAKEN
from shared.node.ground import Ground
from shared.node.handing_over import Leaving, hand_over, hand_over_late, records_given, show_past
from shared.node.outgoing import Outgoing, OutgoingControl
from shared.node.taking_over import take_over
from shared.node.ways import Ways
from shared.transport.evidence_given import give
from shared.transport.messages import Control
from shared.transport.routes import readers_of_up
from shared.work.common.authority import About, Kind
from shared.work.common.hand_over import HandedOver
from shared.work.common.refusals import Refusal
from shared.work.common.unit_info import UnitInfo
from shared.work.common.unit_tree import Directory

ASKED_AT_ONCE = 500
"""Facts that one message asks for. Unit: facts; a message of about 20 KB."""


@dataclass(frozen=True)
class Moving:
    """One node's part in offices that move; `stays` are the kinds of records that stay with their node.

    `write` queues work of the node's writer. While it `is_quiet` (a restore) nothing is handed over or taken over.
    """

    me: str
    county: str
    engine: Engine
    directory: Callable[[], Directory]
    outgoing: Outgoing
    stays: frozenset[str]
    now: Callable[[], datetime]
    write: Callable[[Callable[[Group], Any]], "Future[Any]"]
    is_quiet: bool
    _taken: set[tuple[UUID, int]] = field(default_factory=set)
    _said: set[tuple[UUID, int]] = field(default_factory=set)
    _awaited: dict[UUID, tuple[str, bool]] = field(default_factory=dict)
    _late: set[UUID] = field(default_factory=set)
    _shown: set[tuple[UUID, str]] = field(default_factory=set)
    _looked_after: list[Group] = field(default_factory=list)

    def load(self) -> None:
        """Begin from what the database holds."""
        with self.engine.connect() as connection:
            self._taken.update((row.unit, row.home) for row in connection.execute(select(OFFICES_TAKEN)))
            self._late.update(connection.scalars(select(CAME_TOO_LATE.c.fact)))
            for row in connection.execute(select(AWAITED_FACTS)):
                self._awaited[row.fact] = row.source, row.followed

    def awaits(self, unit: UUID, record: UUID | None = None) -> bool:
        """Whether a unit has moved here and must wait for what there is of it.

        One that begins anew waits for those records that this node had, and handed over when the unit left it.
        """
        found = self.directory().find(unit)
        if found is None or not self._is_untaken(unit):
            return False
        return not found.begins_anew or (record is not None and record in self._given_away(found))

    def _given_away(self, info: UnitInfo) -> set[UUID]:
        with self.engine.connect() as connection:
            return records_given(connection, self.me, info)

    def is_waiting(self) -> bool:
        """Whether something of an office that moved is still on its way here, or from here."""
        directory = self.directory()
        moved = (info for info in directory.units.values() if len(info.homes) > 1)
        return bool(self._awaited or self._late) or any(
            (self._untaken(info) and not info.begins_anew) or self._due(directory, info.unit)
            for info in moved
        )

    def may_follow(self, unit: UUID, source: str) -> bool:
        """Whether what follows from a fact for a unit follows here; what came before the rest follows with it."""
        found = self.directory().find(unit)
        if found is None or found.node != self.me:
            return False
        return not self._is_untaken(unit) or (found.begins_anew and source != found.homes[-2])

    def note(self, group: Group, known: JournaledFact) -> bool:
        """Take note of a fact that has become known; whether what follows from it has not followed elsewhere."""
        envelope = known.envelope
        found = self.directory().find(envelope.unit)
        if envelope.kind in ("unit", "hand_over") or (found and self._untaken(found)):
            self._look_after(group)
        if known.arrived is None:
            return True
        if envelope.name == HandedOver.TOPIC:
            self._want(group, known)
        self._note_late(group, known)
        return not self._came(group, envelope.id)

    def _look_after(self, group: Group) -> None:
        """Look once when a group is durable, however many of its facts ask for that: a directory has thousands."""
        if self._looked_after != [group]:
            self._looked_after[:] = [group]
            group.on_commit.append(self.look)

    def look(self) -> None:
        """Hand over and take over what is due."""
        if self.is_quiet:
            return
        directory = self.directory()
        if (
            self._late
            or self._unseen(directory)
            or any(
                self._untaken(info) or self._due(directory, unit)
                for unit, info in directory.units.items()
                if len(info.homes) > 1
            )
        ):
            with contextlib.suppress(Refusal):  # whoever starts the node next looks again
                self.write(self._move)

    def ask_again(self) -> None:
        """Ask for every fact that an office had heard elsewhere and that has not come."""
        wanted: dict[str, list[str]] = defaultdict(list)
        for fact, (source, _) in self._awaited.items():
            wanted[source].append(str(fact))
        for source, facts in sorted(wanted.items()):
            for first in range(0, len(facts), ASKED_AT_ONCE):
                body = {"facts": facts[first : first + ASKED_AT_ONCE]}
                self.outgoing.add(OutgoingControl("facts-request", source, body))

    def take_request(self, group: Group, request: Control) -> None:
        """Another node keeps an office now, or is above it, and asks for what was sent to that office."""
        asked = [UUID(str(fact)) for fact in request.body["facts"][:ASKED_AT_ONCE]]
        found = [known for known in group.find_facts(asked) if known.arrived is None]
        directory, theirs, unknown = self.directory(), list[JournaledFact](), set[UUID]()
        for known in found:
            units = (known.envelope.unit, *known.envelope.addressees)
            if any(self._is_for(directory, unit, request.source) for unit in units):
                theirs.append(known)
            else:
                unknown.update(units)
        if self.me != self.county:
            # The county tells of a move only those whom it concerned; now it concerns this node, too.
            abouts = [{"about": str(About(Kind.UNIT, unit))} for unit in sorted(unknown)]
            self.outgoing.add(*(OutgoingControl("evidence-request", self.county, one) for one in abouts))
        give(group, request.source, theirs)
        group.on_commit.append(self.outgoing.has_news)

    def _move(self, group: Group) -> None:
        directory = self.directory()
        moved = [info for info in directory.units.values() if len(info.homes) > 1]
        for info in moved:
            for home in self._untaken(info):
                office = replace(info, homes=info.homes[:home])
                is_here = home == len(info.homes)
                late = partial(self._is_late, group, info.unit)
                take_over(group, office, self._begins, group.react if is_here else late)
        for info in moved:
            for home in self._due(directory, info.unit):
                said = (info.unit, home)
                hand_over(group, Leaving(self.me, directory, *said, self.now()), self.stays)
                group.on_commit.append(lambda said=said: self._said.add(said))
        for unit, node in self._unseen(directory):
            show_past(group, unit, node, self.stays)
            group.on_commit.append(lambda shown=(unit, node): self._shown.add(shown))
        for unit in sorted(set(group.connection.scalars(select(CAME_TOO_LATE.c.unit)))):
            hand_over_late(group, Leaving(self.me, directory, unit, directory.home_of(unit), self.now()))
        group.on_commit.append(self._late.clear)

    def _is_late(self, group: Group, unit: UUID, known: JournaledFact) -> None:
        """What came for a unit that has moved on before it was at work here follows where it is now."""
        group.writes.upsert(CAME_TOO_LATE, [{"fact": known.envelope.id, "unit": unit}])

    def _begins(self, group: Group, unit: UUID, home: int) -> None:
        """All is here: from now on the office is at work here."""
        group.writes.insert(OFFICES_TAKEN, [{"unit": unit, "home": home}])
        self._taken.add((unit, home))
        group.on_rollback.append(lambda: self._taken.discard((unit, home)))
        group.on_commit.append(self.look)

    def _unseen(self, directory: Directory) -> list[tuple[UUID, str]]:
        """Units that came to belong to an office elsewhere, whose node hears of them since then alone, with that node."""
        readers = {self.me, *readers_of_up(self.me, directory)}
        found: list[tuple[UUID, str]] = []
        for info in directory.hosted_by(self.me):
            above = directory.find(info.parent) if info.parent else None
            if above and info.version > 1 and above.node not in readers:
                found.append((info.unit, above.node))
        return [pair for pair in found if pair not in self._shown]

    def _due(self, directory: Directory, unit: UUID) -> list[int]:
        """The homes of a unit to which this node still has to hand it over."""
        homes = directory.homes(unit)
        return [
            place + 2
            for place, node in enumerate(homes[:-1])
            if node == self.me
            and not {(unit, place + 2)} & (self._said | self._taken)
            and (place == 0 or (unit, place + 1) in self._taken)
        ]

    def _is_untaken(self, unit: UUID) -> bool:
        """Whether a unit has moved here and is not at work here yet."""
        found = self.directory().find(unit)
        return found is not None and found.node == self.me and len(found.homes) in self._untaken(found)

    def _untaken(self, info: UnitInfo) -> list[int]:
        """The homes of a unit that were this node, and of which it has not got what there was."""
        return [
            home
            for home, node in enumerate(info.homes, 1)
            if home > 1 and node == self.me and (info.unit, home) not in self._taken
        ]

    def _is_for(self, directory: Directory, unit: UUID, asker: str) -> bool:
        """Whether an asker keeps or kept a unit, or is above one that does."""
        return any(asker in (node, *readers_of_up(node, directory)) for node in directory.homes(unit))

    def _want(self, group: Group, said: JournaledFact) -> None:
        """What the office had heard and is not here is asked for, where this node has to know the office's past."""
        directory, to = self.directory(), said.data["to"]
        is_new_above = self.me in readers_of_up(to, directory) and self.me not in readers_of_up(
            said.envelope.source, directory
        )
        if to != self.me and not is_new_above:
            return
        heard = {UUID(one["fact"]): (one["source"], one["followed"]) for one in said.data["heard"]}
        here = {known.envelope.id for known in group.find_facts(list(heard))}
        fresh = {
            fact: whose
            for fact, whose in heard.items()
            if fact not in here and fact not in self._awaited and whose[0] != self.me
        }
        group.writes.insert(
            AWAITED_FACTS,
            [{"fact": fact, "source": whose, "followed": done} for fact, (whose, done) in fresh.items()],
        )
        group.on_commit += [lambda: self._awaited.update(fresh), self.ask_again, self.outgoing.has_news]

    def _note_late(self, group: Group, known: JournaledFact) -> None:
        """A fact for an office that has moved away from here is named to the node that keeps it now."""
        homes_of = self.directory().homes
        moved = [unit for unit in known.envelope.addressees if self.me in homes_of(unit)[:-1]]
        late = [unit for unit in moved if homes_of(unit)[-1] != self.me]
        if late:
            fact = known.envelope.id
            group.writes.insert(CAME_TOO_LATE, [{"fact": fact, "unit": unit} for unit in late])
            group.on_commit += [lambda: self._late.add(fact), self.look]

    def _came(self, group: Group, fact: UUID) -> bool:
        """Whether a fact was awaited and what follows from it has followed elsewhere."""
        if fact not in self._awaited:
            return False
        group.connection.execute(AWAITED_FACTS.delete().where(AWAITED_FACTS.c.fact == fact))
        group.on_commit += [lambda: self._awaited.pop(fact, None), self.look]
        return self._awaited[fact][1]


def moving_of(
    ground: Ground,
    ways: Ways,
    outgoing: Outgoing,
    write: Callable[[Callable[[Group], Any]], "Future[Any]"],
) -> Moving:
    """One node's part, with what its database holds."""
    moving = Moving(
        *(ground.name, ground.settings.network.county_node, ground.engine, ways.directory, outgoing),
        stays=ground.work.stays,
        now=ground.clock.now,
        write=write,
        is_quiet=ground.restoring,
    )
    moving.load()
    return moving
