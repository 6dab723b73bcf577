"""Arrival: what this node takes from the wire, in whose name, and how far without a gap."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.envelope import Envelope, UnreadableEnvelope
from shared.event_log.group import Group
from shared.event_log.mapper import data_of
from shared.event_log.names import UnknownFact
from shared.event_log.tables import RECEIVED_PLACES
from shared.settings.clock import Clock
from shared.transport.admission import Admission
from shared.transport.continuity import Pair, Progress, SourceRoute, accept_contiguous, observe_only
from shared.transport.messages import Control, OnRoute, is_control, read_control, read_fact
from shared.transport.parking import Reason, admitted_messages, park, unpark
from shared.transport.positions import Positions
from shared.transport.receipts import ReceiptsDue
from shared.transport.wire import Arrived, Message, Place
from shared.transport.wire_places import remember_places

log = logging.getLogger(__name__)


class Inbox:
    """Takes batches of messages inside the node's writer.

    `on_control` takes a control message that is signed, `on_returned` this node's own facts that others give back.
    """

    def __init__(
        self,
        me: str,
        admission: Admission,
        positions: Positions,
        receipts: ReceiptsDue,
        clock: Clock,
        *,
        on_control: Callable[[Group, Control], None],
        on_returned: Callable[[Group, list[Pair]], None],
    ) -> None:
        self._me = me
        self._admission = admission
        self._positions = positions
        self._receipts = receipts
        self._clock = clock
        self._on_control = on_control
        self._on_returned = on_returned

    def take(self, group: Group, arrivals: list[Arrived], *, failed: str | None = None) -> None:
        """Take a batch in order; one transaction with everything that follows from it.

        `failed` parks the (single) message as one that a handler could not take.
        """
        self._take_all(group, arrivals, failed)
        remember_places(group, arrivals)

    def take_again(self, group: Group, message: Message) -> None:
        """Take a message that had come before, wherever reading stands now."""
        self._take_all(group, [Arrived(message, Place("", 0))], None)

    def look_again(self) -> None:
        """Before the next arrival, read from the database what waits here; somebody changed it."""
        self._positions.doubt()

    def parked_streams(self) -> list[str]:
        """Streams of which facts wait here."""
        return sorted(self._positions.parked_subjects)

    def retry_parked(self, group: Group, subject: str) -> int:
        """Take in what waits of a stream, up to the first fact that is still unknown; returns how many."""
        self._positions.begin(group)
        taken = 0
        messages = [(id, read_fact(message)) for id, message in admitted_messages(group.connection, subject)]
        for parked, on in sorted(messages, key=lambda pair: pair[1].envelope.stream_version):
            try:
                data_of(on.envelope)
            except UnknownFact:
                break
            group.receive_held(on.envelope, self._arrival_time(on.envelope))
            unpark(group.connection, parked)
            taken += 1
        group.on_commit.append(self._positions.doubt)
        return taken

    def _take_all(self, group: Group, arrivals: list[Arrived], failed: str | None) -> None:
        self._positions.begin(group)
        facts: list[Pair] = []
        for arrived in arrivals:
            self._sort(group, arrived, facts, failed)
        returned = [pair for pair in facts if pair[1].envelope.source == self._me]
        if returned:
            self._on_returned(group, returned)
            facts = [pair for pair in facts if pair[1].envelope.source != self._me]
        known = group.known_of([on.envelope.id for _, on in facts]) if facts else set[UUID]()
        for source_route in dict.fromkeys(on.source_route for _, on in facts):
            self._take_route(
                group,
                source_route,
                [pair for pair in facts if pair[1].source_route == source_route],
                known,
                failed,
            )
        group.on_commit.append(
            lambda source_routes={on.source_route for _, on in facts}: self._receipts.made_durable(
                source_routes
            )
        )

    def _sort(self, group: Group, arrived: Arrived, facts: list[Pair], failed: str | None) -> None:
        """A control message is taken at once, a fact that may come is added to `facts`, all else is parked."""
        message = arrived.message
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
        if on.envelope.source == self._me:
            facts.append((arrived, on))
        elif not self._admission.is_known(on.envelope.source):
            self._stranger(group, arrived, on.envelope.source)
        elif not self._admission.may_come(on, message.topic):
            self._park(group, arrived, Reason.UNAUTHORISED, f"{on.envelope.source} on {message.topic}")
        else:
            facts.append((arrived, on))

    def _take_control(self, group: Group, arrived: Arrived, failed: str | None) -> None:
        source = arrived.message.headers.get("ce_source", "")
        key = self._admission.control_key_of(source)
        if key is None and not self._admission.knows_itself():
            log.info("%s does not know %s yet", self._me, source)
            return
        control = read_control(arrived.message, key)
        if failed is None:
            self._on_control(group, control)
        else:
            self._park(group, arrived, Reason.HANDLER_FAILED, failed)

    def _stranger(self, group: Group, arrived: Arrived, source: str) -> None:
        """A source that nobody admitted; before the directory is here it may only be early, and sends again."""
        if self._admission.knows_itself():
            self._park(group, arrived, Reason.UNAUTHORISED, f"no node {source!r} was admitted")
        else:
            log.info("%s does not know %s yet", self._me, source)

    def _take_route(
        self, group: Group, source_route: SourceRoute, pairs: list[Pair], known: set[UUID], failed: str | None
    ) -> None:
        """Take what continues the route. `known` holds the facts that are here already; what is taken is added to it."""
        before = self._positions.source_routes.get(source_route, Progress())
        ended = self._positions.ended_of(source_route[0])
        pairs = [pair for pair in pairs if ended.may_come(source_route[1], source_route[2], pair[1].number)]
        look = observe_only if self._positions.is_early(source_route) else accept_contiguous
        batch = look(before, pairs, self._admission.is_signed)
        for arrived, reason, detail in batch.wrong:
            self._park(group, arrived, reason, detail)
        for arrived, on in batch.taken:
            if on.envelope.id not in known:
                self._admit(group, arrived, on, failed)
                known.add(on.envelope.id)
        group.writes.insert(RECEIVED_PLACES, [_place_row(on) for _, on in batch.taken])
        self._positions.move(group, source_route, before.after(batch))

    def _admit(self, group: Group, arrived: Arrived, on: OnRoute, failed: str | None) -> None:
        envelope = on.envelope
        subject = envelope.attributes["subject"]
        arrived_at = self._arrival_time(envelope)
        if failed is not None:
            self._park(group, arrived, Reason.HANDLER_FAILED, failed, admitted=True)
            group.hold(envelope, arrived_at)
        elif subject in self._positions.parked_subjects:
            self._park(group, arrived, Reason.BEHIND_PARKED, subject, admitted=True)
            group.hold(envelope, arrived_at)
        else:
            try:
                group.receive(envelope, arrived_at)
            except UnknownFact as error:
                self._park(group, arrived, Reason.UNKNOWN_FACT, str(error), admitted=True)
                group.hold(envelope, arrived_at)

    def _arrival_time(self, envelope: Envelope) -> datetime:
        """When a fact arrived; in a rehearsal the moment it was recorded, so that a replay is the same."""
        return envelope.recorded if self._clock.rehearsal else self._clock.now()

    def _park(
        self, group: Group, arrived: Arrived, reason: Reason, detail: str, *, admitted: bool = False
    ) -> None:
        log.warning("%s parked a message on %s: %s (%s)", self._me, arrived.message.topic, reason, detail)
        park(group.connection, arrived, reason, detail, self._clock.now(), admitted=admitted)
        if admitted:
            self._positions.parked_subjects.add(arrived.message.headers.get("ce_subject", ""))


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
