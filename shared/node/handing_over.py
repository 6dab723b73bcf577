"""What a node says of an office that has moved away from it, and what it sends."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from shared.envelope import Envelope, fact_id
from shared.event_log.group import Group
from shared.event_log.journal import known_among, since
from shared.event_log.known import JournaledFact
from shared.event_log.order_context import OrderContext
from shared.event_log.tables import CAME_TOO_LATE
from shared.transport.evidence_given import give
from shared.transport.evidence_here import INCARNATIONS
from shared.transport.routes import readers_of_up
from shared.work.common.hand_over import PORTION, HandOver, Head, Heard
from shared.work.common.unit_info import UnitInfo
from shared.work.common.unit_tree import Directory


@dataclass(frozen=True)
class Leaving:
    """A unit that has moved from node `me` to its `home`-th node; `at` is the moment of what is said."""

    me: str
    directory: Directory
    unit: UUID
    home: int
    at: datetime

    @property
    def to(self) -> str:
        """The node that it moved to."""
        return self.directory.homes(self.unit)[self.home - 1]

    def id_of(self, running: int) -> UUID:
        """The record of a portion."""
        return HandOver.id_for(self.me, self.unit, self.home, running)

    def say(
        self,
        context: OrderContext,
        running: int,
        portions: int,
        records: Sequence[Head] = (),
        heard: Sequence[Heard] = (),
    ) -> None:
        """Say one portion."""
        context.add(
            HandOver.say(
                self.me,
                unit=self.unit,
                home=self.home,
                running=running,
                portions=portions,
                to=self.to,
                entry_version=self.directory.units[self.unit].version,
                records=tuple(records),
                heard=tuple(heard),
                at=self.at,
            )
        )

    def readers(self) -> list[str]:
        """Who has to hear it: the new node, and who is above that and was not above the old one."""
        before, after = (readers_of_up(node, self.directory) for node in (self.me, self.to))
        return [self.to, *(node for node in after if node not in before and node != self.me)]


def hand_over(group: Group, leaving: Leaving, stays: frozenset[str]) -> None:
    """Say what there is of the unit, and send this node's own facts of it.

    The whole journal is read: an office moves once in years. `stays` are the kinds of records that do not go with it.
    """
    context = OrderContext(group, at=leaving.at, actor=None)
    if context.exists(leaving.id_of(0)):
        return
    group.flush()
    own, heads, heard = _what_there_is(group, leaving.unit, stays)
    portions = [(heads[n : n + PORTION], ()) for n in range(0, len(heads), PORTION)]
    portions += [((), heard[n : n + PORTION]) for n in range(0, len(heard), PORTION)]
    for running, (records, facts) in enumerate(portions or [((), ())]):
        leaving.say(context, running, max(1, len(portions)), records, facts)
    said = context.record()
    for node in leaving.readers():
        give(group, node, [*own, *said])
    _named(group, leaving.unit)


def hand_over_late(group: Group, leaving: Leaving) -> None:
    """Name what came for the unit after it had been handed over, and has not been followed by anything here."""
    facts = list(group.connection.scalars(_LATE.where(CAME_TOO_LATE.c.unit == leaving.unit)))
    heard = [
        Heard(known.envelope.id, known.envelope.source, followed=False)
        for known in known_among(group.connection, facts)
    ]
    context = OrderContext(group, at=leaving.at, actor=None)
    running = 0
    while context.exists(leaving.id_of(running)):
        running += 1
    for place, first in enumerate(range(0, len(heard), PORTION)):
        leaving.say(context, running + place, 0, heard=heard[first : first + PORTION])
    said = context.record()
    for node in leaving.readers():
        give(group, node, said)
    _named(group, leaving.unit)


def show_past(group: Group, unit: UUID, node: str, stays: frozenset[str]) -> None:
    """Let what this node has recorded for a unit travel to the node of the office that it belongs to since today."""
    group.flush()
    known = (one for one in since(group.connection) if one.arrived is None and one.envelope.unit == unit)
    give(group, node, [one for one in known if one.envelope.kind not in stays])


def records_given(connection: Connection, me: str, office: UnitInfo) -> set[UUID]:
    """The records that this node named when a unit left it."""
    ids = [
        fact_id(me, of, HandOver.id_for(me, office.unit, home, running), 1)
        for home in range(2, len(office.homes) + 1)
        for of in range(1, INCARNATIONS + 1)
        for running in range(PORTIONS_AT_MOST)
    ]
    said = known_among(connection, ids)
    return {UUID(head["stream"]) for one in said for head in one.data["records"]}


PORTIONS_AT_MOST = 40
"""Portions of one move that are looked through. Unit: portions; 20,000 records."""
_LATE = select(CAME_TOO_LATE.c.fact)


def _named(group: Group, unit: UUID) -> None:
    group.connection.execute(CAME_TOO_LATE.delete().where(CAME_TOO_LATE.c.unit == unit))


def _what_there_is(
    group: Group, unit: UUID, stays: frozenset[str]
) -> tuple[list[JournaledFact], list[Head], list[Heard]]:
    """This node's own facts of a unit's records, how far these go, and what others had sent to it."""
    late = set(group.connection.scalars(_LATE.where(CAME_TOO_LATE.c.unit == unit)))
    own, received, addressed = list[JournaledFact](), list[JournaledFact](), list[JournaledFact]()
    for known in since(group.connection):
        if known.envelope.unit == unit and known.envelope.kind not in stays:
            (received if known.arrived else own).append(known)
        if unit in known.envelope.addressees:
            addressed.append(known)
    whole = _whole_records(known.envelope for known in (*own, *received))
    own, received = ([one for one in facts if one.envelope.stream in whole] for facts in (own, received))
    named = {known.position: known for known in (*received, *addressed)}
    heard = [
        Heard(one.envelope.id, one.envelope.source, one.envelope.id not in late)
        for _, one in sorted(named.items())
    ]
    return own, [Head(stream, version) for stream, version in whole.items()], heard


def _whole_records(facts: Iterable[Envelope]) -> dict[UUID, int]:
    """The last version of each record; one of which a restore left only a part is left out: nobody can go on with it."""
    versions: dict[UUID, list[int]] = {}
    for envelope in facts:
        versions.setdefault(envelope.stream, []).append(envelope.stream_version)
    return {stream: max(of) for stream, of in versions.items() if max(of) == len(of)}
