"""The order by which a director gives more for today."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from shared.accounts.rights import Right
from shared.orders.declaration import Declared, Step
from shared.orders.input import Carried, MaybeLine
from shared.orders.order import Order, OrderContext, Setting
from shared.work.common.refusals import Kind, Refusal
from shared.work.common.sentences import N_
from shared.work.common.words import Quota, QuotaReason
from shared.work.quotas.raised import QuotaRaise
from shared.work.quotas.spending import day_use

RAISE = Right("quota.raise", "- - self,child - -", N_("Raise a quota for today"))

MORE_AT_MOST = 100_000
"""Most that one raise gives; whoever needs more gives it again, and it is seen again. Unit: that of the quota."""


class NoSuchColleague(Refusal):
    """Nobody of the office has this sign-in name."""

    code = "no-such-colleague"
    sentence = "Nobody of %(office)s signs in as «%(login)s». Check the name, or leave it empty for the whole office."
    kind = Kind.WRONG_INPUT


class RaiseQuota(Order):
    """Give one person, or everybody of an office, more of a quota for today."""

    DECLARED = Declared(
        "raise-quota",
        (RAISE,),
        step=Step(
            "",
            "raise-quota",
            N_("Raise a quota for today"),
            N_("Raise it"),
            says=N_("It is raised until midnight. The office above sees that it was, by whom and why."),
        ),
        sample={"quota": "matters", "more": 500, "reason": "earlier_register"},
        refusals=(NoSuchColleague,),
    )

    unit: Carried
    quota: Quota = Field(title=N_("Which quota"))
    more: Annotated[int, Field(ge=1, le=MORE_AT_MOST)] = Field(title=N_("How many more"))
    login: MaybeLine = Field(
        "", title=N_("For whom"), description=N_("A sign-in name; empty for everybody of the office.")
    )
    reason: QuotaReason = Field(title=N_("Reason"))

    def about(self, context: OrderContext, setting: Setting) -> UUID:
        return self.unit

    def decide(self, context: OrderContext, setting: Setting) -> dict[str, Any]:
        office = setting.open_unit(self.unit)
        account = setting.account_of(self.unit, self.login) if self.login else ""
        if account is None:
            raise NoSuchColleague(office=office.name, login=self.login, field="login")
        use = day_use(context, self.unit)
        given = QuotaRaise.give(
            unit=self.unit,
            day=self.today(context),
            running=use.raises + 1,
            incarnation=setting.incarnation,
            quota=self.quota,
            account=account,
            login=self.login if account else "",
            more=self.more,
            reason=self.reason,
            at=context.at,
        )
        context.add(given)
        use.raise_by(self.quota, account, self.more)
        return {"raise": str(given.id)}
