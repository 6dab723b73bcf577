"""Where leaves come from: a node's own facts in log order, or what it holds of another node's way upward.

All facts of a village's or township's node take the route `up`, in log order, from number 1 in each
incarnation; so number n of that route is leaf n - 1 of that log, and whoever reads the route can grow the
same tree.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, func, select

from shared.envelope import Envelope
from shared.event_log.journal import own_facts
from shared.event_log.recorder import STORED_EVENTS
from shared.event_log.tables import JOURNAL, RECEIVED, RECEIVED_PLACES, UP
from shared.proof.checkpoint import LogName
from shared.proof.merkle import leaf_hash
from shared.proof.tiles import Leaf, Tree

AT_ONCE = 10_000
"""Most facts that one look takes into trees. Unit: facts; hashing them takes about a tenth of a second, and
a log that is new to this release goes on at the next look a second later."""


def grow_own(connection: Connection, tree: Tree, log: LogName, end: int) -> bool:
    """Take own facts up to a journal position into the tree; whether it got there."""
    goal = min(end, tree.reached + AT_ONCE)
    for row in connection.execute(_own(tree.reached, goal)):
        body = bytes(row.state)
        if Envelope.read(body).incarnation == log.incarnation:
            tree.add(Leaf(leaf_hash(body), row.position))
    tree.reached = goal
    return goal == end


def grow_mirror(connection: Connection, tree: Tree, log: LogName, size: int) -> bool:
    """Take received facts into the tree until it has `size` leaves; whether it got there."""
    for number, leaf in received(connection, log, tree.size, min(size, tree.size + AT_ONCE)):
        if number != tree.size + 1:
            break
        tree.add(leaf)
    tree.reached = tree.size
    return tree.size >= size


def received(connection: Connection, log: LogName, after: int, upto: int) -> Iterator[tuple[int, Leaf]]:
    """Number and leaf of what is held of a log's route `up`."""
    query = (
        select(RECEIVED_PLACES.c.number, RECEIVED.c.body, JOURNAL.c.position)
        .join(RECEIVED, RECEIVED.c.fact == RECEIVED_PLACES.c.fact)
        .outerjoin(JOURNAL, JOURNAL.c.fact == RECEIVED_PLACES.c.fact)
        .where(*_on_lane(log), RECEIVED_PLACES.c.number > after, RECEIVED_PLACES.c.number <= upto)
        .order_by(RECEIVED_PLACES.c.number)
    )
    position = 0
    for row in connection.execute(query):
        # A parked fact is held but not in the journal yet; its neighbour's position leads near enough.
        position = row.position or position
        yield row.number, Leaf(leaf_hash(bytes(row.body)), position)


def held_of(connection: Connection, log: LogName) -> int:
    """How many facts of a log this node holds without a gap, from its route `up`."""
    last = select(func.max(RECEIVED_PLACES.c.number)).where(*_on_lane(log))
    return connection.scalar(last) or 0


def count_own(connection: Connection, after: int, upto: int) -> int:
    """How many own facts stand between two journal positions."""
    between = (JOURNAL.c.position > after) & (JOURNAL.c.position <= upto)
    return connection.scalar(select(func.count()).where(JOURNAL.c.own, between)) or 0


def _own(after: int, upto: int) -> Any:
    return (
        own_facts(JOURNAL.c.position, STORED_EVENTS.c.state)
        .where(JOURNAL.c.own, JOURNAL.c.position > after, JOURNAL.c.position <= upto)
        .order_by(JOURNAL.c.position)
    )


def _on_lane(log: LogName) -> tuple[Any, ...]:
    columns = RECEIVED_PLACES.c
    return columns.source == log.node, columns.incarnation == log.incarnation, columns.route == UP
