"""The quotas of the day: what is usual, what was used up and by whom, and what a director gave beyond it."""

from datetime import date
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel

from shared.accounts.rights import Right
from shared.web.form import Form
from shared.web.here import Here, HereNow
from shared.web.lists import ONLY_FILTERS, Names
from shared.web.render import render
from shared.web.rules import right
from shared.web.stepping import show_step, take_step
from shared.work.common.calendar import day_of
from shared.work.common.quota import KILOBYTE
from shared.work.common.refusals import UnknownUnit
from shared.work.common.sentences import N_
from shared.work.common.words import Quota
from shared.work.quotas.orders import RAISE, RaiseQuota
from shared.work.quotas.questions import Raise, raises, use_of_the_day

router = APIRouter()

READ = Right("quota.read", "self self self,child self,child self,child", N_("See the quotas of the day"))


class PersonsUse(BaseModel):
    """What one account used up today; `text` in kilobytes."""

    account: str
    login: str
    name: str
    matters: int
    text: int
    files: int


class DayQuotas(BaseModel):
    """The most of a day at an office, what its people used up, and what was given beyond the usual."""

    day: date
    office: UUID
    most: dict[str, int]
    people: list[PersonsUse]
    raises: list[Raise]


@router.get("/quotas", dependencies=[right(READ.action, RAISE.action)], include_in_schema=False)
def quotas_page(here: HereNow, office: UUID | None = None) -> Response:
    """Quotas of one's own office, or of one below that is kept here."""
    shown = _quotas(here, office)
    return render(
        here.request,
        "quotas.html",
        here.frame(),
        shown=shown,
        accounts={one.account: one.name for one in shown.people},
        words=[Quota.MATTERS, Quota.TEXT, Quota.VERSIONS, Quota.FILES],
        may_raise=here.may(RAISE.action, shown.office),
        names=Names(here),
    )


@router.get("/api/quotas", dependencies=[right(READ.action), ONLY_FILTERS], tags=["questions"])
def quotas_json(here: HereNow, office: UUID | None = None) -> DayQuotas:
    """The quotas of the day of one's own office, or of one below that is kept here."""
    return _quotas(here, office)


@router.get("/raise-quota", dependencies=[right(RAISE.action)], include_in_schema=False)
def raise_page(here: HereNow, unit: UUID | None = None) -> Response:
    """The form to give more for today."""
    asked = unit or here.unit().unit
    here.require(RAISE.action, asked)
    return show_step(
        here,
        RaiseQuota,
        action="/raise-quota",
        back="/quotas",
        subject=Names(here)[asked],
        form=Form({"unit": str(asked)}),
    )


@router.post("/raise-quota", dependencies=[right(RAISE.action)], include_in_schema=False)
async def raise_form(here: HereNow) -> Response:
    """Give more for today."""
    return await take_step(here, RaiseQuota, action="/raise-quota", back="/quotas")


def _quotas(here: Here, asked: UUID | None) -> DayQuotas:
    """Errors: NotSignedIn, NotAllowed, UnknownUnit for an office that is kept elsewhere."""
    office, day = asked or here.unit().unit, day_of(here.at)
    here.require(READ.action, office)
    if not here.office.keeps(office):
        raise UnknownUnit(unit=office)
    usual, use = here.office.settings.network.quotas, here.ask(use_of_the_day, office, day)
    files = here.office.accounts.files_by_account(day)
    people = [
        PersonsUse(
            account=one.id,
            login=one.login,
            name=one.name,
            matters=use.matters[one.id],
            text=-(-use.text[one.id] // KILOBYTE),
            files=files.get(one.id, 0),
        )
        for one in here.office.accounts.list_accounts([office])
        if one.disabled_at is None
    ]
    return DayQuotas(
        day=day, office=office, most=vars(usual), people=people, raises=here.ask(raises, office, day)
    )
