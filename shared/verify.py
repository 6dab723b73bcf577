"""Checking a node: its own log, what it received, and that its projections equal their replay.

Every finding names the first bad place and whose it is. What only ever lived on this disk and was
never sent can be cut off at its end without a trace here; its parent's copy shows that.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, func, select

from shared.envelope import CHAIN_START, Envelope, UnreadableEnvelope, next_chain
from shared.event_log.node_keys import signed_by
from shared.event_log.recorder import OWN_EVENT, STORED_EVENTS
from shared.event_log.tables import JOURNAL, PLACES, RECEIVED, RECEIVED_PLACES, ROUTES, SOURCES
from shared.node import Node, rebuild_projections
from shared.projections import catalogue
from shared.transport.messages import chain_statement


@dataclass(frozen=True)
class Finding:
    """Something that is not as it must be: which node, whose fact or route, what, and where first."""

    node: str
    whose: str
    what: str
    where: str


@dataclass(frozen=True)
class Verdict:
    """What was looked at, and everything that was found."""

    node: str
    facts: int
    received: int
    findings: tuple[Finding, ...]


def verify_node(node: Node, progress: Callable[[str], None] = lambda _: None) -> Verdict:
    """Check one node; it may be running, the check sees one moment of its database."""
    findings: list[Finding] = []
    with node.engine.connect() as connection, connection.begin() as transaction:
        facts = connection.scalar(select(func.count()).select_from(STORED_EVENTS)) or 0
        received = connection.scalar(select(func.count()).select_from(RECEIVED)) or 0
        for check in (_own_log, _own_routes, _received, _projections):
            findings += list(check(node, connection))
            progress(f"{node.name}: {check.__name__.strip('_').replace('_', ' ')}")
        transaction.rollback()
    return Verdict(node.name, facts, received, tuple(findings))


def _own_log(node: Node, connection: Connection) -> Iterator[Finding]:
    """Every own fact is readable, in its place of its stream, and in the journal."""
    versions: dict[UUID, int] = {}
    query = select(STORED_EVENTS).order_by(STORED_EVENTS.c.id)
    for row in connection.execute(query):
        where = f"{row.topic} {row.originator_id} version {row.originator_version}"
        try:
            envelope = Envelope.read(bytes(row.state))
        except UnreadableEnvelope as error:
            yield Finding(node.name, node.name, f"unreadable: {error}", where)
            continue
        expected = versions.get(row.originator_id, 0) + 1
        versions[row.originator_id] = row.originator_version
        place = (envelope.stream, envelope.stream_version, envelope.type)
        if row.originator_version != expected:
            yield Finding(node.name, node.name, f"version {expected} of the stream is missing", where)
        if place != (row.originator_id, row.originator_version, row.topic) or envelope.body != bytes(
            row.state
        ):
            yield Finding(node.name, node.name, "the bytes are not those of this place", where)
    lost = select(func.count()).select_from(JOURNAL.outerjoin(STORED_EVENTS, OWN_EVENT))
    missing = connection.scalar(lost.where(JOURNAL.c.own, STORED_EVENTS.c.id.is_(None))) or 0
    if missing:
        yield Finding(
            node.name, node.name, f"{missing} facts of the journal are gone from the log", "journal"
        )


def _own_routes(node: Node, connection: Connection) -> Iterator[Finding]:
    """Each route's numbers are gapless and its chain is that of the facts."""
    heads = {row.route: row for row in connection.execute(select(ROUTES))}
    for route, head in heads.items():
        query = (
            select(PLACES.c.number, PLACES.c.chain, STORED_EVENTS.c.state)
            .outerjoin(JOURNAL, JOURNAL.c.position == PLACES.c.position)
            .outerjoin(STORED_EVENTS, OWN_EVENT)
            .where(PLACES.c.route == route)
            .order_by(PLACES.c.number)
        )
        number, chain, bad = _follow(connection.execute(query))
        if bad:
            yield Finding(node.name, node.name, f"route {route}: {bad}", f"number {number}")
        elif (number, chain) != (head.last, bytes(head.chain)):
            yield Finding(
                node.name, node.name, f"route {route} ends early", f"number {number} of {head.last}"
            )


def _received(node: Node, connection: Connection) -> Iterator[Finding]:
    """What was received continues each sender's chain without a gap, and the sender signed it."""
    for lane in connection.execute(select(SOURCES)):
        query = (
            select(RECEIVED_PLACES, RECEIVED.c.body.label("state"))
            .outerjoin(RECEIVED, RECEIVED.c.fact == RECEIVED_PLACES.c.fact)
            .where(
                RECEIVED_PLACES.c.source == lane.source,
                RECEIVED_PLACES.c.incarnation == lane.incarnation,
                RECEIVED_PLACES.c.route == lane.route,
            )
            .order_by(RECEIVED_PLACES.c.number)
        )
        rows = connection.execute(query).all()
        number, chain, bad = _follow(iter(rows))
        if bad:
            yield Finding(node.name, lane.source, f"received on {lane.route}: {bad}", f"number {number}")
        elif (number, chain) != (lane.held, bytes(lane.chain)):
            yield Finding(
                node.name,
                lane.source,
                f"received on {lane.route} ends early",
                f"number {number} of {lane.held}",
            )
        elif rows and not _signed(node, rows[-1]):
            yield Finding(
                node.name, lane.source, f"received on {lane.route} is not signed", f"number {number}"
            )


def _projections(node: Node, connection: Connection) -> Iterator[Finding]:
    """The projections equal the replay of the journal, byte for byte."""
    before = catalogue.dump(connection)
    try:
        rebuild_projections(connection, node.log)
    except Exception as error:
        # Facts that are gone or broken cannot be replayed; the checks before this one name them.
        yield Finding(
            node.name, node.name, "the journal cannot be replayed", f"{type(error).__name__}: {error}"
        )
        return
    after = catalogue.dump(connection)
    if before != after:
        first = next(
            (a for a, b in zip(before.splitlines(), after.splitlines(), strict=False) if a != b), "length"
        )
        yield Finding(node.name, node.name, "projections differ from their replay", first[:300])


def _follow(rows: Iterator) -> tuple[int, bytes, str]:
    """Walk numbers and chain; returns the last good number and chain, and what is wrong after it."""
    number, chain = 0, CHAIN_START
    for row in rows:
        if row.number != number + 1:
            return number + 1, chain, "a number is missing"
        if row.state is None:
            return row.number, chain, "the fact is gone"
        try:
            digest = Envelope.read(bytes(row.state)).digest
        except UnreadableEnvelope as error:
            return row.number, chain, f"unreadable: {error}"
        if next_chain(chain, row.number, digest) != bytes(row.chain):
            return row.number, chain, "the fact is not the one that was chained"
        number, chain = row.number, bytes(row.chain)
    return number, chain, ""


def _signed(node: Node, row) -> bool:
    sender = node.directory.nodes.get(row.source)
    seed = node.settings.network
    key = sender.signing_key if sender else seed.county_signing_key if row.source == seed.county_node else ""
    envelope = Envelope.read(bytes(row.state))
    return signed_by(key, chain_statement(envelope, row.route, row.number, bytes(row.chain)), row.signature)
