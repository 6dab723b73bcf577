"""Telling the offices above that a node said what it may not say."""

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

    def violated(self, group: Group, envelope: Envelope, reason: Reason, why: str) -> None:
        """What a node signed was found to be what it may not say; `reason` is the kind of it."""
        said = f"{reason}: {envelope.type} {why}"
        log.error("%s: %s says what it may not say: %s", self.me, envelope.source, said)
        kept = self.directory().hosted_by(self.me)
        if kept and not self.is_quiet:
            at = envelope.recorded if self.clock.rehearsal else self.clock.now()
            context = OrderContext(group, at=at, actor=None, cause=envelope.id)
            told = (reason.value, envelope.name, envelope.id, envelope.unit, why)
            found = Violation(self.me, envelope.source, *told)
            self.work.raise_alarm(context, kept[0].unit, found)
            context.record()
