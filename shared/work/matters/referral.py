"""What the receiving office does with a matter that was offered to it."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from shared.work.common.calendar import day_of
from shared.work.common.days_ahead import require_within_a_year
from shared.work.common.fact import Fact, UnitId
from shared.work.common.refusals import Kind, Refusal
from shared.work.common.sealed import Sealed
from shared.work.common.words import (
    Ending,
    Ground,
    ObjectionGround,
    Outcome,
    ServiceWay,
)
from shared.work.matters.content import Handover
from shared.work.matters.handling_facts import (
    Accepted,
    Completed,
    NotAccepted,
    Objected,
    ObjectionAnswered,
    OpinionGiven,
    PassedOn,
    PassedOnObjectionArrived,
    PassedOnOfferEnded,
    PassedOnReturnAgreed,
    PassedOnReturnRefused,
    Received,
    ReferralFact,
    Released,
    ReportedBack,
    Served,
    Stopped,
    referral_id,
)
from shared.work.matters.offering import NewOffer, NotReferredToItself, Offering
from shared.work.matters.stages import Stage, stages_for


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


class ServedBeforeOpinion(Refusal):
    """Nobody is given a paper before there is one."""

    code = "served-before-opinion"
    sentence = "The opinion was issued on %(opinion)s, so it cannot have been served on %(day)s. Enter the day of the service."
    kind = Kind.WRONG_INPUT


class ServedLaterThanToday(Refusal):
    """A service is recorded when it has happened."""

    code = "served-later-than-today"
    sentence = "%(day)s lies in the future. Record the service once the petitioner has the opinion."
    kind = Kind.WRONG_INPUT


class PerformByInThePast(Refusal):
    """What is promised is to be done on a day that has passed."""

    code = "perform-by-in-the-past"
    sentence = "The day of performance %(day)s has already passed. Choose a later day."
    kind = Kind.WRONG_INPUT


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
        self.opinion_on: date | None = None
        self.objection_refused = False

    @staticmethod
    def id_for(offer: UUID) -> UUID:
        """One offer makes one referral, however often it is delivered."""
        return referral_id(offer)

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

    def not_accept(self, *, ground: Ground, explanation: Sealed, at: datetime) -> None:
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

    def pass_on(self, new: NewOffer) -> None:
        """Offer the matter to another office.

        Errors: WrongStage, NotReferredToItself, and those of `make_offer`.
        """
        self._require_stage(PassedOn)
        if new.to == self.unit:
            raise NotReferredToItself()
        given = self.handover
        self.make_offer(
            new,
            came_by=given.offer,
            case=given.case,
            number=given.number,
            owner=given.owner,
            hop=given.hop + 1,
            content=given.content,
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
        late_because: Sealed | None = None,
    ) -> None:
        """Issue the handling opinion. Errors: WrongStage, PerformByInThePast, FurtherThanAYear."""
        self._require_stage(OpinionGiven)
        if perform_by is not None:
            if perform_by < day_of(at):
                raise PerformByInThePast(day=perform_by.isoformat(), field="perform_by")
            require_within_a_year(perform_by, day_of(at), unless=late_because, field="perform_by")
        self._note(
            OpinionGiven,
            outcome=outcome,
            findings=findings,
            legal_basis=legal_basis,
            review_at=review_at,
            perform_by=perform_by,
            late_because=late_because,
            at=at,
        )

    def serve(self, *, way: ServiceWay, served_on: date, at: datetime) -> None:
        """Record the proof of service. Errors: WrongStage, ServedBeforeOpinion, ServedLaterThanToday."""
        self._require_stage(Served)
        if served_on > day_of(at):
            raise ServedLaterThanToday(day=served_on.isoformat(), field="served_on")
        if self.opinion_on and served_on < self.opinion_on:
            day, opinion = served_on.isoformat(), self.opinion_on.isoformat()
            raise ServedBeforeOpinion(day=day, opinion=opinion, field="served_on")
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
