"""What came back is put into the log with its old places, a new incarnation begins, and reactions follow."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush
from itertools import islice, pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select

from shared.database.writes import upsert
from shared.envelope import Envelope
from shared.event_log.group import Group
from shared.event_log.journal import since
from shared.event_log.known import JournaledFact
from shared.event_log.node_log import NodeLog
from shared.event_log.tables import JOURNAL, NODE_STATE, PLACES, RETURNED, ROUTES, SENT
from shared.restore.session import Begun, answers_of, begun_of, keep_begun
from shared.transport.route_names import route_and_incarnation, route_in_incarnation
from shared.transport.routes import UP, way_of

AT_ONCE = 200
"""Facts whose reactions are committed together. Unit: facts; as many as a group has orders."""


@dataclass(frozen=True)
class Back:
    """A fact that came back on a route of an incarnation of this node."""

    name: str
    number: int
    chain: bytes
    envelope: Envelope


def put_back(group: Group, begin_incarnation: Callable[[int, Mapping[UUID, set[str]]], None]) -> Begun:
    """Put everything that came back into the log and begin a new incarnation, in one transaction.

    `begin_incarnation` lets the node know which incarnation it is, before facts of the one before are recorded, and which
    ways each of them has gone already.
    """
    begun = begun_of(group.connection)
    if begun is None or begun.put_back:
        raise LookupError("nothing to put back")
    back = list(_back(group.connection))
    incarnation = max(begun.life, *_incarnations(group.connection, back)) + 1
    begin_incarnation(incarnation, _ways(back))
    positions = _recorded(group, back)
    _give_places(group.connection, back, positions)
    group.connection.execute(delete(RETURNED))
    upsert(group.connection, NODE_STATE, [{"name": "incarnation", "value": str(incarnation)}])
    done = replace(begun, life=incarnation, put_back=True, taken_back=len(positions))
    keep_begun(group.connection, done)
    return done


def let_follow(log: NodeLog, begun: Begun, write: Callable[[Callable[[Group], Any]], Any]) -> None:
    """Let reactions follow all that became known since the restore began, but for those whose facts came back.

    A state does not tell: an office whose objection was refused may object again. What this incarnation has recorded had
    its reactions when it was recorded.
    """
    with log.engine.connect() as connection:
        had = effects_of(connection, begun.since)
    reached = begun.since
    while facts := _some_since(log, reached):
        due = [known for known in facts if known.arrived or known.envelope.incarnation < begun.life]
        write(lambda group, due=due: [group.react(known, had.get(known.envelope.id, ())) for known in due])
        reached = facts[-1].position


def effects_of(connection: Connection, after: int) -> dict[UUID, set[UUID]]:
    """For each fact the records of this node in which something has followed from it, after a place of the journal."""
    effects: dict[UUID, set[UUID]] = defaultdict(set)
    for envelope in (known.envelope for known in since(connection, after) if known.arrived is None):
        if envelope.causation:
            effects[envelope.causation].add(envelope.stream)
    return effects


def in_order(back: Iterable[Back]) -> list[Envelope]:
    """Facts in the order of the route upward and of every stream; where these say nothing, the older goes first.

    A mailbox says nothing of the order: a node that was admitted late got the earlier facts after its own.
    """
    facts = {one.envelope.id: one.envelope for one in back}
    waits_for = dict.fromkeys(facts, 0)
    followers: dict[UUID, list[UUID]] = {fact: [] for fact in facts}
    for first, second in _neighbours(back):
        followers[first].append(second)
        waits_for[second] += 1
    free = [_age(facts[fact]) for fact, count in waits_for.items() if not count]
    heapify(free)
    ordered: list[Envelope] = []
    while free:
        *_, fact = heappop(free)
        ordered.append(facts[fact])
        for follower in followers[fact]:
            waits_for[follower] -= 1
            if not waits_for[follower]:
                heappush(free, _age(facts[follower]))
    return ordered


def _neighbours(back: Iterable[Back]) -> Iterator[tuple[UUID, UUID]]:
    """Pairs of facts of which the first stands before the second, on the route upward or in a stream."""
    lines: dict[Any, set[tuple[int, UUID]]] = {}
    for one in back:
        if route_and_incarnation(one.name)[0] == UP:
            lines.setdefault(one.name, set()).add((one.number, one.envelope.id))
        lines.setdefault(one.envelope.stream, set()).add((one.envelope.stream_version, one.envelope.id))
    for line in lines.values():
        yield from ((first, second) for (_, first), (_, second) in pairwise(sorted(line)))


def _age(envelope: Envelope) -> tuple[Any, ...]:
    return envelope.recorded, envelope.stream, envelope.stream_version, envelope.id


def _back(connection: Connection) -> Iterator[Back]:
    query = select(RETURNED).order_by(RETURNED.c.incarnation, RETURNED.c.route, RETURNED.c.number)
    for row in connection.execute(query).all():
        name = route_in_incarnation(row.route, row.incarnation)
        yield Back(name, row.number, bytes(row.chain), Envelope.read(bytes(row.body)))


def _ways(back: list[Back]) -> dict[UUID, set[str]]:
    """The ways that each fact went, as far as anybody holds it from there."""
    ways: dict[UUID, set[str]] = {}
    for one in back:
        ways.setdefault(one.envelope.id, set()).add(way_of(route_and_incarnation(one.name)[0]))
    return ways


def _recorded(group: Group, back: list[Back]) -> dict[UUID, int]:
    """The journal positions of the facts that came back; those that are new here are recorded now."""
    ids = list({one.envelope.id for one in back})
    here = select(JOURNAL.c.fact, JOURNAL.c.position).where(JOURNAL.c.fact.in_(ids))
    positions = {row.fact: row.position for row in group.connection.execute(here)}
    new = [one for one in back if one.envelope.id not in positions]
    for envelope in in_order(new):
        positions[envelope.id] = group.take_back(envelope).position
    group.flush()
    return positions


def _give_places(connection: Connection, back: list[Back], positions: dict[UUID, int]) -> None:
    if not back:
        return
    rows = [
        {"route": one.name, "number": one.number, "chain": one.chain, "position": positions[one.envelope.id]}
        for one in back
    ]
    connection.execute(insert(PLACES), rows)
    ends = {one.name: one for one in back}
    upsert(connection, ROUTES, [{"route": n, "last": e.number, "chain": e.chain} for n, e in ends.items()])
    upsert(connection, SENT, [{"route": name, "number": end.number} for name, end in ends.items()])


def _incarnations(connection: Connection, back: list[Back]) -> Iterator[int]:
    """Every incarnation of this node that anybody has heard of."""
    yield from (route_and_incarnation(one.name)[1] for one in back)
    for answer in answers_of(connection).values():
        yield from (route_and_incarnation(name)[1] for name in answer.holdings)
    yield 1


def _some_since(log: NodeLog, position: int) -> list[JournaledFact]:
    with log.engine.connect() as connection:
        return list(islice(since(connection, position), AT_ONCE))
