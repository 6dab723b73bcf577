"""Arrival: what this node takes from the wire, in whose name, and how far without a gap."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from typing import Any, TypeGuard
from uuid import UUID

from sqlalchemy import Connection, Engine, select

from shared.envelope import Envelope, UnreadableEnvelope
from shared.event_log.group import Group
from shared.event_log.mapper import data_of
from shared.event_log.names import UnknownFact
from shared.event_log.node_keys import signed_by
from shared.event_log.tables import ENDED_LIVES, RECEIVED_PLACES, SOURCES, WIRE_PLACES
from shared.transport.continuity import Held, Lane, Pair, continued, seen
from shared.transport.gaps import note_gap
from shared.transport.incarnation_ends import NOT_ENDED, Ended, ended_row, read_ended
from shared.transport.messages import Control, OnRoute, chain_statement, is_control, read_control, read_fact
from shared.transport.outbox import Outbox, Told
from shared.transport.parking import Reason, admitted_messages, park, parked_subjects, unpark
from shared.transport.route_names import is_route, route_and_life, route_in_life
from shared.transport.routes import UP, mailbox_route, way_of
from shared.transport.wire import Arrived, Message, Place
from shared.work.common.unit_tree import Directory

log = logging.getLogger(__name__)

LARGEST_NUMBER = 999_999_999
"""Largest number of a route that is believed; a node of a county writes some thousands a year."""


@dataclass(frozen=True)
class InboxParts:
    """What the inbox needs to know of its node.

    `seed_keys` open the way for facts before the directory is here; `told_keys`, of a node that is being
    restored, for control messages. `early`: facts after which a receipt does not wait for its turn (flow.py).
    """

    me: str
    engine: Engine
    directory: Callable[[], Directory]
    seed_keys: dict[str, str]
    told_keys: Mapping[str, str]
    may_write: Callable[[str, str, Directory], bool]
    arrival_time: Callable[[Envelope], datetime]
    now: Callable[[], datetime]
    early: int
    on_control: Callable[[Group, Control], None]
    on_returned: Callable[[Group, list[Pair]], None]


class Inbox:
    """Takes batches of messages inside the node's writer."""

    def __init__(self, parts: InboxParts) -> None:
        self._parts = parts
        self.lanes: dict[Lane, Held] = {}
        self._touched: set[Lane] = set()
        self._told: dict[Lane, int] = {}
        self._lock = Lock()
        with parts.engine.connect() as connection:
            self._reload(connection)
        self.durable: dict[Lane, int] = {lane: held.held for lane, held in self.lanes.items()}

    def places(self) -> dict[str, Place]:
        """Per topic where reading goes on."""
        with self._parts.engine.connect() as connection:
            rows = connection.execute(select(WIRE_PLACES))
            return {row.topic: Place(row.identity, row.offset) for row in rows}

    def gaps(self) -> dict[Lane, Held]:
        """Lanes of which a higher number was seen than is held, and may still come."""
        return {lane: held for lane, held in dict(self.lanes).items() if self._may_go_on(lane, held)}

    def _may_go_on(self, lane: Lane, held: Held) -> bool:
        source, life, route = lane
        end = self._ended.get(source, NOT_ENDED).end_of(life, route)
        return held.held < (held.highest if end is None else min(end, held.highest))

    def take(self, group: Group, arrivals: list[Arrived], *, failed: str | None = None) -> None:
        """Take a batch in order; one transaction with everything that follows from it.

        `failed` parks the (single) message as one that a handler could not take.
        """
        self._take_all(group, arrivals, failed)
        self._remember_places(group, arrivals)

    def take_again(self, group: Group, message: Message) -> None:
        """Take a message that had come before, wherever reading stands now."""
        self._take_all(group, [Arrived(message, Place("", 0))], None)

    def look_again(self) -> None:
        """Before the next arrival, read from the database what waits here; somebody changed it."""
        self._doubt()

    def parked_streams(self) -> list[str]:
        """Streams of which facts wait here."""
        with self._parts.engine.connect() as connection:
            return sorted(parked_subjects(connection))

    def retry_parked(self, group: Group, subject: str) -> int:
        """Take in what waits of a stream, up to the first fact that is still unknown; returns how many."""
        self._begin(group)
        taken = 0
        messages = [(id, read_fact(message)) for id, message in admitted_messages(group.connection, subject)]
        for parked, on in sorted(messages, key=lambda pair: pair[1].envelope.stream_version):
            try:
                data_of(on.envelope)
            except UnknownFact:
                break
            group.receive_held(on.envelope, self._parts.arrival_time(on.envelope))
            unpark(group.connection, parked)
            taken += 1
        group.on_commit.append(self._doubt)
        return taken

    def expect(self, group: Group, lane: Lane, last: int) -> None:
        """A source says up to which number its route goes; what is missing here is a gap, and asked for."""
        self._begin(group)
        before = self.lanes.get(lane, Held())
        if last > before.highest:
            self._now_held(group, lane, before, replace(before, highest=last))

    def end_lives(self, group: Group, source: str, mark: str) -> None:
        """A source is being restored: nothing more is taken of what it had sent than is held now (ended.py)."""
        self._begin(group)
        ended = self._ended.get(source, NOT_ENDED)
        if mark not in ended.marks:
            held = {route_in_life(route, life): lane.held for (life, route), lane in self._of(source).items()}
            self._now_ended(group, source, ended.asked(self._latest_life(source), held))

    def know_of_life(
        self, group: Group, source: str, incarnation: int, ends: dict[str, int], mark: str
    ) -> None:
        """A source has begun a new life; its receipt says so even while nothing has come of it."""
        lane = (source, incarnation, UP)
        self._begin(group)
        if incarnation >= self._latest_life(source):
            ended = self._ended.get(source, NOT_ENDED)
            self._now_ended(group, source, ended.begun(incarnation, ends, mark))
        if lane not in self.lanes:
            self.lanes[lane] = Held()
            group.writes.upsert(SOURCES, [_source_row(lane, Held())])
        group.on_commit.append(lambda: self._made_durable({lane}))

    def _of(self, source: str) -> dict[tuple[int, str], Held]:
        return {(life, route): held for (of, life, route), held in self.lanes.items() if of == source}

    def _latest_life(self, source: str) -> int:
        return max((life for life, _ in self._of(source)), default=1)

    def _now_ended(self, group: Group, source: str, ended: Ended) -> None:
        self._ended[source] = ended
        group.writes.upsert(ENDED_LIVES, [ended_row(source, ended)])

    def take_touched(self) -> set[Lane]:
        """Lanes of which something arrived since the last call; their receipts are due."""
        with self._lock:
            touched, self._touched = self._touched, set()
            self._told |= {lane: self.durable[lane] for lane in touched}
        return touched

    def has_touched(self) -> bool:
        """Whether receipts are due."""
        return bool(self._touched)

    def is_waited_for(self) -> bool:
        """Whether so much came since the last receipt that its sender waits for the next one."""
        with self._lock:
            return any(
                self.durable[lane] - self._told.get(lane, 0) >= self._parts.early for lane in self._touched
            )

    def touch_all(self) -> None:
        """Let every receipt be sent once more; it says what was committed, not what is in memory meanwhile."""
        with self._lock:
            self._touched |= self.durable.keys()

    def _take_all(self, group: Group, arrivals: list[Arrived], failed: str | None) -> None:
        self._begin(group)
        facts: list[Pair] = []
        for arrived in arrivals:
            self._sort(group, arrived, facts, failed)
        returned = [pair for pair in facts if pair[1].envelope.source == self._parts.me]
        if returned:
            self._parts.on_returned(group, returned)
            facts = [pair for pair in facts if pair[1].envelope.source != self._parts.me]
        known = group.known_of([on.envelope.id for _, on in facts]) if facts else set[UUID]()
        for lane in dict.fromkeys(on.lane for _, on in facts):
            self._take_lane(group, lane, [pair for pair in facts if pair[1].lane == lane], known, failed)
        group.on_commit.append(lambda lanes={on.lane for _, on in facts}: self._made_durable(lanes))

    def _begin(self, group: Group) -> None:
        """Look at the database again if what is in memory may not be what was committed."""
        if self._doubtful:
            self._reload(group.connection)
        group.on_rollback.append(self._doubt)

    def _doubt(self) -> None:
        self._doubtful = True

    def _made_durable(self, lanes: set[Lane]) -> None:
        """What a receipt may say: only what was committed."""
        with self._lock:
            known = lanes & self.lanes.keys()
            self.durable |= {lane: self.lanes[lane].held for lane in known}
            self._touched |= known

    def _sort(self, group: Group, arrived: Arrived, facts: list[Pair], failed: str | None) -> None:
        message = arrived.message
        directory = self._parts.directory()
        try:
            if not arrived.readable:
                raise UnreadableEnvelope("headers or key are not UTF-8")
            if is_control(message.headers):
                self._take_control(group, arrived, failed)
                return
            on = read_fact(message)
        except UnreadableEnvelope as error:
            self._park(group, arrived, Reason.UNREADABLE, str(error))
            return
        if on.envelope.source == self._parts.me:
            facts.append((arrived, on))
        elif not self._is_known(on.envelope.source, directory):
            self._stranger(group, arrived, on.envelope.source, directory)
        elif not self._may_come(on, message.topic, directory):
            self._park(group, arrived, Reason.UNAUTHORISED, f"{on.envelope.source} on {message.topic}")
        else:
            facts.append((arrived, on))

    def _take_control(self, group: Group, arrived: Arrived, failed: str | None) -> None:
        source = arrived.message.headers.get("ce_source", "")
        key = self.key_of(source) or self._parts.told_keys.get(source)
        if key is None and self._parts.me not in self._parts.directory().nodes:
            log.info("%s does not know %s yet", self._parts.me, source)
            return
        control = read_control(arrived.message, key)
        if failed is None:
            self._parts.on_control(group, control)
        else:
            self._park(group, arrived, Reason.HANDLER_FAILED, failed)

    def _is_known(self, source: str, directory: Directory) -> bool:
        return source in directory.nodes or source in self._parts.seed_keys

    def _stranger(self, group: Group, arrived: Arrived, source: str, directory: Directory) -> None:
        """A source that nobody admitted; before the directory is here it may only be early, and sends again."""
        if self._parts.me in directory.nodes:
            self._park(group, arrived, Reason.UNAUTHORISED, f"no node {source!r} was admitted")
        else:
            log.info("%s does not know %s yet", self._parts.me, source)

    def _may_come(self, on: OnRoute, topic: str, directory: Directory) -> bool:
        """Whether a source may write this route's facts on a topic; the seed alone may before it is admitted."""
        mine = topic.rsplit(".to.", 1)[-1] == self._parts.me
        if on.envelope.source not in directory.nodes:
            return mine
        expected = mailbox_route(self._parts.me) if mine else UP
        return way_of(on.route) == expected and self._parts.may_write(on.envelope.source, topic, directory)

    def _take_lane(
        self, group: Group, lane: Lane, pairs: list[Pair], known: set[UUID], failed: str | None
    ) -> None:
        """Take what continues the lane; `known` are facts that are here already, and takes those that come now."""
        before = self.lanes.get(lane, Held())
        ended = self._ended.get(lane[0], NOT_ENDED)
        pairs = [pair for pair in pairs if ended.may_come(lane[1], lane[2], pair[1].number)]
        look = seen if self._is_early(lane) else continued
        run = look(before, pairs, lambda on: self._is_signed(lane, on))
        for arrived, reason, detail in run.wrong:
            self._park(group, arrived, reason, detail)
        for arrived, on in run.taken:
            if on.envelope.id not in known:
                self._admit(group, arrived, on, failed)
                known.add(on.envelope.id)
        group.writes.insert(RECEIVED_PLACES, [_place_row(on) for _, on in run.taken])
        if (after := before.after(run)) != before:
            self._now_held(group, lane, before, after)

    def _is_early(self, lane: Lane) -> bool:
        """Whether something that goes before this lane is not held yet, or not known (ended.py)."""
        source, life, route = lane
        if life == 1:
            return False
        ended = self._ended.get(source, NOT_ENDED)
        return life > ended.before or any(
            self._held_of(source, name) < end for name, end in ended.goes_before(life, route).items()
        )

    def _held_of(self, source: str, name: str) -> int:
        route, life = route_and_life(name)
        return self.lanes.get((source, life, route), Held()).held

    def _now_held(self, group: Group, lane: Lane, before: Held, after: Held) -> None:
        self.lanes[lane] = after
        group.writes.upsert(SOURCES, [_source_row(lane, after)])
        note_gap(group, lane, before, after, self._parts.now())

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
        key = self.key_of(lane[0])
        statement = chain_statement(on.envelope, on.route, on.number, on.chain)
        return key is not None and signed_by(key, statement, on.signature)

    def key_of(self, node: str) -> str | None:
        """The key that a node signs with; the county's first one is in the network file."""
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

    def _remember_places(self, group: Group, arrivals: Iterable[Arrived]) -> None:
        ends = {arrived.message.topic: arrived.place for arrived in arrivals}
        rows = [{"topic": t, "identity": p.identity, "offset": p.offset} for t, p in ends.items()]
        group.writes.upsert(WIRE_PLACES, rows)

    def _reload(self, connection: Connection) -> None:
        self._doubtful = False
        self._parked_subjects = parked_subjects(connection)
        self._ended = read_ended(connection)
        self.lanes = {
            (row.source, row.incarnation, row.route): Held(row.held, bytes(row.chain), row.highest)
            for row in connection.execute(select(SOURCES))
        }


def take_receipt(group: Group, control: Control, outbox: Outbox, incarnation: int) -> dict[str, int]:
    """Store what another node says it holds of this node's routes in a life of it; returns route to number.

    The latest wins: one that is older and says less came late, or again. An older one that says more
    is of a holder whose clock was set back.
    """
    body, said = control.body, control.body.get("held")
    life = body.get("incarnation")
    if body.get("of") != outbox.me or not is_life(life, incarnation) or not isinstance(said, dict):
        return {}
    named = {route_in_life(route, life): number for route, number in said.items() if is_route(route)}
    held = {
        route: int(number)
        for route, number in named.items()
        if is_number(number) and _is_news(outbox.told_by(control.source, route), number, control.sent_at)
    }
    outbox.hear(group, control.source, held, control.sent_at)
    return held


def holds_more_since(outbox: Outbox, request: Control, route: str, after: int) -> bool:
    """Whether whoever asks for what comes after a number has said since that it holds more: it was asked before."""
    told = outbox.told_by(request.source, route)
    return told is not None and told.at >= request.sent_at and told.held > after


def _is_news(before: Told | None, number: int, sent_at: str) -> bool:
    return before is None or sent_at >= before.at or number > before.held


def is_life(said: Any, present: int) -> TypeGuard[int]:
    """Whether a value of a control message is a life that this node has or had."""
    return type(said) is int and 1 <= said <= present


def is_number(said: Any) -> bool:
    """Whether a value of a control message is a number that a route may have, or 0."""
    return type(said) is int and 0 <= said <= LARGEST_NUMBER


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
