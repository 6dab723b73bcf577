"""Changes of accounts, of one's own office and of those below: for whoever answers for an office, not for its clerks."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from shared.accounts.rights import Right
from shared.web.here import Here, HereNow
from shared.web.lists import ONLY_FILTERS, ApiPart, Names, PartAsked, part_of
from shared.web.render import render
from shared.web.rules import right
from shared.web.unchanged import KEPT
from shared.work.account_changes.questions import ToldChange, account_changes, count_account_changes
from shared.work.common.sentences import N_

router = APIRouter()

_READ = Right("account_change.read", "- - self,child self,child self,child", N_("Read changes of accounts"))
READ = right(_READ.action)


@router.get("/account-changes", dependencies=[READ, KEPT], include_in_schema=False)
def account_changes_page(here: HereNow, stretch: PartAsked) -> Response:
    """Who made, closed, reset an account, here and below, the last first."""
    offices = _offices(here)
    return render(
        here.request,
        "account_changes.html",
        here.frame(),
        part=part_of(here.ask(account_changes, offices, stretch=stretch), stretch, _id),
        count=here.ask(count_account_changes, offices),
        names=Names(here),
    )


@router.get("/api/account-changes", dependencies=[READ, ONLY_FILTERS], tags=["questions"])
def account_changes_json(here: HereNow, stretch: ApiPart) -> list[ToldChange]:
    """Changes of accounts, here and below, the last first; `after` the id of a change is the next part."""
    return here.ask(account_changes, _offices(here), stretch=stretch)


def _offices(here: Here) -> list[UUID]:
    here.require(_READ.action, here.unit().unit)
    units = here.office.directory.units
    return [unit for unit in units if here.may(_READ.action, unit)]


def _id(line: ToldChange) -> UUID:
    return line.id
