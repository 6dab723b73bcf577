"""Offering a matter to another office, and taking the answer: the same for a case and for a referral.

Handling is offered, then accepted or objected to. An offer ends only by an objection that the
sender agrees to, by the receiver's release, or by the county's recorded override.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from shared.work.common.authority import Evidence, Statement, require
from shared.work.common.days_ahead import A_YEAR
from shared.work.common.fact import Fact, Stream, UnitId
from shared.work.common.refusals import Kind, Refusal
from shared.work.common.words import ReferralReason
from shared.work.matters.content import Content, Handover

HANDS_AT_MOST = 4
"""Most offices that may be asked to handle one matter, one after the other, in one chain.

Unit: offices. A design default: village, township, county and one more township cover every way
up, down and sideways in a county; a fifth hand would be a matter sent round in circles.
"""


class OfferIsOpen(Refusal):
    """A matter is never offered to two offices at once."""

    code = "offer-is-open"
    sentence = "This matter is already offered to another office. Wait for its answer, or ask it to release the matter."


class NoSuchOffer(Refusal):
    """The answer belongs to an offer that is not open."""

    code = "no-such-offer"
    sentence = "There is no open offer of this matter that this answers. Look at the matter again."


class NoSuchObjection(Refusal):
    """Nobody has objected to the open offer, or the objection has been answered."""

    code = "no-such-objection"
    sentence = "There is no open objection that this answers. Look at the matter again."


class NotReferredToItself(Refusal):
    """Kept matters have their own order."""

    code = "not-referred-to-itself"
    sentence = "The matter is already at this office. Choose another office, or take it on yourself."
    kind = Kind.WRONG_INPUT


class TooManyHands(Refusal):
    """The matter has been passed on as often as the rules allow."""

    code = "too-many-hands"
    sentence = "This matter has already passed through %(most)s offices. Handle it here or object to it."


class ReportBackInThePast(Refusal):
    """An assignment asks for a report before today."""

    code = "report-back-in-the-past"
    sentence = "The report-back date %(day)s has already passed. Choose a later day."
    kind = Kind.WRONG_INPUT


class ReportBackTooFar(Refusal):
    """An assignment asks for a report in more than a year: no handling may take so long."""

    code = "report-back-too-far"
    sentence = "The report-back date %(day)s is more than a year away; a matter is handled within 90 days. Choose an earlier day."
    kind = Kind.WRONG_INPUT


@dataclass(frozen=True)
class NewOffer:
    """An offer that is about to be made.

    `offer` is the id of the fact that will record it, `through` the office that is to pass the matter on, and a
    `report_back_by` day makes it an assignment. `today` and `at` are the day and the moment of the decision.
    """

    offer: UUID
    to: UnitId
    reason: ReferralReason
    today: date
    at: datetime
    through: UnitId | None = None
    report_back_by: date | None = None


class Offered(Fact):
    """The matter was offered to `to`; `through` is the office that is to pass it on, if any."""

    KEYS_FOR = ("to", "through")
    KEYS_OF = "handover.case"

    to: UnitId
    through: UnitId | None
    reason: ReferralReason
    handover: Handover

    def addressees(self) -> tuple[UnitId, ...]:
        receiver, owner = self.through or self.to, self.handover.owner
        return (receiver,) if owner == self.unit else tuple(dict.fromkeys((receiver, owner)))

    def concerns(self) -> UUID:
        return self.handover.case

    def apply(self, aggregate: "Offering") -> None:
        aggregate.offered_to = self.through or self.to
        aggregate.offer = self.handover.offer
        aggregate.objected = False


class OfferAnswer(Fact):
    """Something about the open offer; `receiver` is the office that had it."""

    offer: UUID
    case: UUID
    receiver: UnitId

    @classmethod
    def require_theirs(cls, said: Statement, known: Evidence) -> None:
        """The offer is one that this office made, to that receiver. Errors: NotTheirs, Waits."""
        offer = require_own_offer(said, known)
        named = (said.data["case"], said.data["receiver"])
        require(
            named == (offer["handover"]["case"], offered_to(offer)), "answers another offer than it names"
        )

    def concerns(self) -> UUID:
        return self.case

    def addressees(self) -> tuple[UnitId, ...]:
        return (self.receiver,)


class ObjectionTaken(OfferAnswer):
    """The receiver's objection arrived; the sender owes it an answer."""

    def apply(self, aggregate: "Offering") -> None:
        aggregate.objected = True


class ObjectionRefused(OfferAnswer):
    """The sender did not agree to the objection; the matter stays with the receiver."""

    def apply(self, aggregate: "Offering") -> None:
        aggregate.objected = False


class OfferClosed(OfferAnswer):
    """The offer is over and the matter is free to be offered again."""

    def apply(self, aggregate: "Offering") -> None:
        aggregate.offer_is_over()


class Offering(Stream):
    """A stream that may offer its matter to another office; `offered_to` has the open offer.

    `objected` says that its receiver objected and waits for an answer.
    """

    offered_fact: ClassVar[type[Offered]]
    objection_taken_fact: ClassVar[type[ObjectionTaken]]
    return_agreed_fact: ClassVar[type[OfferClosed]]
    return_refused_fact: ClassVar[type[ObjectionRefused]]
    offer_ended_fact: ClassVar[type[OfferClosed]]

    def __init__(self) -> None:
        super().__init__()
        self.offered_to: UnitId | None = None
        self.offer: UUID | None = None
        self.objected = False

    def offer_is_over(self) -> None:
        """Forget the open offer; replay calls this, so it asks nothing."""
        self.offered_to, self.offer, self.objected = None, None, False

    def make_offer(
        self,
        new: NewOffer,
        *,
        came_by: UUID | None,
        case: UUID,
        number: str,
        owner: UnitId,
        hop: int,
        content: Content,
    ) -> None:
        """Offer the matter. Errors: OfferIsOpen, TooManyHands, ReportBackInThePast, ReportBackTooFar."""
        if self.offered_to is not None:
            raise OfferIsOpen()
        if hop > HANDS_AT_MOST:
            raise TooManyHands(most=HANDS_AT_MOST)
        _require_possible(new.report_back_by, new.today)
        handover = Handover(
            offer=new.offer,
            came_by=came_by,
            case=case,
            number=number,
            owner=owner,
            hop=hop,
            assignment=new.report_back_by is not None,
            report_back_by=new.report_back_by,
            content=content,
            target=new.to if new.through else None,
        )
        self.record(
            self.offered_fact,
            to=new.to,
            through=new.through,
            reason=new.reason,
            handover=handover,
            at=new.at,
        )

    def take_objection(self, *, offer: UUID, at: datetime) -> None:
        """Take note that the receiver objected. Errors: NoSuchOffer."""
        self._answer(self.objection_taken_fact, offer, at)

    def answer_objection(self, *, offer: UUID, agreed: bool, at: datetime) -> None:
        """Agree to an objection, which frees the matter, or refuse it, which leaves it where it is.

        Errors: NoSuchOffer, NoSuchObjection.
        """
        self.require_offer(offer)
        if not self.objected:
            raise NoSuchObjection()
        self._answer(self.return_agreed_fact if agreed else self.return_refused_fact, offer, at)

    def end_offer(self, *, offer: UUID, at: datetime) -> None:
        """Take note that the receiver released the matter or that the county overrode it.

        Errors: NoSuchOffer.
        """
        self._answer(self.offer_ended_fact, offer, at)

    def case_id(self) -> UUID:
        """The case this stream is about."""
        raise NotImplementedError

    def _answer(self, fact: type[OfferAnswer], offer: UUID, at: datetime) -> None:
        self.require_offer(offer)
        self.record(fact, offer=offer, case=self.case_id(), receiver=self.offered_to, at=at)

    def require_offer(self, offer: UUID) -> None:
        """Refuse what belongs to another offer than the open one. Errors: NoSuchOffer."""
        if self.offer != offer:
            raise NoSuchOffer()


def offered_to(offer: Mapping[str, Any]) -> str:
    """Who received an offer, of its data: the office that is to pass it on, if there is one."""
    return str(offer["through"] or offer["to"])


def require_own_offer(said: Statement, known: Evidence) -> Mapping[str, Any]:
    """The data of the offer that a fact names, which the same stream made. Errors: NotTheirs, Waits."""
    offer = known.own_fact(UUID(said.data["offer"]), said)
    require(offer.stream == said.stream, "names an offer that another office made")
    return offer.data


def require_related(said: Statement, known: Evidence) -> None:
    """An offer has the id of its fact, and goes up, down or to the side as the tree allows or allowed. Errors: NotTheirs, Waits."""
    require(UUID(said.data["handover"]["offer"]) == said.id, "an offer under the id of another fact")
    receiver = UUID(offered_to(said.data))
    for unit in (said.unit, receiver):
        known.require_unit(unit)
    require(
        known.directory.might_hand_on(said.unit, receiver),
        "offers a matter to an office that is neither above nor below nor beside",
    )


def _require_possible(report_back_by: date | None, today: date) -> None:
    if report_back_by is None:
        return
    if report_back_by < today:
        raise ReportBackInThePast(day=report_back_by.isoformat(), field="report_back_by")
    if report_back_by - today > A_YEAR:
        raise ReportBackTooFar(day=report_back_by.isoformat(), field="report_back_by")
