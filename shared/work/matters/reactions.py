"""Whenever a fact of a matter, then an order to this node: the reactions that every tier has.

A reaction runs in the transaction of the fact that caused it, so cause and effect are kept
together; the same cause leads to the same stream, so a second delivery changes nothing. A reaction
that is refused (because somebody has already acted) leaves nothing behind.
"""

from uuid import UUID

from shared.orders.order import Mine, OrderContext, Reaction
from shared.work.common.sealed import Sealed
from shared.work.common.words import Ending, Outcome
from shared.work.matters.case import Case, ReturnAgreed, Withdrawn
from shared.work.matters.handling_facts import (
    Completed,
    NotAccepted,
    Objected,
    PassedOnReturnAgreed,
    ReferralFact,
    Released,
    ReportedBack,
    Stopped,
)
from shared.work.matters.offering import OfferAnswer, Offered, Offering
from shared.work.matters.override import Overridden
from shared.work.matters.questions.referrals import overridden
from shared.work.matters.referral import Referral
from shared.work.matters.stages import ENDED


def _take_offer(context: OrderContext, fact: Offered, mine: Mine) -> None:
    """An offer arrived: the receiving office's clocks start.

    The county's override may have come before it, since two senders have no order between them.
    """
    receiver, offer = fact.through or fact.to, fact.handover.offer
    if mine(receiver) and not context.exists(Referral.id_for(offer)):
        referral = Referral.receive(unit=receiver, sender=fact.unit, handover=fact.handover, at=context.at)
        if context.ask(overridden, offer):
            referral.stop(withdrawn=False, at=context.at)
        context.add(referral)


def _take_objection(context: OrderContext, fact: Objected, mine: Mine) -> None:
    """The receiver says that the matter is not its business."""
    if mine(fact.sender):
        _offering(context, fact.case, fact.came_by).take_objection(offer=fact.offer, at=context.at)


def _take_answer(context: OrderContext, fact: OfferAnswer, mine: Mine) -> None:
    """The sender agreed or disagreed with this office's objection."""
    if mine(fact.receiver):
        referral = context.load(Referral, Referral.id_for(fact.offer))
        agreed = isinstance(fact, ReturnAgreed | PassedOnReturnAgreed)
        referral.take_answer(agreed=agreed, at=context.at)


def _take_result(context: OrderContext, fact: ReferralFact, mine: Mine) -> None:
    """The office that had the matter finished: its result goes one hand back, or ends the case."""
    if not mine(fact.sender):
        return
    ending, outcome, text = _result(fact)
    stream = _offering(context, fact.case, fact.came_by)
    if isinstance(stream, Case):
        stream.conclude(offer=fact.offer, ending=ending, referral=fact.originator_id, at=context.at)
    elif isinstance(stream, Referral):
        stream.report_back(offer=fact.offer, ending=ending, outcome=outcome, text=text, at=context.at)


def _result(fact: ReferralFact) -> tuple[Ending, Outcome | None, Sealed]:
    if isinstance(fact, Completed):
        return Ending.ANSWERED, fact.outcome, fact.report
    if isinstance(fact, NotAccepted):
        return Ending.NOT_ACCEPTED, None, fact.explanation
    if isinstance(fact, ReportedBack):
        return fact.ending, fact.outcome, fact.text
    raise TypeError(f"{fact.TOPIC} is not a result")


def _take_release(context: OrderContext, fact: Released, mine: Mine) -> None:
    """The receiver gave the matter back."""
    if mine(fact.sender):
        _offering(context, fact.case, fact.came_by).end_offer(offer=fact.offer, at=context.at)


def _take_override(context: OrderContext, fact: Overridden, mine: Mine) -> None:
    """The county ended an offer: the sender is free again, the receiver stops."""
    if mine(fact.receiver) and context.exists(Referral.id_for(fact.offer)):
        referral = context.load(Referral, Referral.id_for(fact.offer))
        if referral.stage not in ENDED:
            referral.stop(withdrawn=False, at=context.at)
    if mine(fact.sender):
        _offering(context, fact.case, fact.came_by).end_offer(offer=fact.offer, at=context.at)


def _stop_on_withdrawal(context: OrderContext, fact: Withdrawn, mine: Mine) -> None:
    """The petitioner took the petition back: the office that has it stops."""
    if fact.handled_by and mine(fact.handled_by) and fact.offer:
        context.load(Referral, Referral.id_for(fact.offer)).stop(withdrawn=True, at=context.at)


def _stop_further_on(context: OrderContext, fact: Stopped, mine: Mine) -> None:
    """The office before stopped: the one it had passed the matter to stops too."""
    if fact.onward and fact.onward_offer and mine(fact.onward):
        context.load(Referral, Referral.id_for(fact.onward_offer)).stop(
            withdrawn=fact.withdrawn, at=context.at
        )


def _offering(context: OrderContext, case: UUID, came_by: UUID | None) -> Offering:
    """The stream that offered the matter: the case itself, or the referral of an office between."""
    if came_by is None:
        return context.load(Case, case)
    return context.load(Referral, Referral.id_for(came_by))


REACTIONS: dict[str, Reaction] = {
    "case.referred": _take_offer,
    "referral.passed_on": _take_offer,
    "referral.objected": _take_objection,
    "case.return_agreed": _take_answer,
    "case.return_refused": _take_answer,
    "referral.return_agreed": _take_answer,
    "referral.return_refused": _take_answer,
    "referral.completed": _take_result,
    "referral.not_accepted": _take_result,
    "referral.reported_back": _take_result,
    "referral.released": _take_release,
    "override.ordered": _take_override,
    "case.withdrawn": _stop_on_withdrawal,
    "referral.stopped": _stop_further_on,
}
"""Which reaction follows which fact."""
