"""Arrival: what this node takes from the wire, in whose name, and how far without a gap."""

import logging
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from shared.envelope import UnreadableEnvelope
from shared.event_log.group import Group
from shared.event_log.tables import RECEIVED_PLACES
from shared.transport.admission import Admission
from shared.transport.admitting import Admitting
from shared.transport.continuity import Pair, Progress, SourceRoute, accept_contiguous, observe_only
from shared.transport.doubles import Doubles, bears_its_own_id, by_whose_id
from shared.transport.evidence_here import Told
from shared.transport.messages import (
    Control,
    OnRoute,
    control_signed_by,
    is_control,
    read_control,
    read_fact,
)
from shared.transport.parking import Reason, SourceRecord
from shared.transport.positions import Positions
from shared.transport.receipts import ReceiptsDue
from shared.transport.wire import Arrived, Message, Place
from shared.transport.wire_places import remember_places
from shared.work.common.authority import About

log = logging.getLogger(__name__)


class Inbox:
    """Takes batches of messages inside the node's writer.

    `on_control` takes a control message that is signed, `on_returned` this node's own facts that others give back.
    """

    def __init__(
        self,
        me: str,
        admission: Admission,
        admitting: Admitting,
        positions: Positions,
        receipts: ReceiptsDue,
        *,
        on_control: Callable[[Group, Control], None],
        on_returned: Callable[[Group, list[Pair]], None],
    ) -> None:
        self._me = me
        self._admission = admission
        self._positions = positions
        self._receipts = receipts
        self._admitting = admitting
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

    def parked_records(self) -> list[SourceRecord]:
        """Records of which facts wait here."""
        return sorted(self._positions.parked_records)

    def retry_parked(self, group: Group, record: SourceRecord) -> int:
        """Take in what waits of a source's record, up to the first fact that cannot be taken; returns how many were."""
        return self._admitting.retry(group, record)

    def retry_told(self, group: Group, told: Mapping[About, Told]) -> None:
        """Judge what waits for a piece of evidence by what was said of it: that there is so much of it, or none."""
        self._positions.begin(group)
        for record in sorted({record for about in told for record in self._admitting.waiting_for(about)}):
            self._admitting.retry(group, record, told)

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
        self._admitting.authority.begin(group, [on.envelope for _, on in facts])
        for source_route in self._in_order({on.source_route: None for _, on in facts}):
            self._take_route(
                group,
                source_route,
                [pair for pair in facts if pair[1].source_route == source_route],
                known,
                failed,
            )
        while freed := self._admitting.take_freed():
            for record in sorted(freed):
                self._admitting.retry(group, record)
        group.on_commit.append(
            lambda source_routes={on.source_route for _, on in facts}: self._receipts.made_durable(
                source_routes
            )
        )

    def _in_order(self, source_routes: Mapping[SourceRoute, None]) -> list[SourceRoute]:
        """The county's first: what others say rests on its directory."""
        county = self._admitting.authority.county
        return sorted(source_routes, key=lambda source_route: source_route[0] != county)

    def _sort(self, group: Group, arrived: Arrived, facts: list[Pair], failed: str | None) -> None:
        """A control message is taken at once, a fact that may come is added to `facts`, all else is parked."""
        message = arrived.message
        try:
            if not arrived.readable:
                raise UnreadableEnvelope("headers or key are damaged")
            if is_control(message.headers):
                self._take_control(group, arrived, failed)
                return
            on = read_fact(message)
            if on.envelope.source == self._me and not bears_its_own_id(on.envelope):
                raise UnreadableEnvelope("bears the id of another fact")
        except UnreadableEnvelope as error:
            self._admitting.park(group, arrived, Reason.UNREADABLE, str(error))
            return
        if on.envelope.source == self._me:
            facts.append((arrived, on))
        elif not self._admission.is_known(on.envelope.source):
            self._stranger(group, arrived, on.envelope.source)
        elif self._admission.is_revoked(on.envelope.source):
            self._admitting.park(group, arrived, Reason.REVOKED, on.envelope.source)
        elif not self._admission.may_come(on, message.topic):
            self._admitting.park(
                group, arrived, Reason.UNAUTHORISED, f"{on.envelope.source} on {message.topic}"
            )
        else:
            facts.append((arrived, on))

    def _take_control(self, group: Group, arrived: Arrived, failed: str | None) -> None:
        source = arrived.message.headers.get("ce_source", "")
        key = self._admission.control_key_of(source)
        if key is None:
            self._stranger(group, arrived, source)
            return
        if self._was_signed_before(arrived.message, source):
            log.info("%s: %s asks with a key that was replaced", self._me, source)
            return
        control = read_control(arrived.message, key)
        if failed is None:
            self._on_control(group, control)
        else:
            self._admitting.park(group, arrived, Reason.HANDLER_FAILED, failed)

    def _was_signed_before(self, message: Message, source: str) -> bool:
        """Whether a node signed a control message with a key of before: the latest wins, and comes with the present one."""
        return any(control_signed_by(message, key) for key in self._admission.earlier_keys_of(source))

    def _stranger(self, group: Group, arrived: Arrived, source: str) -> None:
        """A source that nobody admitted; before the directory is here it may only be early, and sends again.

        What is parked of it is tried again when the directory takes it in (`Admitting`).
        """
        if self._admission.knows_itself():
            self._admitting.park(group, arrived, Reason.UNAUTHORISED, f"no node {source!r} was admitted")
        else:
            log.info("%s does not know %s yet", self._me, source)

    def _take_route(
        self, group: Group, source_route: SourceRoute, pairs: list[Pair], known: set[UUID], failed: str | None
    ) -> None:
        """Take what continues the route. `known` holds the facts that are here already; what is taken is added to it."""
        before = self._positions.source_routes.get(source_route, Progress())
        ended = self._positions.ended_of(source_route[0])
        pairs = [pair for pair in pairs if ended.may_come(source_route[1], source_route[2], pair[1].number)]
        is_kept_back = self._positions.is_early(source_route) or self._admitting.is_full(source_route[0])
        look = observe_only if is_kept_back else accept_contiguous
        own, others = by_whose_id(pairs)
        batch = look(before, own, self._admission.is_signed, self._admission.was_signed)
        if batch.early:
            log.info(
                "%s: %d facts of %s wait for its present key", self._me, len(batch.early), source_route[0]
            )
        doubles = Doubles(group, source_route, before, self._admission.is_signed).find(
            batch, own, others, known
        )
        for arrived, reason, detail in batch.wrong:
            self._admitting.park(group, arrived, reason, detail)
        for (arrived, on), reason, detail in doubles:
            self._admitting.park_double(group, arrived, on.envelope, reason, detail)
        for arrived, on in batch.taken:
            if on.envelope.id not in known:
                self._admitting.admit(group, arrived, on, failed)
                known.add(on.envelope.id)
        group.writes.insert(RECEIVED_PLACES, [_place_row(on) for _, on in batch.taken])
        self._positions.move(group, source_route, before.after(batch))


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
