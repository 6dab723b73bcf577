"""Orders about a matter that was offered to an office."""

from typing import Any
from uuid import UUID

from shared.orders.input import Day, Line, Text
from shared.orders.order import Desk, Order, Seals, Setting
from shared.work.common.calendar import day_of
from shared.work.common.limits import Limit, due
from shared.work.common.words import Ground, ObjectionGround, Outcome, ReferralReason, ServiceWay
from shared.work.matters.orders.registering import through
from shared.work.matters.override import Override
from shared.work.matters.referral import Referral


class ReferralOrder(Order):
    """An order about a matter in hand."""

    referral: UUID
    version: int | None = None

    def streams(self) -> tuple[UUID, ...]:
        return (self.referral,)

    def about(self, desk: Desk, setting: Setting) -> UUID:
        return desk.load(Referral, self.referral).unit

    def load(self, desk: Desk) -> Referral:
        """The referral, if the version is the present one. Errors: NotFound, StaleVersion."""
        return desk.load(Referral, self.referral, self.version)

    def seals(self, desk: Desk, referral: Referral) -> Seals:
        """Seals for the referral's next fact, under the keys of its case."""
        return desk.seals(referral.id, referral.version, referral.case_id())


class AcceptReferral(ReferralOrder):
    """Take the matter up."""

    def action(self) -> str:
        return "referral.accept"

    def decide(self, desk: Desk, setting: Setting) -> None:
        self.load(desk).accept(at=desk.at)


class DeclineReferral(ReferralOrder):
    """Not accept the matter, with its ground and an explanation for the petitioner."""

    ground: Ground
    explanation: Text

    def action(self) -> str:
        return "referral.not_accept"

    def decide(self, desk: Desk, setting: Setting) -> None:
        referral = self.load(desk)
        explanation = self.seals(desk, referral).text("explanation", self.explanation)
        referral.decline(ground=self.ground, explanation=explanation, at=desk.at)


class ObjectToReferral(ReferralOrder):
    """Say that the matter is not this office's business."""

    ground: ObjectionGround
    reason: Text

    def action(self) -> str:
        return "referral.object"

    def decide(self, desk: Desk, setting: Setting) -> None:
        referral = self.load(desk)
        limit = due(Limit.OBJECTION, day_of(referral.received_at), setting.calendar)
        referral.object(
            ground=self.ground,
            reason=self.seals(desk, referral).text("reason", self.reason),
            object_by=limit.day,
            today=self.today(desk),
            at=desk.at,
        )


class PassOn(ReferralOrder):
    """Offer the matter to another office; without `to` it goes where the sender asked for."""

    to: UUID | None = None
    reason: ReferralReason = ReferralReason.COMPETENT_BODY
    report_back_by: Day | None = None

    def action(self) -> str:
        return "matter.pass_on"

    def decide(self, desk: Desk, setting: Setting) -> None:
        referral = self.load(desk)
        to = setting.open_unit(self.to or referral.handover.target or referral.unit).unit
        referral.pass_on(
            to=to,
            through=through(setting, referral.unit, to),
            reason=self.reason,
            report_back_by=self.report_back_by,
            offer=desk.next_fact(referral.id, referral.version),
            today=self.today(desk),
            at=desk.at,
        )


class AnswerPassedOnObjection(ReferralOrder):
    """Agree to an objection of the office that the matter was passed on to, or refuse it."""

    offer: UUID
    agreed: bool

    def action(self) -> str:
        return "referral.answer_objection"

    def decide(self, desk: Desk, setting: Setting) -> None:
        self.load(desk).answer_objection(offer=self.offer, agreed=self.agreed, at=desk.at)


class GiveOpinion(ReferralOrder):
    """Issue the handling opinion."""

    outcome: Outcome
    findings: Text
    legal_basis: Line
    perform_by: Day | None = None

    def action(self) -> str:
        return "referral.opinion"

    def decide(self, desk: Desk, setting: Setting) -> None:
        referral = self.load(desk)
        above = setting.directory.find(referral.unit)
        referral.give_opinion(
            outcome=self.outcome,
            findings=self.seals(desk, referral).text("findings", self.findings),
            legal_basis=self.legal_basis,
            review_at=above.parent if above else None,
            perform_by=self.perform_by,
            at=desk.at,
        )


class ServeOpinion(ReferralOrder):
    """Record the proof of service."""

    way: ServiceWay
    served_on: Day

    def action(self) -> str:
        return "referral.serve"

    def decide(self, desk: Desk, setting: Setting) -> None:
        self.load(desk).serve(way=self.way, served_on=self.served_on, at=desk.at)


class CompleteReferral(ReferralOrder):
    """File the completion report."""

    performed: bool
    report: Text

    def action(self) -> str:
        return "referral.complete"

    def decide(self, desk: Desk, setting: Setting) -> None:
        referral = self.load(desk)
        report = self.seals(desk, referral).text("report", self.report)
        referral.complete(performed=self.performed, report=report, at=desk.at)


class ReleaseReferral(ReferralOrder):
    """Give the matter back to its sender."""

    reason: Text

    def action(self) -> str:
        return "referral.release"

    def decide(self, desk: Desk, setting: Setting) -> None:
        referral = self.load(desk)
        reason = self.seals(desk, referral).text("reason", self.reason)
        referral.release(reason=reason, at=desk.at)


class OverrideOffer(Order):
    """The county ends an offer whose receiver cannot answer any more."""

    offer: UUID
    came_by: UUID | None = None
    case: UUID
    sender: UUID
    receiver: UUID
    reason: Text

    def action(self) -> str:
        return "referral.override"

    def about(self, desk: Desk, setting: Setting) -> UUID:
        return self.receiver

    def decide(self, desk: Desk, setting: Setting) -> dict[str, Any]:
        override_id = Override.id_for(self.offer)
        reason = desk.seals(override_id, 0, override_id, making=True).text("reason", self.reason)
        desk.add(
            Override.order(
                unit=setting.actor.unit,
                offer=self.offer,
                came_by=self.came_by,
                case=self.case,
                sender=self.sender,
                receiver=self.receiver,
                reason=reason,
                at=desk.at,
            )
        )
        return {"override": str(override_id)}
