"""Arrival: what this node takes from the wire, in whose name, and how far without a gap."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from shared.directory import Directory
from shared.envelope import CHAIN_START, Envelope, UnreadableEnvelope, next_chain
from shared.event_log.group import Group
from shared.event_log.mapper import data_of
from shared.event_log.names import UnknownFact
from shared.event_log.node_keys import signed_by
from shared.event_log.tables import HOLDINGS, RECEIVED_PLACES, SOURCES, WIRE_PLACES
from shared.transport.messages import Control, OnRoute, chain_statement, is_control, read_control, read_fact
from shared.transport.parking import Reason, admitted_messages, park, parked_subjects, unpark
from shared.transport.routes import UP, mailbox_route
from shared.transport.wire import Arrived, Place
from shared.upsert import upsert

log = logging.getLogger(__name__)
Lane = tuple[str, int, str]


@dataclass
class Held:
    """How far a lane (source, incarnation, route) is held without a gap, and the highest number seen."""

    held: int = 0
    chain: bytes = CHAIN_START
    highest: int = 0


@dataclass(frozen=True)
class InboxParts:
    """What the inbox needs to know of its node."""

    me: str
    engine: Engine
    directory: Callable[[], Directory]
    seed_keys: dict[str, str]
    may_write: Callable[[str, str, Directory], bool]
    arrival_time: Callable[[Envelope], datetime]
    now: Callable[[], datetime]
    on_control: Callable[[Group, Control], None]


class Inbox:
    """Takes batches of messages inside the node's writer."""

    def __init__(self, parts: InboxParts) -> None:
        self._parts = parts
        self.lanes: dict[Lane, Held] = {}
        self._touched: set[Lane] = set()
        self._lock = Lock()
        self._reload()
        self.durable: dict[Lane, int] = {lane: held.held for lane, held in self.lanes.items()}

    def places(self) -> dict[str, Place]:
        """Per topic where reading goes on."""
        with self._parts.engine.connect() as connection:
            rows = connection.execute(select(WIRE_PLACES))
            return {row.topic: Place(row.identity, row.offset) for row in rows}

    def gaps(self) -> dict[Lane, Held]:
        """Lanes of which a higher number was seen than is held."""
        return {lane: held for lane, held in dict(self.lanes).items() if held.highest > held.held}

    def take(self, group: Group, arrivals: list[Arrived], *, failed: str | None = None) -> None:
        """Take a batch in order; one transaction with everything that follows from it.

        `failed` parks the (single) message as one that a handler could not take.
        """
        group.on_rollback.append(self._reload)
        facts: list[tuple[Arrived, OnRoute]] = []
        for arrived in arrivals:
            self._sort(group, arrived, facts)
        for lane in dict.fromkeys(on.lane for _, on in facts):
            self._take_lane(group, lane, [pair for pair in facts if pair[1].lane == lane], failed)
        group.on_commit.append(lambda lanes={on.lane for _, on in facts}: self._made_durable(lanes))
        self._remember_places(group.connection, arrivals)

    def retry_parked(self, group: Group) -> int:
        """Take in what an older release had to park; returns how many it was. Order within a stream is kept."""
        group.on_rollback.append(self._reload)
        waiting: set[str] = set()
        taken = 0
        for parked, arrived in admitted_messages(group.connection):
            on = read_fact(arrived.message)
            subject = on.envelope.attributes["subject"]
            try:
                if subject in waiting:
                    raise UnknownFact(subject)
                data_of(on.envelope)
            except UnknownFact:
                waiting.add(subject)
                continue
            group.receive_held(on.envelope, self._parts.arrival_time(on.envelope))
            unpark(group.connection, parked)
            taken += 1
        group.on_commit.append(self._reload)
        return taken

    def take_touched(self) -> set[Lane]:
        """Lanes of which something arrived since the last call; their receipts are due."""
        with self._lock:
            touched, self._touched = self._touched, set()
        return touched

    def has_touched(self) -> bool:
        """Whether receipts are due."""
        return bool(self._touched)

    def touch_all(self) -> None:
        """Let every receipt be sent once more."""
        self._made_durable(set(self.durable))

    def _made_durable(self, lanes: set[Lane]) -> None:
        """What a receipt may say: only what was committed."""
        with self._lock:
            self.durable |= {lane: self.lanes[lane].held for lane in lanes}
            self._touched |= lanes

    def _sort(self, group: Group, arrived: Arrived, facts: list[tuple[Arrived, OnRoute]]) -> None:
        message = arrived.message
        directory = self._parts.directory()
        try:
            if not arrived.readable:
                raise UnreadableEnvelope("headers or key are not UTF-8")
            if is_control(message.headers):
                key = self._key_of(message.headers.get("ce_source", ""))
                self._parts.on_control(group, read_control(message, key))
                return
            on = read_fact(message)
        except UnreadableEnvelope as error:
            self._park(group, arrived, Reason.UNREADABLE, str(error))
            return
        expected = (
            UP if message.topic.rsplit(".to.", 1)[-1] != self._parts.me else mailbox_route(self._parts.me)
        )
        may = on.route == expected and self._parts.may_write(on.envelope.source, message.topic, directory)
        if not may and on.envelope.source in directory.nodes:
            self._park(group, arrived, Reason.UNAUTHORISED, f"{on.envelope.source} on {message.topic}")
            return
        facts.append((arrived, on))

    def _take_lane(
        self, group: Group, lane: Lane, pairs: list[tuple[Arrived, OnRoute]], failed: str | None
    ) -> None:
        held = self.lanes.setdefault(lane, Held())
        run = self._signed_part(group, lane, self._run(group, held, pairs))
        known = group.known_of([on.envelope.id for _, on in run])
        for arrived, on in run:
            if on.envelope.id not in known:
                self._admit(group, arrived, on, failed)
        if run:
            held.held, held.chain = run[-1][1].number, run[-1][1].chain
            held.highest = max(held.highest, held.held)
            group.connection.execute(insert(RECEIVED_PLACES), [_place_row(on) for _, on in run])
        upsert(group.connection, SOURCES, [_source_row(lane, held)])

    def _signed_part(
        self, group: Group, lane: Lane, run: list[tuple[Arrived, OnRoute]]
    ) -> list[tuple[Arrived, OnRoute]]:
        """The run up to its last signed number; a signature vouches for the whole chain before it."""
        known = self._key_of(lane[0]) is not None
        while run and not self._is_signed(lane, run[-1][1]):
            arrived, on = run.pop()
            if known:
                self._park(group, arrived, Reason.FORGED, f"number {on.number} is not signed by {lane[0]}")
        return run

    def _run(
        self, group: Group, held: Held, pairs: list[tuple[Arrived, OnRoute]]
    ) -> list[tuple[Arrived, OnRoute]]:
        """The messages that follow what is held without a gap and with the right chain."""
        number, chain = held.held, held.chain
        run: list[tuple[Arrived, OnRoute]] = []
        for arrived, on in pairs:
            if on.number == number + 1:
                if next_chain(chain, on.number, on.envelope.digest) != on.chain:
                    self._park(
                        group, arrived, Reason.WRONG_HASH, f"number {on.number} does not continue the chain"
                    )
                    continue
                number, chain = on.number, on.chain
                run.append((arrived, on))
            elif on.number > number and self._is_signed(on.lane, on):
                held.highest = max(held.highest, on.number)
        return run

    def _admit(self, group: Group, arrived: Arrived, on: OnRoute, failed: str | None) -> None:
        envelope = on.envelope
        subject = envelope.attributes["subject"]
        arrived_at = self._parts.arrival_time(envelope)
        if failed is not None:
            self._park(group, arrived, Reason.HANDLER_FAILED, failed, admitted=True)
            group.hold(envelope, arrived_at)
        elif subject in self._parked_subjects:
            self._park(group, arrived, Reason.BEHIND_PARKED, subject, admitted=True)
            group.hold(envelope, arrived_at)
        else:
            try:
                group.receive(envelope, arrived_at)
            except UnknownFact as error:
                self._park(group, arrived, Reason.UNKNOWN_FACT, str(error), admitted=True)
                group.hold(envelope, arrived_at)

    def _is_signed(self, lane: Lane, on: OnRoute) -> bool:
        key = self._key_of(lane[0])
        statement = chain_statement(on.envelope, on.route, on.number, on.chain)
        return key is not None and signed_by(key, statement, on.signature)

    def _key_of(self, node: str) -> str | None:
        known = self._parts.directory().nodes.get(node)
        return known.signing_key if known else self._parts.seed_keys.get(node)

    def _park(
        self, group: Group, arrived: Arrived, reason: Reason, detail: str, *, admitted: bool = False
    ) -> None:
        log.warning(
            "%s parked a message on %s: %s (%s)", self._parts.me, arrived.message.topic, reason, detail
        )
        park(group.connection, arrived, reason, detail, self._parts.now(), admitted=admitted)
        if admitted:
            self._parked_subjects.add(arrived.message.headers.get("ce_subject", ""))

    def _remember_places(self, connection: Connection, arrivals: Iterable[Arrived]) -> None:
        ends = {arrived.message.topic: arrived.place for arrived in arrivals}
        rows = [{"topic": t, "identity": p.identity, "offset": p.offset} for t, p in ends.items()]
        upsert(connection, WIRE_PLACES, rows)

    def _reload(self) -> None:
        with self._parts.engine.connect() as connection:
            rows = connection.execute(select(SOURCES)).all()
            self._parked_subjects = parked_subjects(connection)
        self.lanes = {
            (row.source, row.incarnation, row.route): Held(row.held, bytes(row.chain), row.highest)
            for row in rows
        }


def take_receipt(connection: Connection, control: Control, me: str, incarnation: int) -> dict[str, int]:
    """Store what another node says it holds of this node's routes; returns route to number."""
    held = {
        route: number
        for route, number in control.body.get("held", {}).items()
        if isinstance(number, int) and control.body.get("of") == me
    }
    if control.body.get("incarnation") != incarnation:
        return {}
    rows = [
        {"holder": control.source, "route": route, "held": number, "told_at": control.sent_at}
        for route, number in held.items()
    ]
    upsert(connection, HOLDINGS, rows)
    return held


def receipt_body(me: str, incarnation: int, held: dict[str, int]) -> dict[str, Any]:
    """The receipt "I hold 1 to n of your routes" for one source."""
    return {"of": me, "incarnation": incarnation, "held": held}


def _source_row(lane: Lane, held: Held) -> dict[str, Any]:
    source, incarnation, route = lane
    return {
        "source": source,
        "incarnation": incarnation,
        "route": route,
        "held": held.held,
        "chain": held.chain,
        "highest": held.highest,
    }


def _place_row(on: OnRoute) -> dict[str, Any]:
    return {
        "source": on.envelope.source,
        "incarnation": on.envelope.incarnation,
        "route": on.route,
        "number": on.number,
        "fact": on.envelope.id,
        "chain": on.chain,
        "signature": on.signature,
    }
