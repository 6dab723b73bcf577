"""What the receiving office does with a matter that was offered to it."""

from datetime import date, datetime
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from shared.work.common.fact import Fact, FirstFact, UnitId, derived_id
from shared.work.common.refusals import Refusal
from shared.work.common.sealed import Sealed
from shared.work.common.sentences import N_
from shared.work.common.words import (
    Ending,
    Ground,
    ObjectionGround,
    Outcome,
    ReferralReason,
    ServiceWay,
)
from shared.work.matters.content import Handover
from shared.work.matters.offering import (
    NotReferredToItself,
    ObjectionRefused,
    ObjectionTaken,
    OfferClosed,
    Offered,
    Offering,
)
from shared.work.matters.stages import Stage, stage_after, stages_for


class WrongStage(Refusal):
    """The step does not follow from what was done before."""

    code = "wrong-stage"
    sentence = "This step is not possible now: the matter is at the stage «%(stage)s»."


class ObjectionTooLate(Refusal):
    """The time to say that a matter is not one's business has passed."""

    code = "objection-too-late"
    sentence = (
        "An objection had to be sent by %(day)s (5 working days from receipt, article 23)."
        " Handle the matter, or ask the sender to take it back."
    )


class NotServedYet(Refusal):
    """Nothing is closed without a served document."""

    code = "not-served-yet"
    sentence = "Record the proof of service of the opinion before the completion report."


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

    def apply(self, aggregate: "Referral") -> None:
        aggregate.stage = _stage_after(self, aggregate.stage)


class Received(FirstFact, ReferralFact):
    """The offer arrived; the receiving office's clocks start."""

    TOPIC = "referral.received"
    SAYS = N_("Received")

    handover: Handover

    def apply(self, aggregate: "Referral") -> None:
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

    def apply(self, aggregate: "Referral") -> None:
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

    outcome: Outcome
    findings: Sealed
    legal_basis: str
    review_at: UnitId | None
    perform_by: date | None

    def apply(self, aggregate: "Referral") -> None:
        super().apply(aggregate)
        aggregate.outcome = self.outcome


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

    def apply(self, aggregate: "Referral") -> None:
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

    def apply(self, aggregate: "Referral") -> None:
        aggregate.offer_is_over()
        super().apply(aggregate)


class Referral(Offering):
    """One office's handling of one offered matter, written by that office alone."""

    STREAM: ClassVar[str] = "referral"
    offered_fact = PassedOn
    objection_taken_fact = PassedOnObjectionArrived
    return_agreed_fact = PassedOnReturnAgreed
    return_refused_fact = PassedOnReturnRefused
    offer_ended_fact = PassedOnOfferEnded

    def __init__(self) -> None:
        super().__init__()
        self.sender: UnitId
        self.handover: Handover
        self.received_at: datetime
        self.stage = Stage.RECEIVED
        self.outcome: Outcome | None = None
        self.objection_refused = False

    @staticmethod
    def id_for(offer: UUID) -> UUID:
        """One offer makes one referral, however often it is delivered."""
        return derived_id("referral", offer)

    @classmethod
    def receive(cls, *, unit: UnitId, sender: UnitId, handover: Handover, at: datetime) -> "Referral":
        """Take note of an offer that arrived."""
        return cls._create(
            Received,
            id=cls.id_for(handover.offer),
            unit=unit,
            sender=sender,
            owner=handover.owner,
            offer=handover.offer,
            came_by=handover.came_by,
            case=handover.case,
            handover=handover,
            timestamp=at,
        )

    def accept(self, *, at: datetime) -> None:
        """Take the matter up and tell the petitioner. Errors: WrongStage."""
        self._require_stage(Accepted)
        self._note(Accepted, at=at)

    def decline(self, *, ground: Ground, explanation: Sealed, at: datetime) -> None:
        """Not accept the matter, with its ground. Errors: WrongStage."""
        self._require_stage(NotAccepted)
        self._note(NotAccepted, ground=ground, explanation=explanation, at=at)

    def object(
        self, *, ground: ObjectionGround, reason: Sealed, object_by: date, today: date, at: datetime
    ) -> None:
        """Say that the matter is not this office's business, within the limit (`object_by`).

        Errors: WrongStage, ObjectionTooLate.
        """
        self._require_stage(Objected)
        if today > object_by:
            raise ObjectionTooLate(day=object_by.isoformat())
        self._note(Objected, ground=ground, reason=reason, at=at)

    def take_answer(self, *, agreed: bool, at: datetime) -> None:
        """Take note of the sender's answer to the objection. Errors: WrongStage."""
        self._require_stage(ObjectionAnswered)
        self._note(ObjectionAnswered, agreed=agreed, at=at)

    def pass_on(
        self,
        *,
        to: UnitId,
        through: UnitId | None = None,
        reason: ReferralReason,
        report_back_by: date | None = None,
        offer: UUID,
        today: date,
        at: datetime,
    ) -> None:
        """Offer the matter to another office.

        Errors: WrongStage, NotReferredToItself, and those of `make_offer`.
        """
        self._require_stage(PassedOn)
        if to == self.unit:
            raise NotReferredToItself()
        given = self.handover
        self.make_offer(
            offer=offer,
            came_by=given.offer,
            case=given.case,
            number=given.number,
            owner=given.owner,
            hop=given.hop + 1,
            to=to,
            through=through,
            reason=reason,
            content=given.content,
            report_back_by=report_back_by,
            today=today,
            at=at,
        )

    def give_opinion(
        self,
        *,
        outcome: Outcome,
        findings: Sealed,
        legal_basis: str,
        review_at: UnitId | None,
        perform_by: date | None,
        at: datetime,
    ) -> None:
        """Issue the handling opinion. Errors: WrongStage."""
        self._require_stage(OpinionGiven)
        self._note(
            OpinionGiven,
            outcome=outcome,
            findings=findings,
            legal_basis=legal_basis,
            review_at=review_at,
            perform_by=perform_by,
            at=at,
        )

    def serve(self, *, way: ServiceWay, served_on: date, at: datetime) -> None:
        """Record the proof of service. Errors: WrongStage."""
        self._require_stage(Served)
        self._note(Served, way=way, served_on=served_on, at=at)

    def complete(self, *, performed: bool, report: Sealed, at: datetime) -> None:
        """File the completion report to the sender. Errors: NotServedYet, WrongStage."""
        if self.stage == Stage.OPINION_GIVEN:
            raise NotServedYet()
        self._require_stage(Completed)
        self._note(Completed, outcome=self.outcome, performed=performed, report=report, at=at)

    def release(self, *, reason: Sealed, at: datetime) -> None:
        """Give the matter back to its sender. Errors: WrongStage."""
        self._require_stage(Released)
        self._note(Released, reason=reason, at=at)

    def stop(self, *, withdrawn: bool, at: datetime) -> None:
        """Stop handling: withdrawn by the petitioner, or overridden by the county. Errors: WrongStage."""
        self._require_stage(Stopped)
        self._note(Stopped, withdrawn=withdrawn, onward=self.offered_to, onward_offer=self.offer, at=at)

    def report_back(
        self, *, offer: UUID, ending: Ending, outcome: Outcome | None, text: Sealed, at: datetime
    ) -> None:
        """Hand the result of the office it was passed on to back to the sender. Errors: NoSuchOffer."""
        self.require_offer(offer)
        self._note(ReportedBack, ending=ending, outcome=outcome, text=text, at=at)

    def case_id(self) -> UUID:
        return self.handover.case

    def _note(self, fact: type[ReferralFact], **attributes: Any) -> None:
        self.record(
            fact,
            offer=self.handover.offer,
            came_by=self.handover.came_by,
            case=self.handover.case,
            sender=self.sender,
            owner=self.handover.owner,
            **attributes,
        )

    def _require_stage(self, fact: type[Fact]) -> None:
        if self.stage not in stages_for(fact.TOPIC):
            raise WrongStage(stage=self.stage.value)


def _stage_after(fact: Fact, now: Stage) -> Stage:
    return stage_after(fact.TOPIC, partial(getattr, fact), now) or now
