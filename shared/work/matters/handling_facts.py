"""What an office records while it handles a matter that was offered to it."""

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from shared.work.common.authority import Evidence, Statement, require
from shared.work.common.calendar import day_of
from shared.work.common.fact import Fact, FirstFact, UnitId, derived_id
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
    offered_to,
    require_related,
)
from shared.work.matters.stages import Stage, stage_after


class ReferralFact(Fact):
    """A fact of the handling office; the office that sent the matter and the one that registered it learn of it."""

    offer: UUID
    came_by: UUID | None
    case: UUID
    sender: UnitId
    owner: UnitId

    @classmethod
    def require_theirs(cls, said: Statement, known: Evidence) -> None:
        """It is about the offer with which the record began. Errors: NotTheirs."""
        begun = known.beginning(said, UUID(said.data["owner"]), UUID(said.data["sender"]))
        if begun is not None:
            same = [said.data[name] == begun.data[name] for name in _OF_A_REFERRAL]
            require(all(same) and said.unit == begun.unit, "speaks of another matter than it received")

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

    @classmethod
    def stream_of(cls, said: Statement) -> UUID:
        return referral_id(UUID(said.data["offer"]))

    @classmethod
    def require_theirs(cls, said: Statement, known: Evidence) -> None:
        """It was offered to this office, and what it received is what was handed over. Errors: NotTheirs, Waits."""
        offer = known.fact(UUID(said.data["offer"]), UUID(said.data["sender"]))
        require(offer.name in OFFERS and UUID(offered_to(offer.data)) == said.unit, "was not offered to it")
        handed = offer.data["handover"]
        named = [said.data[name] for name in _OF_A_REFERRAL]
        given = [*(handed[name] for name in ("offer", "case", "owner", "came_by")), str(offer.unit)]
        require(
            named == given and said.data["handover"] == handed, "received something else than was offered"
        )

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

    @classmethod
    def require_theirs(cls, said: Statement, known: Evidence) -> None:
        """The matter is the one that was handed to this office. Errors: NotTheirs, Waits."""
        given = said.data["handover"]
        require(said.stream == referral_id(UUID(given["came_by"])), "passes on what it did not receive")
        begun = known.beginning(said, UUID(given["owner"]))
        if begun is not None:
            handed = begun.data["handover"]
            same = [given[name] == handed[name] for name in ("case", "owner", "number", "content")]
            require(all(same), "passes on something else than was handed over")
        require_related(said, known)

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
    COPIES = {"text": ("report", "explanation")}
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

    @classmethod
    def require_theirs(cls, said: Statement, known: Evidence) -> None:
        """What it stops further on is an offer that it made. Errors: NotTheirs."""
        super().require_theirs(said, known)
        onward, offer = said.data["onward"], said.data["onward_offer"]
        if onward and offer:
            # Only the office further on, the one that registered the matter and those above have heard that offer.
            made = known.heard(UUID(offer), said, UUID(onward), UUID(said.data["owner"]))
            require(made is None or made.stream == said.stream, "stops an offer that another office made")

    def addressees(self) -> tuple[UnitId, ...]:
        return (*super().addressees(), *((self.onward,) if self.onward else ()))

    def apply(self, aggregate: Any) -> None:
        aggregate.offer_is_over()
        super().apply(aggregate)


_OF_A_REFERRAL = ("offer", "case", "owner", "came_by", "sender")
OFFERS = frozenset({"case.referred", "referral.passed_on"})
"""Stored names of the facts that hand a matter to an office."""


def referral_id(offer: UUID) -> UUID:
    """The record of what an office does with an offer: one offer makes one, however often it is delivered."""
    return derived_id("referral", offer)


def _stage_after(fact: Fact, now: Stage) -> Stage:
    return stage_after(fact.TOPIC, partial(getattr, fact), now) or now
