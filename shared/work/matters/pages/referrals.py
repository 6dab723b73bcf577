"""Referrals in and out: what other offices offered to this one, and what it offered to them."""

from fastapi import APIRouter
from fastapi.responses import Response

from shared.web.here import HereNow
from shared.web.lists import Names
from shared.web.render import render
from shared.web.rules import right
from shared.web.unchanged import KEPT
from shared.work.matters.questions.matters import Wanted, count_matters, matters
from shared.work.matters.questions.present_matters import Listed

router = APIRouter()


@router.get("/referrals", dependencies=[right("matter.read"), KEPT], include_in_schema=False)
def referrals_page(here: HereNow) -> Response:
    """What waits for this office, what it has in hand, and what is out."""
    unit = here.unit().unit
    here.require("matter.read", unit)
    own = here.office.directory.answers_for(unit)
    lists = {
        "todo": Wanted(Listed.AWAITS, own, open=True),
        "in": Wanted(Listed.RECEIVED, own, open=True),
        "out": Wanted(Listed.OUT, own, open=True),
    }
    return render(
        here.request,
        "referrals.html",
        here.frame(),
        lists_of={name: here.ask(matters, w, as_of=here.at) for name, w in lists.items()},
        counts={name: here.ask(count_matters, w, as_of=here.at) for name, w in lists.items()},
        names=Names(here),
    )
