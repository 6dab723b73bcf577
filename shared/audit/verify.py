"""Checking a node: its own log, what it received, what was signed of both, and its projections.

Every finding names the first bad place and whose it is. What only ever lived on this disk can be cut off
at its end without a trace here; what departed or was witnessed cannot.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from shared.audit.check import AuditContext, Finding, Verdict
from shared.audit.signatures import alarms_here, own_checkpoints, tree_rows, witnessed_here, witnessed_of
from shared.audit.today import note_what_would_not_be_taken
from shared.database.aside import aside
from shared.database.progress import Progress, silent
from shared.envelope import CHAIN_START, Envelope, UnreadableEnvelope, fact_id, next_chain
from shared.event_log.journal import own_facts
from shared.event_log.node_keys import signed_by
from shared.event_log.recorder import OWN_EVENT, STORED_EVENTS
from shared.event_log.tables import (
    HANDED_OVER,
    JOURNAL,
    PLACES,
    RECEIVED,
    RECEIVED_PLACES,
    ROUTES,
    SOURCES,
    UP,
)
from shared.node.node import Node
from shared.node.projecting import rebuild_projections
from shared.projections.states import stale
from shared.proof.merkle import leaf_hash
from shared.proof.tiles import Leaf, Tree
from shared.proof.witness import Witnessed
from shared.transport.messages import chain_statement


def verify_node(node: Node, progress: Progress = silent, witnessed: Iterable[Witnessed] = ()) -> Verdict:
    """Check one node; it may be running, the check sees one moment of its database.

    `witnessed` is what other nodes cosigned, of whichever logs; what is about this node's is compared. `progress` hears how
    many parts of the check are done, several times in each, and ends it by raising.
    """
    parts = (_own_log, _own_routes, _received, _signed, _projections)
    done: list[str] = []

    def tick() -> None:
        progress(f"check of {node.name}", len(done), len(parts) + 1)

    findings: list[Finding] = []
    with node.engine.connect() as connection, connection.begin() as transaction:
        facts = connection.scalar(select(func.count()).select_from(STORED_EVENTS)) or 0
        received = connection.scalar(select(func.count()).select_from(RECEIVED)) or 0
        check = AuditContext(node, connection, node.name, tick)
        for part in parts:
            tick()
            findings += _readable(check, part)
            done.append(part.__name__)
        findings += list(witnessed_of(check, witnessed))
        note_what_would_not_be_taken(check)
        progress(f"check of {node.name}", len(parts) + 1, len(parts) + 1)
        transaction.rollback()
    return Verdict(node.name, facts, received, tuple(findings), tuple(check.notes))


def judge_again(node: Node) -> list[str]:
    """What a replay has gone over and would not be taken today, or is not what its sender signed; all of it keeps its place."""
    with node.engine.connect() as connection, connection.begin() as transaction:
        check = AuditContext(node, connection, node.name, lambda: None)
        found = [f"{one.what} ({one.whose}, {one.where})" for one in _readable(check, _received)]
        note_what_would_not_be_taken(check)
        transaction.rollback()
    return found + check.notes


def _readable(check: AuditContext, part: Callable[[AuditContext], Iterator[Finding]]) -> Iterator[Finding]:
    """The findings of a part; a row that the database cannot even give back ends it and is one."""
    check.whose = check.node.name
    try:
        yield from part(check)
    except (ValueError, TypeError) as error:
        yield check.found(check.whose, f"a row cannot be read: {error}", part.__name__.strip("_"))


def _own_log(check: AuditContext) -> Iterator[Finding]:
    """Every own fact is in the journal, in its order, readable, and in its place of its stream."""
    versions, elsewhere = dict[UUID, int](), _handed_over(check)
    last = count = 0
    for row in check.rows(_OWN):
        count += 1
        if row.state is None:
            yield check.found(check.node.name, "the fact is gone from the log", _place_of(row))
            continue
        if row.id <= last:
            yield check.found(check.node.name, "the fact does not stand in its order", _place_of(row))
        wrong = _wrong_with(check, row, versions, elsewhere)
        if wrong:
            yield check.found(check.node.name, wrong, _place_of(row))
        last = row.id
    if (check.connection.scalar(select(func.count()).select_from(STORED_EVENTS)) or 0) > count:
        yield from _not_in_journal(check)


_OWN = (
    own_facts(
        JOURNAL.c.position,
        JOURNAL.c.fact,
        JOURNAL.c.stream,
        JOURNAL.c.stream_version,
        STORED_EVENTS.c.id,
        STORED_EVENTS.c.topic,
        STORED_EVENTS.c.state,
        also_lost=True,
    )
    .where(JOURNAL.c.own)
    .order_by(JOURNAL.c.position)
)


def _handed_over(check: AuditContext) -> set[tuple[UUID, int]]:
    """Places of records of this node's offices that another node wrote before they moved here."""
    rows = check.connection.execute(select(HANDED_OVER.c.stream, HANDED_OVER.c.stream_version))
    return {(row.stream, row.stream_version) for row in rows}


def _wrong_with(
    check: AuditContext, row: Row[Any], versions: dict[UUID, int], elsewhere: set[tuple[UUID, int]]
) -> str:
    """What is wrong with an own fact; its hash goes into the tree, whatever it is."""
    body = bytes(row.state)
    try:
        envelope = Envelope.read(body)
    except UnreadableEnvelope as error:
        check.tree(check.node.log_name).add(Leaf(leaf_hash(body), row.position))
        return f"unreadable: {error}"
    log = check.log(check.node.name, envelope.incarnation)
    check.tree(log).add(Leaf(leaf_hash(body), row.position))
    expected = versions.get(row.stream, 0) + 1
    while (row.stream, expected) in elsewhere:
        expected += 1
    versions[row.stream] = row.stream_version
    if row.stream_version != expected:
        return f"version {expected} of the stream is missing"
    own = fact_id(check.node.name, envelope.incarnation, envelope.stream, envelope.stream_version)
    said = (envelope.stream, envelope.stream_version, envelope.type, envelope.source, envelope.id, own)
    place = (row.stream, row.stream_version, row.topic, check.node.name, row.fact, row.fact)
    return "" if said == place and envelope.body == body else "the bytes are not those of this place"


def _not_in_journal(check: AuditContext) -> Iterator[Finding]:
    query = select(STORED_EVENTS).outerjoin(JOURNAL, OWN_EVENT).where(JOURNAL.c.position.is_(None))
    row = check.connection.execute(query.order_by(STORED_EVENTS.c.id).limit(1)).first()
    if row:
        where = f"{row.topic} {row.originator_id} version {row.originator_version}"
        yield check.found(check.node.name, "the journal does not know the fact", where)


def _place_of(row: Row[Any]) -> str:
    return f"{row.topic or 'fact'} {row.stream} version {row.stream_version} (journal {row.position})"


def _own_routes(check: AuditContext) -> Iterator[Finding]:
    """Each route's numbers are gapless and its chain is that of the facts."""
    me = check.node.name
    for head in check.connection.execute(select(ROUTES).order_by(ROUTES.c.route)).all():
        query = (
            select(PLACES.c.number, PLACES.c.chain, JOURNAL.c.fact, STORED_EVENTS.c.state)
            .outerjoin(JOURNAL, JOURNAL.c.position == PLACES.c.position)
            .outerjoin(STORED_EVENTS, OWN_EVENT)
            .where(PLACES.c.route == head.route)
            .order_by(PLACES.c.number)
        )
        walk = Walk().follow(check.rows(query))
        if walk.bad:
            yield check.found(me, f"route {head.route}: {walk.bad}", f"number {walk.number}")
        elif (walk.number, walk.chain) != (head.last, bytes(head.chain)):
            where = f"number {walk.number} of {head.last}"
            yield check.found(me, f"route {head.route} ends early", where)


def _received(check: AuditContext) -> Iterator[Finding]:
    """What was received continues each sender's chain without a gap, and the sender signed it."""
    for source_route in check.connection.execute(select(SOURCES)).all():
        query = (
            select(RECEIVED_PLACES, RECEIVED.c.body.label("state"))
            .outerjoin(RECEIVED, RECEIVED.c.fact == RECEIVED_PLACES.c.fact)
            .where(
                RECEIVED_PLACES.c.source == source_route.source,
                RECEIVED_PLACES.c.incarnation == source_route.incarnation,
                RECEIVED_PLACES.c.route == source_route.route,
            )
            .order_by(RECEIVED_PLACES.c.number)
        )
        log, check.whose = check.log(source_route.source, source_route.incarnation), source_route.source
        walk = Walk(check.tree(log) if source_route.route == UP else None).follow(check.rows(query))
        what, where = f"received on {source_route.route}", f"number {walk.number}"
        if walk.bad:
            yield check.found(source_route.source, f"{what}: {walk.bad}", where)
        elif (walk.number, walk.chain) != (source_route.held, bytes(source_route.chain)):
            yield check.found(source_route.source, f"{what} ends early", f"{where} of {source_route.held}")
        elif walk.last and not _is_signed(check.node, walk.last):
            yield check.found(source_route.source, f"{what} is not signed", where)
    yield from _without_a_place(check)


def _without_a_place(check: AuditContext) -> Iterator[Finding]:
    """A fact that came has a number of its sender; one without was not sent."""
    check.whose = check.node.name
    placed = RECEIVED_PLACES.c.fact == RECEIVED.c.fact
    query = select(RECEIVED).outerjoin(RECEIVED_PLACES, placed).where(RECEIVED_PLACES.c.number.is_(None))
    for row in check.connection.execute(query.limit(1)):
        try:
            whose = Envelope.read(bytes(row.body)).source
        except UnreadableEnvelope:
            whose = check.node.name
        yield check.found(whose, "a received fact that was never sent", f"fact {row.fact}")


def _signed(check: AuditContext) -> Iterator[Finding]:
    """What this node signed of its log and witnessed of others is what the facts say."""
    yield from own_checkpoints(check)
    yield from witnessed_here(check)
    yield from tree_rows(check)
    yield from alarms_here(check)


def _projections(check: AuditContext) -> Iterator[Finding]:
    """The projections equal the replay of the journal, byte for byte; those of another release are no difference."""
    me, work = check.node.name, check.node.work
    old = stale(check.connection, work.projections)
    if old:
        names = ", ".join([one.name for one in old.projections] or sorted(old.gone))
        check.notes.append(
            f"projections of another release: {names}; start the node once, they are replayed then"
        )
    projections = work.projections.only(
        [one for one in work.projections.declared if one not in old.projections]
    )
    before = projections.dump(check.connection)
    try:
        # Beside a node that runs: its own lists are neither locked nor touched.
        with aside(check.connection, projections.tables):
            rebuild_projections(check.connection, projections, progress=lambda *_: check.tick())
            after = projections.dump(check.connection)
    except Exception as error:
        # Facts that are gone or broken cannot be replayed; the checks before this one name them.
        yield check.found(me, "the journal cannot be replayed", f"{type(error).__name__}: {error}")
        return
    if before != after:
        pairs = zip(before.splitlines(), after.splitlines(), strict=False)
        first = next((a for a, b in pairs if a != b), "length")
        yield check.found(me, "projections differ from their replay", first[:300])


@dataclass
class Walk:
    """A walk along a route: the last good number and chain, the last row, and what is wrong after it."""

    tree: Tree | None = None
    number: int = 0
    chain: bytes = CHAIN_START
    bad: str = ""
    last: Row[Any] | None = None

    def follow(self, rows: Iterator[Row[Any]]) -> "Walk":
        """Walk to the end, or to the first bad number."""
        for row in rows:
            self.bad = self._step(row)
            if self.bad:
                self.number += 1
                break
            self.number, self.chain, self.last = row.number, bytes(row.chain), row
        return self

    def _step(self, row: Row[Any]) -> str:
        if row.number != self.number + 1:
            return "a number is missing"
        if row.state is None:
            return "the fact is gone"
        try:
            envelope = Envelope.read(bytes(row.state))
        except UnreadableEnvelope as error:
            return f"unreadable: {error}"
        if envelope.id != row.fact or next_chain(self.chain, row.number, envelope.digest) != bytes(row.chain):
            return "the fact is not the one that was chained"
        if self.tree is not None:
            self.tree.add(Leaf(envelope.digest, 0))
        return ""


def _is_signed(node: Node, row: Row[Any]) -> bool:
    envelope = Envelope.read(bytes(row.state))
    statement = chain_statement(envelope, row.route, row.number, bytes(row.chain))
    return any(signed_by(key, statement, row.signature) for key in node.admission.keys_of(row.source))
