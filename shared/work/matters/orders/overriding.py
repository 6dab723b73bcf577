"""The county's order to take a matter from an office that cannot answer any more."""

from typing import Any
from uuid import UUID

from pydantic import Field

from shared.accounts.rights import Right
from shared.orders.declaration import AT_THE_COUNTY, Declared, Step
from shared.orders.input import Carried, MaybeCarried, Text
from shared.orders.order import Order, OrderContext, Setting
from shared.work.common.refusals import NotFound, Refusal
from shared.work.common.sentences import N_
from shared.work.matters.override import Override
from shared.work.matters.questions.matter import OpenOffer, matter, open_offers

OVERRIDE = Right(
    "referral.override", "- - child - -", N_("Take a matter from an office that does not answer")
)


class OfferNotToBeTaken(Refusal):
    """The matter has no such offer from that office to that one, or it has ended."""

    code = "offer-not-to-be-taken"
    sentence = "Matter %(number)s has no open offer between these offices, as far as has come here. Look at the matter again."


class OverrideOffer(Order):
    """The county ends an offer whose receiver cannot answer any more."""

    DECLARED = Declared(
        "override-offer",
        (OVERRIDE,),
        tiers=AT_THE_COUNTY,
        step=Step(
            "case",
            "override",
            N_("Take the matter from an office that cannot answer"),
            N_("End the offer"),
            says=N_("Only for an office that cannot answer any more. What it recorded afterwards is marked."),
        ),
        sample={"reason": "停电"},
        refusals=(OfferNotToBeTaken,),
    )

    offer: Carried
    came_by: MaybeCarried = None
    case: UUID
    sender: Carried
    receiver: Carried
    reason: Text = Field(title=N_("Reasons"))

    def about(self, context: OrderContext, setting: Setting) -> UUID:
        return self.receiver

    def decide(self, context: OrderContext, setting: Setting) -> dict[str, Any]:
        self._require_open(context)
        override_id = Override.id_for(self.offer)
        reason = context.seals(override_id, 0, override_id, making=True).text("reason", self.reason)
        context.add(
            Override.order(
                unit=setting.actor.unit,
                offer=self.offer,
                came_by=self.came_by,
                case=self.case,
                sender=self.sender,
                receiver=self.receiver,
                reason=reason,
                at=context.at,
            )
        )
        return {"override": str(override_id)}

    def _require_open(self, context: OrderContext) -> None:
        """The offer stands as it is said, as far as the county has heard. Errors: NotFound, OfferNotToBeTaken."""
        found = context.ask(matter, self.case, as_of=context.at)
        if found is None:
            raise NotFound(what="Case")
        said = OpenOffer(self.offer, self.came_by, self.sender, self.receiver)
        if said not in open_offers(found):
            raise OfferNotToBeTaken(number=found.line.number)
