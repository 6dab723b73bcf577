"""What a node does about each kind of control message that others send it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from shared.event_log.group import Group
from shared.node.asking import Asking
from shared.node.evidence import Evidence
from shared.node.key_requests import KeyRequests
from shared.node.moving import Moving
from shared.node.outgoing import Outgoing, OutgoingControl
from shared.node.sending import Sending
from shared.proof.checkpoint_service import CheckpointService
from shared.restore import messages as returning
from shared.restore.session import Restoring, reached_by
from shared.transport.admission import Admission
from shared.transport.inbox import Inbox
from shared.transport.messages import Control
from shared.transport.positions import Positions
from shared.transport.receipts import ReceiptsDue, holds_more_since, is_incarnation, is_number, take_receipt
from shared.transport.route_names import route_in_incarnation
from shared.transport.routes import UP

log = logging.getLogger(__name__)
Taker = Callable[[Group, Control], None]

TOKEN_LONGEST = 64
"""Most characters of a restore's mark that are kept; a node's own marks have sixteen."""


@dataclass(frozen=True)
class ControlMessages:
    """Takes signed control messages inside the node's writer; `restoring` is none unless the node is restored."""

    me: str
    admission: Admission
    positions: Positions
    receipts: ReceiptsDue
    sending: Sending
    outgoing: Outgoing
    key_requests: KeyRequests
    evidence: Evidence
    moving: Moving
    checkpoint_service: CheckpointService
    restoring: Restoring | None
    asking: Asking

    def take(self, group: Group, control: Control, inbox: Inbox) -> None:
        """Do what a message asks; one that makes no sense is told in the log and does nothing."""
        if not self.asking.may_say(control):
            return
        try:
            if control.kind == "evidence-told":
                self.evidence.take_told(group, control, inbox)
                return
            self._takers().get(control.kind, self._ignore)(group, control)
        except (LookupError, ValueError, TypeError, AttributeError, ArithmeticError) as error:
            log.warning("%s: control message %s of %s: %s", self.me, control.kind, control.source, error)

    def _takers(self) -> dict[str, Taker]:
        return {
            "receipt": self._take_receipt,
            "resend": self._take_resend,
            "key-request": self.key_requests.take_request,
            "key-parcel": self.key_requests.take_parcel,
            "evidence-request": self.evidence.take_request,
            "facts-request": self.moving.take_request,
            "checkpoint": self._take_checkpoint,
            "witnessed": self._take_witnessed,
            "return-request": self._take_return_request,
            "returned": self._take_returned,
            "new-life": self._take_new_incarnation,
        }

    def _ignore(self, group: Group, control: Control) -> None:
        log.info("%s: a control message of an unknown kind: %s", self.me, control.kind)

    def _take_receipt(self, group: Group, control: Control) -> None:
        outbox = self.sending.outbox
        held = take_receipt(group, control, outbox, self.sending.incarnation)
        if outbox.is_behind(held):
            # A word is no proof; what this node has signed itself is.
            body = returning.request_body(reached_by(group.connection), "")
            group.on_commit.append(lambda: self.outgoing.send_control("return-request", control.source, body))

    def _take_resend(self, group: Group, control: Control) -> None:
        after, incarnation = control.body["after"], control.body.get("incarnation")
        if not is_incarnation(incarnation, self.sending.incarnation) or not is_number(after):
            return
        route = route_in_incarnation(str(control.body["route"]), incarnation)
        if control.source not in self.sending.ways.holders_of(route):
            log.warning("%s: %s asks for a route that it does not read: %s", self.me, control.source, route)
            return
        outbox = self.sending.outbox
        is_new = not holds_more_since(outbox, control, route, after)
        if is_new and self.asking.may_have_again(control.source, outbox.sent.get(route, 0) - after):
            outbox.go_back(route, after)
            group.on_commit.append(self.outgoing.has_news)

    def _take_return_request(self, group: Group, control: Control) -> None:
        reached, restore_token = returning.reached_of(control.body), str(control.body["mark"])[:TOKEN_LONGEST]
        group.flush()  # what came before the request in this group is held, too
        if restore_token:
            self.positions.end_incarnations(group, control.source, restore_token)
        facts = tuple(returning.facts_beyond(group.connection, control.source, reached))
        outbox, holders_of = self.sending.outbox, self.sending.ways.holders_of
        towards = [state for state in outbox.states() if control.source in holders_of(state.route)]
        body = returning.answer_body(group.connection, control.source, restore_token, towards)
        outbox.forget(group.connection, control.source)
        answer = OutgoingControl("returned", control.source, body, facts)
        group.on_commit.append(lambda: self._answer(answer))

    def _answer(self, answer: OutgoingControl) -> None:
        self.outgoing.add(answer)
        self.sending.tell_incarnation([answer.to])
        self.outgoing.has_news()

    def _take_returned(self, group: Group, control: Control) -> None:
        if self.restoring is not None:
            self.restoring.take_answer(group, control)

    def _take_new_incarnation(self, group: Group, control: Control) -> None:
        incarnation = control.body["incarnation"]
        if is_incarnation(incarnation, returning.LATEST_INCARNATION):
            source_route = (control.source, incarnation, UP)
            ends, restore_token = returning.ends_of(control.body), str(control.body["mark"])[:TOKEN_LONGEST]
            self.positions.begin_incarnation(group, source_route, ends, restore_token)
            # The receipt says that this is known, even while nothing has come of the new incarnation.
            group.on_commit += [lambda: self.receipts.made_durable({source_route}), self.outgoing.has_news]

    def _take_checkpoint(self, group: Group, control: Control) -> None:
        self.checkpoint_service.take_offer(group, control.source, self._key_of(control), control.body)

    def _take_witnessed(self, group: Group, control: Control) -> None:
        if self.restoring is None:
            self.checkpoint_service.take_answer(group, control.source, self._key_of(control), control.body)

    def _key_of(self, control: Control) -> str:
        return self.admission.key_of(control.source) or ""
