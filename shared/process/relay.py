"""The relay: sends what departed from every node of a process, control messages, and receipts."""

import logging
import time
from collections.abc import Callable, Iterable

from shared.node.node import Node
from shared.node.outgoing import OutgoingControl
from shared.process import rhythm
from shared.process.known_topics import KnownTopics
from shared.process.nodes import HostedNodes
from shared.settings.limits import Flow
from shared.transport.messages import OnRoute, control_message, fact_message
from shared.transport.receipts import receipt_body
from shared.transport.wire import Message, Wire, WireDown
from shared.work.common.order_refusals import NotStored

log = logging.getLogger(__name__)


class Relay:
    """Sends in rounds; `look_around` is called about once a second between them.

    `flow` says how much travels at once. When the wire fails, the next round is half as large.
    """

    def __init__(
        self,
        nodes: HostedNodes,
        wire: Wire,
        known_topics: KnownTopics,
        flow: Flow,
        look_around: Callable[[float], None],
    ) -> None:
        self._nodes = nodes
        self._wire = wire
        self._known_topics = known_topics
        self._flow = flow
        self._look_around = look_around
        self._at_once = flow.round
        self._facts_sent = -rhythm.SEND_EVERY
        self._receipts_sent = 0.0

    def run(self) -> None:
        """Send until the process stops; while the wire is down, wait and try again."""
        stopping, pause, last_tick = self._nodes.stopping, rhythm.FIRST_PAUSE, 0.0
        while not stopping.is_set():
            self._nodes.news.wait(rhythm.RECEIPTS_EVERY)
            self._nodes.news.clear()
            if not self._nodes.may_work():
                continue
            try:
                if time.monotonic() - last_tick >= rhythm.TICK:
                    last_tick = time.monotonic()
                    self._look_around(last_tick)
                self._send_until(last_tick + rhythm.TICK)
                pause, self._nodes.wire_is_up = rhythm.FIRST_PAUSE, True
                self._nodes.goes("relay")
            except (WireDown, NotStored) as error:
                log.warning("the relay waits: %s", error, extra=self._nodes.stands("relay"))
                self._nodes.wire_is_up = False
                stopping.wait(pause)
                pause = min(pause * 2, rhythm.LONGEST_PAUSE)
                self._nodes.news.set()
            except Exception:
                log.exception("the relay goes on after an error", extra=self._nodes.stands("relay"))
                stopping.wait(rhythm.LONGEST_PAUSE)

    def _send_until(self, moment: float) -> None:
        """Send what there is, but not beyond the next look around: it must not wait for a long catch-up."""
        while not self._nodes.stopping.is_set() and self.send_next(started := time.monotonic()):
            if started >= moment:
                self._nodes.news.set()
                return
            self.rest(started)

    def rest(self, started: float) -> None:
        """Pause after a round that began then, but no longer than the last facts want when there are new ones."""
        self._nodes.stopping.wait(min(started, self._facts_sent) + rhythm.SEND_EVERY - time.monotonic())
        self._nodes.facts.wait(started + rhythm.SEND_EVERY - time.monotonic())

    def send_next(self, now: float) -> bool:
        """Send the next batch of every node with news, and receipts that are due; false when there was nothing.

        `now` counts seconds and never goes back. Errors: WireDown; the same is sent by the next call then.
        """
        names = self._nodes.take_marked()
        if not names and not self._may_send_receipts():
            return False
        try:
            well = self._nodes.well(names)
            self._send_of(well, now, receipts=not names or self._receipts_are_due(now))
        except BaseException:
            for name in names:
                self._nodes.has_news(name)
            raise
        return True

    def _send_of(self, nodes: list[Node], now: float, *, receipts: bool) -> None:
        """Send the next batch of each node and what it has to say, all together.

        Each route has the same share of a round, so that whoever has much to catch up holds up nobody.
        """
        waiting = self._nodes.of_each(nodes, lambda node: node.sending.waiting_routes(now))
        share = min(self._flow.portion, max(1, self._at_once // max(1, sum(map(len, waiting.values())))))
        well = [self._nodes.by_name[name] for name in waiting]
        batches = self._nodes.of_each(well, lambda node: node.outbox.batches(waiting[node.name], share))
        messages = [
            message for name in batches for message in _messages(self._nodes.by_name[name], batches[name])
        ]
        if receipts:
            self._receipts_sent = now
            messages += [message for node in self._nodes for message in _receipts(node)]
        if messages:
            self._send_or_halve(messages)
        if any(facts for routes in batches.values() for facts in routes.values()):
            self._facts_sent = now
        self._note_sent(batches, waiting)

    def _note_sent(
        self, batches: dict[str, dict[str, list[OnRoute]]], waiting: dict[str, dict[str, int]]
    ) -> None:
        """The wire took these; a node that has more is in the next round."""
        for name, routes in batches.items():
            for route, facts in routes.items():
                self._nodes.by_name[name].outbox.took(route, facts)
            if any(len(facts) < waiting[name][route] for route, facts in routes.items()):
                self._nodes.has_news(name)

    def _may_send_receipts(self) -> bool:
        return any(node.receipts.has_touched() for node in self._nodes)

    def _receipts_are_due(self, now: float) -> bool:
        if any(node.receipts.is_waited_for() for node in self._nodes):
            return True
        return now - self._receipts_sent >= rhythm.RECEIPTS_EVERY and self._may_send_receipts()

    def _send_or_halve(self, messages: list[Message]) -> None:
        try:
            self._known_topics.ensure(message.topic for message in messages)
            self._wire.send(messages)
        except WireDown:
            self._at_once = max(1, min(self._at_once, len(messages)) // 2)
            raise
        self._at_once = min(self._flow.round, 2 * self._at_once)


def _messages(node: Node, batches: dict[str, list[OnRoute]]) -> list[Message]:
    facts = [
        message
        for route, batch in batches.items()
        for message in node.outbox.messages(node.ways.topic_of(route), batch)
    ]
    return facts + [
        message for outgoing in node.outgoing.take_outgoing() for message in _said(node, outgoing)
    ]


def _said(node: Node, outgoing: OutgoingControl) -> list[Message]:
    control = _control(node, outgoing)
    return [*(fact_message(control.topic, fact) for fact in outgoing.facts), control]


def _control(node: Node, outgoing: OutgoingControl) -> Message:
    topic = node.ways.mailbox_of(outgoing.to)
    return control_message(topic, outgoing.kind, node.name, node.now(), node.keys, outgoing.body)


def _receipts(node: Node) -> Iterable[Message]:
    touched = sorted(node.receipts.take_touched())
    held: dict[tuple[str, int], dict[str, int]] = {}
    for source, incarnation, route in touched:
        held.setdefault((source, incarnation), {})[route] = node.receipts.durable[source, incarnation, route]
    return [
        _control(node, OutgoingControl("receipt", source, receipt_body(source, incarnation, routes)))
        for (source, incarnation), routes in held.items()
    ]
