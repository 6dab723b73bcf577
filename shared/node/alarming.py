"""Telling the offices above that a node said what is not for it to say."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from shared.envelope import Envelope
from shared.event_log.group import Group
from shared.event_log.order_context import OrderContext
from shared.node.work import Work
from shared.settings.clock import Clock
from shared.transport.parking import Reason
from shared.work.common.authority import Violation
from shared.work.common.unit_tree import Directory

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Alarming:
    """Records the alarm in the name of the first office that the node keeps.

    `is_quiet` while the node takes back what it had sent: its log must not go on before that, and what is parked is
    judged again at its next start.
    """

    me: str
    work: Work
    clock: Clock
    directory: Callable[[], Directory]
    is_quiet: bool

    def violated(self, group: Group, envelope: Envelope, why: str) -> None:
        """A fact that its sender signed was found not to be its to say."""
        log.error("%s: %s says what is not its to say: %s %s", self.me, envelope.source, envelope.type, why)
        kept = self.directory().hosted_by(self.me)
        if kept and not self.is_quiet:
            at = envelope.recorded if self.clock.rehearsal else self.clock.now()
            context = OrderContext(group, at=at, actor=None, cause=envelope.id)
            said = (Reason.NOT_THEIRS.value, envelope.name, envelope.id, envelope.unit, why)
            found = Violation(self.me, envelope.source, *said)
            self.work.raise_alarm(context, kept[0].unit, found)
            context.record()
