"""A petition matter at the office that registered it."""

from datetime import date, datetime, time
from typing import ClassVar
from uuid import UUID

from shared.work.common.authority import Evidence, Statement, require
from shared.work.common.fact import Fact, FirstFact, UnitId, derived_id
from shared.work.common.refusals import Refusal
from shared.work.common.sealed import Sealed
from shared.work.common.sentences import N_
from shared.work.common.words import ConfirmedBy, Ending, MatterClass, Purpose, ReferralReason
from shared.work.matters.content import Content, ReceiptFact, check_content, check_hour
from shared.work.matters.numbers import matter_number, year_and_number
from shared.work.matters.offering import (
    NewOffer,
    NotReferredToItself,
    ObjectionRefused,
    ObjectionTaken,
    OfferClosed,
    Offered,
    Offering,
    require_own_offer,
    require_related,
)


class CaseIsClosed(Refusal):
    """The matter has ended."""

    code = "case-is-closed"
    sentence = "Matter %(number)s has ended (%(ending)s). New facts are registered as a new matter."


class CaseFact(Fact):
    """A fact of the case's own stream."""

    def concerns(self) -> UUID:
        return self.originator_id


class Registered(FirstFact, CaseFact, ReceiptFact):
    """A petition came in and was written into the unit's register.

    `register_no` counts the register of the unit and year from 1 without gaps; `query_check` lets
    the county check the petitioner's query code, `query_code` lets the unit print it again.
    """

    TOPIC = "case.registered"
    SAYS = N_("Registered")

    number: str
    year: int
    register_no: int
    content: Content
    query_check: str
    query_code: Sealed

    @classmethod
    def stream_of(cls, said: Statement) -> UUID:
        return Case.id_for(said.unit, said.data["year"], said.data["register_no"])

    def apply(self, aggregate: "Case") -> None:
        aggregate.unit = self.unit
        aggregate.number = self.number
        aggregate.content = self.content
        aggregate.received_time = self.received_time


class Corrected(CaseFact, ReceiptFact):
    """The registration was mistyped; the old words stay in the log."""

    TOPIC = "case.corrected"
    SAYS = N_("Registration corrected")

    content: Content
    reason: Sealed

    def apply(self, aggregate: "Case") -> None:
        aggregate.content = self.content
        aggregate.received_time = self.received_time


class Assessed(CaseFact):
    """The clerk assessed what the matter is."""

    TOPIC = "case.classified"
    SAYS = N_("Assessed")

    matter_class: MatterClass
    purpose: Purpose

    def apply(self, aggregate: "Case") -> None:
        aggregate.assessed = True


class Referred(Offered):
    """The matter was offered to the competent office, or taken on by the office itself."""

    TOPIC = "case.referred"
    SAYS = N_("Referred to an office")

    @classmethod
    def require_theirs(cls, said: Statement, known: Evidence) -> None:
        """The matter is the office's own. Errors: NotTheirs, Waits."""
        handover = said.data["handover"]
        mine = (UUID(handover["case"]), UUID(handover["owner"]), handover["came_by"])
        require(mine == (said.stream, said.unit, None), "offers a matter that another office registered")
        year, register_no = year_and_number(handover["number"])
        require(said.stream == Case.id_for(said.unit, year, register_no), "a matter under another's number")
        require_related(said, known)


class ObjectionArrived(ObjectionTaken):
    """The office that the matter was referred to objected."""

    TOPIC = "case.objection_arrived"
    SAYS = N_("The objection arrived")


class ReturnAgreed(OfferClosed):
    """The sender agreed that the matter is not the receiver's business."""

    TOPIC = "case.return_agreed"
    SAYS = N_("Objection agreed to; the matter came back")


class ReturnRefused(ObjectionRefused):
    """The sender did not agree to the objection; the matter stays with the receiver."""

    TOPIC = "case.return_refused"
    SAYS = N_("Objection not agreed to")


class OfferEnded(OfferClosed):
    """The receiver released the matter, or the county overrode a dead receiver."""

    TOPIC = "case.offer_ended"
    SAYS = N_("The referral ended; the matter came back")


class Withdrawn(CaseFact):
    """The petitioner took the petition back, confirmed by a second contact."""

    TOPIC = "case.withdrawn"
    SAYS = N_("Withdrawn by the petitioner")

    confirmed_by: ConfirmedBy
    handled_by: UnitId | None
    offer: UUID | None

    @classmethod
    def require_theirs(cls, said: Statement, known: Evidence) -> None:
        """The offer that it ends is one of this matter. Errors: NotTheirs, Waits."""
        if said.data["offer"]:
            require_own_offer(said, known)

    def addressees(self) -> tuple[UnitId, ...]:
        return (self.handled_by,) if self.handled_by else ()

    def apply(self, aggregate: "Case") -> None:
        aggregate.ending = Ending.WITHDRAWN
        aggregate.offer_is_over()


class Concluded(CaseFact):
    """The handling office reported back and the matter has its end."""

    TOPIC = "case.concluded"
    SAYS = N_("Concluded")

    ending: Ending
    referral: UUID

    def apply(self, aggregate: "Case") -> None:
        aggregate.ending = self.ending
        aggregate.offer_is_over()


class Case(Offering):
    """One petition matter at the unit that registered it, from first word to closing."""

    STREAM: ClassVar[str] = "case"
    offered_fact = Referred
    objection_taken_fact = ObjectionArrived
    return_agreed_fact = ReturnAgreed
    return_refused_fact = ReturnRefused
    offer_ended_fact = OfferEnded

    def __init__(self) -> None:
        super().__init__()
        self.number: str
        self.content: Content
        self.received_time: time | None
        self.assessed = False
        self.ending: Ending | None = None

    @staticmethod
    def id_for(unit: UnitId, year: int, register_no: int) -> UUID:
        """The id that makes a register number usable once: a second use is the same stream."""
        return derived_id("case", unit, year, register_no)

    @classmethod
    def register(
        cls,
        *,
        unit: UnitId,
        mark: str,
        year: int,
        register_no: int,
        content: Content,
        query_check: str,
        query_code: Sealed,
        received_time: time | None = None,
        today: date,
        at: datetime,
    ) -> "Case":
        """Write a petition into the unit's register.

        `mark` is the unit's register mark, the first part of the number on the receipt.
        Errors: those of `check_content` and `check_hour`; AccusationNotTaken is raised by the door before sealing.
        """
        check_content(content, today)
        check_hour(content.received_on, received_time, at)
        return cls._create(
            Registered,
            id=cls.id_for(unit, year, register_no),
            unit=unit,
            number=matter_number(mark, year, register_no),
            year=year,
            register_no=register_no,
            content=content,
            query_check=query_check,
            query_code=query_code,
            received_time=received_time,
            timestamp=at,
        )

    def correct(
        self,
        *,
        content: Content,
        reason: Sealed,
        received_time: time | None = None,
        today: date,
        at: datetime,
    ) -> None:
        """Replace a mistyped registration; an hour that is not named stays, as long as its day does.

        Errors: CaseIsClosed, those of `check_content` and `check_hour`.
        """
        self._require_open()
        check_content(content, today)
        same_day = content.received_on == self.content.received_on
        hour = received_time or (self.received_time if same_day else None)
        check_hour(content.received_on, hour, at)
        self.record(Corrected, content=content, reason=reason, received_time=hour, at=at)

    def assess(self, *, matter_class: MatterClass, purpose: Purpose, at: datetime) -> None:
        """Assess what the matter is. Errors: CaseIsClosed."""
        self._require_open()
        self.record(Assessed, matter_class=matter_class, purpose=purpose, at=at)

    def case_id(self) -> UUID:
        return self.id

    def refer(self, new: NewOffer) -> None:
        """Offer the matter to the competent unit; its handling moves when that unit accepts.

        Errors: CaseIsClosed, NotReferredToItself, and those of `make_offer`.
        """
        self._require_open()
        if new.to == self.unit and new.reason is not ReferralReason.OWN_MATTER:
            raise NotReferredToItself()
        self.make_offer(
            new,
            came_by=None,
            case=self.id,
            number=self.number,
            owner=self.unit,
            hop=1,
            content=self.content,
        )

    def withdraw(self, *, confirmed_by: ConfirmedBy, at: datetime) -> None:
        """Record that the petitioner took the petition back. Errors: CaseIsClosed."""
        self._require_open()
        self.record(Withdrawn, confirmed_by=confirmed_by, handled_by=self.offered_to, offer=self.offer, at=at)

    def conclude(self, *, offer: UUID, ending: Ending, referral: UUID, at: datetime) -> None:
        """Take note of the handling office's completion report. Errors: CaseIsClosed, NoSuchOffer."""
        self._require_open()
        self.require_offer(offer)
        self.record(Concluded, ending=ending, referral=referral, at=at)

    def _require_open(self) -> None:
        if self.ending is not None:
            raise CaseIsClosed(number=self.number, ending=self.ending.value)
