"""The county's order to take a matter from an office that cannot answer any more."""

from typing import Any
from uuid import UUID

from pydantic import Field

from shared.accounts.rights import Right
from shared.orders.declaration import AT_THE_COUNTY, Declared, Step
from shared.orders.input import Carried, MaybeCarried, Text
from shared.orders.order import Order, OrderContext, Setting
from shared.work.common.sentences import N_
from shared.work.matters.override import Override

OVERRIDE = Right(
    "referral.override", "- - child - -", N_("Take a matter from an office that does not answer")
)


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
