"""What a process sees to because nobody reports it: wiped topics, gaps, lost tails, unanswered requests."""

import logging
from concurrent.futures import Future, wait
from contextlib import suppress

from shared.node.node import Node
from shared.node.outgoing import OutgoingControl
from shared.process import rhythm
from shared.process.known_topics import KnownTopics
from shared.process.nodes import HostedNodes
from shared.work.common.refusals import Refusal

log = logging.getLogger(__name__)

SAVE_SECONDS = 20
"""Longest wait for the writers at the end of the process. Unit: seconds."""


class Watch:
    """Looks around about once a second, in the relay's thread."""

    def __init__(self, nodes: HostedNodes, known_topics: KnownTopics) -> None:
        self._nodes = nodes
        self._known_topics = known_topics
        self._asked: dict[tuple[str, object], float] = {}

    def look_around(self, now: float) -> None:
        """See to everything; `now` counts seconds and never goes back. Errors: WireDown."""
        self._nodes.try_again(now)
        self._heal_wipes()
        for node in self._nodes.well():
            with self._nodes.alone(node):
                self._look_at(node, now)
        self._save_places(now)

    def _look_at(self, node: Node, now: float) -> None:
        self._ask_for_gaps(node, now)
        if node.sending.has_to_send(now):
            self._nodes.has_news(node.name)
        if self._is_time(("keys", node.name), now):
            node.key_requests.ask_again()
            node.evidence.ask_again()
            node.moving.ask_again()
            self._nodes.has_news(node.name)
        self._forget_old_answers(node, now)
        if node.restoring is None:  # a log that is being put back is shorter than what it once signed
            node.checkpoint_service.look()

    def _forget_old_answers(self, node: Node, now: float) -> None:
        what = ("answers", node.name)
        self._asked.setdefault(what, now)
        if self._is_time(what, now, rhythm.FORGET_EVERY):
            with suppress(Refusal):  # tomorrow again
                node.forget_answers()

    def _heal_wipes(self) -> None:
        """A topic with a new identity was wiped: send again whatever its readers do not hold."""
        wiped = self._known_topics.look()
        if wiped:
            log.warning("topics were wiped or made anew: %s", ", ".join(sorted(wiped)))
            self._known_topics.make_again(wiped)
            for node in self._nodes.well():
                with self._nodes.alone(node):
                    node.sending.go_back_to_held(wiped)
                    node.receipts.touch_all()
                    self._nodes.has_news(node.name)
        self._known_topics.noted()

    def _ask_for_gaps(self, node: Node, now: float) -> None:
        for (source, incarnation, route), progress in node.positions.gaps().items():
            if self._is_time((node.name, (source, incarnation, route)), now):
                body = {"incarnation": incarnation, "route": route, "after": progress.held}
                node.outgoing.add(OutgoingControl("resend", source, body))
                self._nodes.has_news(node.name)

    def _is_time(self, what: tuple[str, object], now: float, every: float = rhythm.ASK_AGAIN) -> bool:
        if now - self._asked.get(what, -every) < every:
            return False
        self._asked[what] = now
        return True

    def _save_places(self, now: float) -> None:
        """Let writers remember how far their routes were sent, where no arrival let them lately; waits for none.

        It is a hint: a process that is killed before sends some seconds again, and readers skip what they hold.
        """
        for node in self._nodes.well():
            if node.outbox.unsaved and self._is_time(("places", node.name), now):
                with suppress(Refusal):  # a later look tries again
                    node.log.write(node.outbox.save)

    def save_all_places(self) -> None:
        """Once more at the end, so that the next start sends nothing twice."""
        saving: list[Future[None]] = []
        for node in self._nodes:
            if node.outbox.unsaved:
                with suppress(Refusal):  # a writer that takes nothing more: a few messages go twice
                    saving.append(node.log.write(node.outbox.save))
        wait(saving, timeout=SAVE_SECONDS)
