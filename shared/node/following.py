"""What follows from a fact that this node has come to know: requests for keys, offers, and orders of the work."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from shared.event_log.known import JournaledFact
from shared.event_log.order_context import OrderContext
from shared.node.ground import Ground
from shared.node.key_requests import KeyRequests
from shared.node.moving import Moving
from shared.node.offers import Offers
from shared.node.work import Work
from shared.restore.put_back import effects_of


@dataclass(frozen=True)
class Following:
    """Does what follows; `is_quiet` while a restore has not put back what had followed already.

    Afterwards `had` says in which records of this node something had, by the fact that it followed from.
    """

    me: str
    work: Work
    key_requests: KeyRequests
    offers: Offers
    moving: Moving
    is_quiet: bool
    had: Mapping[UUID, Collection[UUID]]

    def react(self, context: OrderContext, known: JournaledFact) -> None:
        """Do what follows from one fact. Errors: any Refusal, which undoes it."""
        if self.is_quiet:
            return
        context.leave(self.had.get(known.envelope.id, ()))
        if known.envelope.kind == "unit" and known.data["entry"]["node"] == self.me:
            context.group.on_commit.append(self.offers.look)
        follows = self.moving.note(context.group, known)
        if known.arrived is not None:
            self.key_requests.follow(context.group, known)
        if follows:
            self.work.follow(context, known, partial(self.moving.may_follow, source=known.envelope.source))


def had_before(ground: Ground) -> Mapping[UUID, Collection[UUID]]:
    """Where something has followed, of a restore that has put it back; what it followed from may come once more."""
    if not (ground.restoring and ground.begun and ground.begun.put_back):
        return {}
    with ground.engine.connect() as connection:
        return effects_of(connection, ground.begun.since)
