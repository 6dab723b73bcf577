"""Messages that could not be taken: the list, one with all that came, and trying again or giving up."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from shared.web.form import Form, Typed, with_refusal
from shared.web.here import Here, HereNow
from shared.web.lists import PAGE, Page
from shared.web.render import language_of, render
from shared.web.rules import right
from shared.web.stepping import go, one, read_form
from shared.work.common.refusals import Kind, Refusal
from shared.work.office.pages.acknowledged import UnknownAct

router = APIRouter()
SHOWN = 4_000
"""Most that is shown of a value or a header. Unit: bytes or characters; a fact has about 500."""


@router.get("/parked", dependencies=[right("parked.read")], include_in_schema=False)
def parked_page(here: HereNow, page: Page = 1, done: str = "") -> Response:
    """What is parked at this computer, oldest first, and what was discarded."""
    here.require("parked.read", here.unit().unit)
    parked, offset = here.office.parked, (page - 1) * PAGE
    return render(
        here.request,
        "parked.html",
        here.frame(),
        rows=parked.listed(limit=PAGE, offset=offset),
        count=sum(parked.counts().values()),
        discarded=parked.discarded(limit=PAGE, offset=offset),
        discarded_count=parked.discarded_count(),
        refused_count=parked.refused_count(),
        may_decide=here.may("parked.decide", here.unit().unit),
        page=page,
        size=PAGE,
        done=done,
    )


@router.get("/parked/{parked}", dependencies=[right("parked.decide")], include_in_schema=False)
def message_page(parked: UUID, here: HereNow) -> Response:
    """One parked message with all that came."""
    here.require("parked.decide", here.unit().unit)
    return _page(here, parked)


@router.post("/parked/{parked}", dependencies=[right("parked.decide")], include_in_schema=False)
async def message_form(parked: UUID, here: HereNow) -> Response:
    """Try a message again, or give it up with a reason."""
    form = await read_form(here.request)
    here.require("parked.decide", here.unit().unit)
    here.require_token(one(form, "csrf"))
    return await run_in_threadpool(_do, here, parked, form)


def _do(here: Here, parked: UUID, form: Typed) -> Response:
    what = one(form, "what")
    if what == "retry":
        taken = here.office.parked.retry(parked)
        return go(here, "/parked?done=taken") if taken else _page(here, parked, failed=True)
    if what != "discard":
        raise UnknownAct()
    try:
        here.office.parked.discard(parked, by=here.signed_in().login, why=one(form, "why"))
    except Refusal as refusal:
        if refusal.kind is not Kind.WRONG_INPUT:
            raise
        return _page(here, parked, with_refusal(language_of(here.request), form, refusal), status=422)
    return go(here, "/parked?done=discarded")


def _page(
    here: Here, parked: UUID, form: Form | None = None, *, failed: bool = False, status: int = 200
) -> Response:
    return render(
        here.request,
        "parked_message.html",
        here.frame(),
        status=status,
        found=here.office.parked.find(parked),
        shown=SHOWN,
        failed=failed,
        form=form or Form(),
    )
