"""How much a neighbour may ask of this node; more is left unanswered, and told once."""

import logging
from collections.abc import Callable
from datetime import datetime

from shared.transport.messages import Control
from shared.transport.quota import CONTROL, RESENT, Quotas

log = logging.getLogger(__name__)


class Asking:
    """The quotas of all neighbours; who is refused asks again, and is answered once time has passed."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._control = Quotas(CONTROL, now)
        self._resent = Quotas(RESENT, now)
        self._told: set[tuple[str, str]] = set()

    def may_say(self, control: Control) -> bool:
        """Whether a neighbour may say one more thing of this kind."""
        return self._allowed(self._control.take(control.source, control.kind), control.source, control.kind)

    def may_have_again(self, source: str, facts: int) -> bool:
        """Whether so many facts may be sent once more for a neighbour."""
        return self._allowed(self._resent.take(source, cost=max(facts, 1)), source, "resend")

    def _allowed(self, may: bool, source: str, what: str) -> bool:
        if may:
            self._told.discard((source, what))
        elif (source, what) not in self._told:
            self._told.add((source, what))
            log.warning(
                "%s says more than it may (%s); the rest is left unanswered for a while", source, what
            )
        return may
