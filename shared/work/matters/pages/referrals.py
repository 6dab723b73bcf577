"""Referrals in and out: what other offices offered to this one, and what it offered to them."""

from fastapi import APIRouter
from fastapi.responses import Response

from shared.web.here import HereNow
from shared.web.lists import PAGE, Names
from shared.web.render import render
from shared.web.rules import right
from shared.work.matters.questions.matters import Wanted, count_matters, matters

router = APIRouter()


@router.get("/referrals", dependencies=[right("matter.read")], include_in_schema=False)
def referrals_page(here: HereNow) -> Response:
    """What waits for this office, what it has in hand, and what is out."""
    unit = here.unit().unit
    here.require("matter.read", unit)
    lists = {
        "todo": Wanted(awaits=unit, open=True),
        "in": Wanted(received_by=unit, open=True),
        "out": Wanted(sent_by=unit, open=True),
    }
    return render(
        here.request,
        "referrals.html",
        here.frame(),
        lists_of={name: here.office.ask(matters, w, as_of=here.at, limit=PAGE) for name, w in lists.items()},
        counts={name: here.office.ask(count_matters, w, as_of=here.at) for name, w in lists.items()},
        names=Names(here),
    )
