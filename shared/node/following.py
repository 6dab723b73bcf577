"""What follows from a fact that this node has come to know: requests for keys, offers, and orders of the work."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from shared.event_log.known import JournaledFact
from shared.event_log.order_context import OrderContext
from shared.node.key_requests import KeyRequests
from shared.node.offers import Offers
from shared.node.work import Work


@dataclass(frozen=True)
class Following:
    """Does what follows; `is_quiet` while a restore has not put back what had followed already."""

    me: str
    work: Work
    key_requests: KeyRequests
    offers: Offers
    keeps: Callable[[UUID], bool]
    is_quiet: bool

    def react(self, context: OrderContext, known: JournaledFact) -> None:
        """Do what follows from one fact. Errors: any Refusal, which undoes it."""
        if self.is_quiet:
            return
        if known.envelope.kind == "unit" and known.data["entry"]["node"] == self.me:
            context.group.on_commit.append(self.offers.look)
        if known.arrived is not None:
            self.key_requests.follow(context.group, known)
        self.work.follow(context, known, self.keeps)
