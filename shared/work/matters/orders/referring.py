"""Orders about a registered matter: assess, refer, keep, withdraw, answer an objection."""

from uuid import UUID

from pydantic import Field

from shared.accounts.rights import Right
from shared.orders.declaration import Declared, Step
from shared.orders.input import Carried, Day, OfficeId
from shared.orders.order import OrderContext, Setting
from shared.work.common.sentences import N_
from shared.work.common.words import ConfirmedBy, MatterClass, Purpose, ReferralReason
from shared.work.matters.case import CaseIsClosed
from shared.work.matters.content import AccusationNotTaken
from shared.work.matters.offering import (
    NewOffer,
    NoSuchObjection,
    NoSuchOffer,
    NotReferredToItself,
    OfferIsOpen,
    ReportBackInThePast,
    ReportBackTooFar,
)
from shared.work.matters.orders.registering import CaseOrder

ASSESS = Right("matter.assess", "self self self - -", N_("Assess a matter"))


REFER = Right("matter.refer", "self self self - -", N_("Refer a matter"))


ASSIGN = Right("matter.assign", "- self self - -", N_("Assign a matter with a report-back date"))


KEEP = Right("matter.keep", "self self self - -", N_("Handle an own matter here"))


WITHDRAW = Right("matter.withdraw", "self self self - -", N_("Record a withdrawal"))


ANSWER_OBJECTION = Right("referral.answer_objection", "self self self - -", N_("Answer an objection"))


class AssessMatter(CaseOrder):
    """Assess what the matter is."""

    DECLARED = Declared(
        "assess-matter",
        (ASSESS,),
        step=Step("case", "assess", N_("Assess the matter"), N_("Save the assessment")),
        sample={"matter_class": "urban_rural", "purpose": "seeking_decision"},
        known_as="ClassifyMatter",
        earlier_names=("classify-matter",),
        refusals=(AccusationNotTaken, CaseIsClosed),
    )

    matter_class: MatterClass = Field(title=N_("Class"))
    purpose: Purpose = Field(title=N_("Purpose"))

    def decide(self, context: OrderContext, setting: Setting) -> None:
        if self.matter_class is MatterClass.DISCIPLINE:
            raise AccusationNotTaken()
        self.load(context).assess(matter_class=self.matter_class, purpose=self.purpose, at=context.at)


class ReferMatter(CaseOrder):
    """Offer the matter to another office; a `report_back_by` day makes it an assignment."""

    DECLARED = Declared(
        "refer-matter",
        (REFER, ASSIGN),
        step=Step(
            "case",
            "refer",
            N_("Refer the matter"),
            N_("Send the referral"),
            says=N_("The matter moves when that office accepts it. Until then it stays with your office."),
        ),
        sample={"reason": "competent_body"},
        refusals=(
            *(CaseIsClosed, NotReferredToItself, OfferIsOpen),
            *(ReportBackInThePast, ReportBackTooFar),
        ),
    )

    to: OfficeId = Field(title=N_("To which office"))
    reason: ReferralReason = Field(ReferralReason.COMPETENT_BODY, title=N_("Reason"))
    report_back_by: Day | None = Field(
        None,
        title=N_("Report back by"),
        description=N_("Only for an assignment. Leave it empty for a referral."),
    )

    def action(self) -> str:
        return (ASSIGN if self.report_back_by else REFER).action

    def decide(self, context: OrderContext, setting: Setting) -> None:
        case = self.load(context)
        case.refer(
            NewOffer(
                to=setting.open_unit(self.to).unit,
                through=through(setting, case.unit, self.to),
                reason=self.reason,
                report_back_by=self.report_back_by,
                offer=context.next_fact(case.id, case.version),
                today=self.today(context),
                at=context.at,
            )
        )


class KeepMatter(CaseOrder):
    """Take the matter on at the office that registered it."""

    DECLARED = Declared(
        "keep-matter",
        (KEEP,),
        step=Step(
            "case",
            "keep",
            N_("Handle the matter here"),
            N_("Take the matter on"),
            says=N_("Your office is competent and handles the matter itself."),
        ),
        refusals=(CaseIsClosed, OfferIsOpen),
    )

    def decide(self, context: OrderContext, setting: Setting) -> None:
        case = self.load(context)
        case.refer(
            NewOffer(
                to=case.unit,
                reason=ReferralReason.OWN_MATTER,
                offer=context.next_fact(case.id, case.version),
                today=self.today(context),
                at=context.at,
            )
        )


class WithdrawMatter(CaseOrder):
    """Record that the petitioner took the petition back, confirmed by a second contact."""

    DECLARED = Declared(
        "withdraw-matter",
        (WITHDRAW,),
        step=Step(
            "case",
            "withdraw",
            N_("The petitioner withdraws"),
            N_("Record the withdrawal"),
            says=N_("Only the petitioner can withdraw, and may file again at any time."),
        ),
        sample={"confirmed_by": "second_call"},
        refusals=(CaseIsClosed,),
    )

    confirmed_by: ConfirmedBy = Field(title=N_("How was it confirmed a second time?"))

    def decide(self, context: OrderContext, setting: Setting) -> None:
        self.load(context).withdraw(confirmed_by=self.confirmed_by, at=context.at)


class AnswerObjection(CaseOrder):
    """Agree to an objection of the office that the matter was referred to, or refuse it."""

    DECLARED = Declared(
        "answer-objection",
        (ANSWER_OBJECTION,),
        step=Step("case", "answer-objection", N_("Answer the objection"), N_("Send the answer")),
        sample={"agreed": True},
        refusals=(NoSuchOffer, NoSuchObjection),
    )

    offer: Carried
    agreed: bool = Field(title=N_("Do you agree that it is not that office's business?"))

    def decide(self, context: OrderContext, setting: Setting) -> None:
        self.load(context).answer_objection(offer=self.offer, agreed=self.agreed, at=context.at)


def through(setting: Setting, sender: UUID, to: UUID) -> UUID | None:
    """The county when the matter goes sideways: to an office that is neither above, below nor beside.

    Errors: UnknownUnit.
    """
    root = setting.directory.root()
    return None if root is None or setting.directory.may_hand_on(sender, to) else root.unit
