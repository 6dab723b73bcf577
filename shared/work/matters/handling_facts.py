"""What an office records while it handles a matter that was offered to it."""

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from shared.work.common.calendar import day_of
from shared.work.common.fact import Fact, FirstFact, UnitId
from shared.work.common.sealed import Sealed
from shared.work.common.sentences import N_
from shared.work.common.words import (
    Ending,
    Ground,
    ObjectionGround,
    Outcome,
    ServiceWay,
)
from shared.work.matters.content import Handover
from shared.work.matters.offering import (
    ObjectionRefused,
    ObjectionTaken,
    OfferClosed,
    Offered,
)
from shared.work.matters.stages import Stage, stage_after


class ReferralFact(Fact):
    """A fact of the handling office; the office that sent the matter and the one that registered it learn of it."""

    offer: UUID
    came_by: UUID | None
    case: UUID
    sender: UnitId
    owner: UnitId

    def concerns(self) -> UUID:
        return self.case

    def addressees(self) -> tuple[UnitId, ...]:
        return tuple(dict.fromkeys((self.sender, self.owner)))

    def apply(self, aggregate: Any) -> None:
        aggregate.stage = _stage_after(self, aggregate.stage)


class Received(FirstFact, ReferralFact):
    """The offer arrived; the receiving office's clocks start."""

    TOPIC = "referral.received"
    SAYS = N_("Received")

    handover: Handover

    def apply(self, aggregate: Any) -> None:
        aggregate.unit = self.unit
        aggregate.sender = self.sender
        aggregate.handover = self.handover
        aggregate.received_at = self.timestamp
        super().apply(aggregate)


class Accepted(ReferralFact):
    """The office is competent and told the petitioner path and procedure (article 23)."""

    TOPIC = "referral.accepted"
    SAYS = N_("Accepted; the petitioner was told path and procedure")


class NotAccepted(ReferralFact):
    """The matter is not taken up; the petitioner is told why and where to go."""

    TOPIC = "referral.not_accepted"
    SAYS = N_("Not accepted")

    ground: Ground
    explanation: Sealed


class Objected(ReferralFact):
    """The office says that the matter is not its business; the sender must agree (article 23)."""

    TOPIC = "referral.objected"
    SAYS = N_("Objected to the referral")

    ground: ObjectionGround
    reason: Sealed


class ObjectionAnswered(ReferralFact):
    """The sender's answer to the objection arrived."""

    TOPIC = "referral.objection_answered"
    SAYS = N_("The answer to the objection arrived")

    agreed: bool

    def apply(self, aggregate: Any) -> None:
        super().apply(aggregate)
        aggregate.objection_refused = not self.agreed


class PassedOn(Offered):
    """The office offered the matter to another one, below it or sideways through the county."""

    TOPIC = "referral.passed_on"
    SAYS = N_("Passed on to another office")

    def apply(self, aggregate: Any) -> None:
        super().apply(aggregate)
        aggregate.stage = _stage_after(self, aggregate.stage)


class PassedOnObjectionArrived(ObjectionTaken):
    """The office that the matter was passed on to objected."""

    TOPIC = "referral.objection_arrived"
    SAYS = N_("The objection arrived")


class _BackInHand(OfferClosed):
    def apply(self, aggregate: Any) -> None:
        super().apply(aggregate)
        aggregate.stage = _stage_after(self, aggregate.stage)


class PassedOnReturnAgreed(_BackInHand):
    """The office agreed to the objection of the one it had passed the matter to."""

    TOPIC = "referral.return_agreed"
    SAYS = N_("Objection agreed to; the matter came back")


class PassedOnReturnRefused(ObjectionRefused):
    """The office did not agree to the objection."""

    TOPIC = "referral.return_refused"
    SAYS = N_("Objection not agreed to")


class PassedOnOfferEnded(_BackInHand):
    """The office that had the matter released it, or was overridden."""

    TOPIC = "referral.offer_ended"
    SAYS = N_("The referral ended; the matter came back")


class OpinionGiven(ReferralFact):
    """The handling opinion: facts found, opinion, legal basis, and where to ask for review (article 32)."""

    TOPIC = "referral.opinion_given"
    SAYS = N_("Handling opinion issued")
    class_version = 2

    outcome: Outcome
    findings: Sealed
    legal_basis: str
    review_at: UnitId | None
    perform_by: date | None
    late_because: Sealed | None

    @staticmethod
    def upcast_v1_v2(data: dict[str, Any]) -> None:
        """A day that nobody gave a reason for."""
        data["late_because"] = None

    def apply(self, aggregate: Any) -> None:
        super().apply(aggregate)
        aggregate.outcome = self.outcome
        aggregate.opinion_on = day_of(self.timestamp)


class Served(ReferralFact):
    """The petitioner has the opinion: the proof of service starts the time for a review."""

    TOPIC = "referral.served"
    SAYS = N_("Opinion served on the petitioner")

    way: ServiceWay
    served_on: date


class Completed(ReferralFact):
    """The completion report: result, performance, the petitioner's view."""

    TOPIC = "referral.completed"
    SAYS = N_("Completion report filed")

    outcome: Outcome
    performed: bool
    report: Sealed


class ReportedBack(ReferralFact):
    """The office it was passed on to has finished; its result goes back along the chain of hands."""

    TOPIC = "referral.reported_back"
    SAYS = N_("The result was passed back")

    ending: Ending
    outcome: Outcome | None
    text: Sealed

    def apply(self, aggregate: Any) -> None:
        aggregate.offer_is_over()
        super().apply(aggregate)


class Released(ReferralFact):
    """The office gave the matter back to its sender."""

    TOPIC = "referral.released"
    SAYS = N_("Given back to the sender")

    reason: Sealed


class Stopped(ReferralFact):
    """Handling ended here: the petition was withdrawn, or the county overrode the offer."""

    TOPIC = "referral.stopped"
    SAYS = N_("Handling stopped")

    withdrawn: bool
    onward: UnitId | None
    onward_offer: UUID | None

    def addressees(self) -> tuple[UnitId, ...]:
        return (*super().addressees(), *((self.onward,) if self.onward else ()))

    def apply(self, aggregate: Any) -> None:
        aggregate.offer_is_over()
        super().apply(aggregate)


def _stage_after(fact: Fact, now: Stage) -> Stage:
    return stage_after(fact.TOPIC, partial(getattr, fact), now) or now
