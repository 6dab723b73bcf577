"""Orders about a matter that was offered to an office."""

from uuid import UUID

from pydantic import Field

from shared.accounts.rights import Right
from shared.orders.declaration import Declared, Step
from shared.orders.input import Carried, Day, LateBecause, Line, OfficeId, Text
from shared.orders.order import Order, OrderContext, Seals, Setting, sealed_if_given
from shared.work.common.calendar import day_of
from shared.work.common.days_ahead import FurtherThanAYear
from shared.work.common.limits import Limit, due
from shared.work.common.sentences import N_
from shared.work.common.words import Ground, ObjectionGround, Outcome, ReferralReason, ServiceWay
from shared.work.matters.offering import (
    NewOffer,
    NoSuchObjection,
    NoSuchOffer,
    NotReferredToItself,
    OfferIsOpen,
    ReportBackInThePast,
    ReportBackTooFar,
    TooManyHands,
)
from shared.work.matters.orders.referring import ANSWER_OBJECTION, through
from shared.work.matters.referral import (
    NotServedYet,
    ObjectionTooLate,
    PerformByInThePast,
    Referral,
    ServedBeforeOpinion,
    ServedLaterThanToday,
    WrongStage,
)

ACCEPT = Right("referral.accept", "self self self - -", N_("Accept a referral"))
NOT_ACCEPT = Right("referral.not_accept", "self self self - -", N_("Not accept a referral, with its ground"))
OBJECT = Right("referral.object", "self self self - -", N_("Object to a referral"))
PASS_ON = Right("matter.pass_on", "- self self - -", N_("Pass a matter on"))
OPINION = Right("referral.opinion", "self self self - -", N_("Give an opinion"))
SERVE = Right("referral.serve", "self self self - -", N_("Record the proof of service"))
COMPLETE = Right("referral.complete", "self self self - -", N_("Write the completion report"))
RELEASE = Right("referral.release", "self self self - -", N_("Release a matter"))


class ReferralOrder(Order):
    """An order about a matter in hand."""

    referral: UUID
    version: int | None = None

    def streams(self) -> tuple[UUID, ...]:
        return (self.referral,)

    def about(self, context: OrderContext, setting: Setting) -> UUID:
        return context.load(Referral, self.referral).unit

    def load(self, context: OrderContext) -> Referral:
        """The referral, if the version is the present one. Errors: NotFound, StaleVersion."""
        return context.load(Referral, self.referral, self.version)

    def seals(self, context: OrderContext, referral: Referral) -> Seals:
        """Seals for the referral's next fact, under the keys of its case."""
        return context.seals(referral.id, referral.version, referral.case_id())


class AcceptReferral(ReferralOrder):
    """Take the matter up."""

    DECLARED = Declared(
        "accept-referral",
        (ACCEPT,),
        step=Step(
            "referral",
            "accept",
            N_("Accept the matter"),
            N_("Accept"),
            says=N_("The petitioner is told path and procedure. The 60 days for the answer start today."),
        ),
        refusals=(WrongStage,),
    )

    def decide(self, context: OrderContext, setting: Setting) -> None:
        self.load(context).accept(at=context.at)


class NotAcceptReferral(ReferralOrder):
    """Not accept the matter, with its ground and an explanation for the petitioner."""

    DECLARED = Declared(
        "not-accept-referral",
        (NOT_ACCEPT,),
        step=Step("referral", "not-accept", N_("Not accept the matter"), N_("Send the notice")),
        sample={"ground": "re_examined", "explanation": "见前次复核意见"},
        known_as="DeclineReferral",
        earlier_names=("decline-referral",),
        refusals=(WrongStage,),
    )

    ground: Ground = Field(title=N_("Ground"))
    explanation: Text = Field(title=N_("What the petitioner is told, and where to go instead"))

    def decide(self, context: OrderContext, setting: Setting) -> None:
        referral = self.load(context)
        explanation = self.seals(context, referral).text("explanation", self.explanation)
        referral.not_accept(ground=self.ground, explanation=explanation, at=context.at)


class ObjectToReferral(ReferralOrder):
    """Say that the matter is not this office's business."""

    DECLARED = Declared(
        "object-to-referral",
        (OBJECT,),
        step=Step(
            "referral",
            "object",
            N_("Object to the referral"),
            N_("Send the objection"),
            says=N_("Possible within 5 working days from receipt. The sender must agree."),
        ),
        sample={"ground": "other_place", "reason": "不在本镇"},
        refusals=(WrongStage, ObjectionTooLate),
    )

    ground: ObjectionGround = Field(title=N_("Ground"))
    reason: Text = Field(title=N_("Reasons"))

    def decide(self, context: OrderContext, setting: Setting) -> None:
        referral = self.load(context)
        limit = due(Limit.OBJECTION, day_of(referral.received_at), setting.calendar)
        referral.object(
            ground=self.ground,
            reason=self.seals(context, referral).text("reason", self.reason),
            object_by=limit.day,
            today=self.today(context),
            at=context.at,
        )


class PassOn(ReferralOrder):
    """Offer the matter to another office; without `to` it goes where the sender asked for."""

    DECLARED = Declared(
        "pass-on",
        (PASS_ON,),
        step=Step("referral", "pass-on", N_("Pass the matter on"), N_("Pass on")),
        sample={"reason": "competent_body"},
        refusals=(
            *(WrongStage, NotReferredToItself, OfferIsOpen, TooManyHands),
            *(ReportBackInThePast, ReportBackTooFar),
        ),
    )

    to: OfficeId | None = Field(None, title=N_("To which office"))
    reason: ReferralReason = Field(ReferralReason.COMPETENT_BODY, title=N_("Reason"))
    report_back_by: Day | None = Field(
        None, title=N_("Report back by"), description=N_("Only for an assignment.")
    )

    def decide(self, context: OrderContext, setting: Setting) -> None:
        referral = self.load(context)
        target = setting.directory.present(referral.handover.target or referral.unit)
        to = setting.open_unit(self.to or target).unit
        referral.pass_on(
            NewOffer(
                to=to,
                through=through(setting, referral.unit, to),
                reason=self.reason,
                report_back_by=self.report_back_by,
                offer=context.next_fact(referral.id, referral.version),
                today=self.today(context),
                at=context.at,
            )
        )


class AnswerPassedOnObjection(ReferralOrder):
    """Agree to an objection of the office that the matter was passed on to, or refuse it."""

    DECLARED = Declared(
        "answer-passed-on-objection",
        (ANSWER_OBJECTION,),
        step=Step("referral", "answer-objection", N_("Answer the objection"), N_("Send the answer")),
        sample={"agreed": True},
        refusals=(NoSuchOffer, NoSuchObjection),
    )

    offer: Carried
    agreed: bool = Field(title=N_("Do you agree that it is not that office's business?"))

    def decide(self, context: OrderContext, setting: Setting) -> None:
        self.load(context).answer_objection(offer=self.offer, agreed=self.agreed, at=context.at)


class GiveOpinion(ReferralOrder):
    """Issue the handling opinion."""

    DECLARED = Declared(
        "give-opinion",
        (OPINION,),
        step=Step(
            "referral",
            "opinion",
            N_("Handling opinion"),
            N_("Issue the opinion"),
            says=N_("The petitioner may ask the next office up for a review within 30 days of receiving it."),
        ),
        sample={"outcome": "supported", "findings": "属实，予以修复", "legal_basis": "条例第三十二条"},
        refusals=(WrongStage, PerformByInThePast, FurtherThanAYear),
    )

    LATER = frozenset({"late_because"})

    outcome: Outcome = Field(title=N_("Result"))
    findings: Text = Field(title=N_("Facts found, and the opinion on each point"))
    legal_basis: Line = Field(title=N_("Legal basis"))
    perform_by: Day | None = Field(
        None, title=N_("To be performed by"), description=N_("When something was promised.")
    )
    late_because: LateBecause = None

    def decide(self, context: OrderContext, setting: Setting) -> None:
        referral = self.load(context)
        office = setting.directory.find(setting.directory.present(referral.unit))
        seals = self.seals(context, referral)
        referral.give_opinion(
            outcome=self.outcome,
            findings=seals.text("findings", self.findings),
            legal_basis=self.legal_basis,
            review_at=office.parent if office else None,
            perform_by=self.perform_by,
            late_because=sealed_if_given(seals, "late_because", self.late_because),
            at=context.at,
        )


class ServeOpinion(ReferralOrder):
    """Record the proof of service."""

    DECLARED = Declared(
        "serve-opinion",
        (SERVE,),
        step=Step("referral", "serve", N_("Proof of service"), N_("Record the service")),
        sample={"way": "in_person", "served_on": "2026-03-26"},
        refusals=(WrongStage, ServedBeforeOpinion, ServedLaterThanToday),
    )

    way: ServiceWay = Field(title=N_("How was it delivered?"))
    served_on: Day = Field(title=N_("On which day?"))

    def decide(self, context: OrderContext, setting: Setting) -> None:
        self.load(context).serve(way=self.way, served_on=self.served_on, at=context.at)


class CompleteReferral(ReferralOrder):
    """File the completion report."""

    DECLARED = Declared(
        "complete-referral",
        (COMPLETE,),
        step=Step("referral", "complete", N_("Completion report"), N_("Send the completion report")),
        sample={"performed": True, "report": "已修好"},
        refusals=(WrongStage, NotServedYet),
    )

    performed: bool = Field(title=N_("Has everything that was promised been done?"))
    report: Text = Field(title=N_("Result, what was done, and the petitioner's view"))

    def decide(self, context: OrderContext, setting: Setting) -> None:
        referral = self.load(context)
        report = self.seals(context, referral).text("report", self.report)
        referral.complete(performed=self.performed, report=report, at=context.at)


class ReleaseReferral(ReferralOrder):
    """Give the matter back to its sender."""

    DECLARED = Declared(
        "release-referral",
        (RELEASE,),
        step=Step(
            "referral",
            "release",
            N_("Give the matter back"),
            N_("Give back"),
            says=N_("The office that sent it decides where it goes next."),
        ),
        sample={"reason": "退回"},
        refusals=(WrongStage,),
    )

    reason: Text = Field(title=N_("Reasons"))

    def decide(self, context: OrderContext, setting: Setting) -> None:
        referral = self.load(context)
        reason = self.seals(context, referral).text("reason", self.reason)
        referral.release(reason=reason, at=context.at)
