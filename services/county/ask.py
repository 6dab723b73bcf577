"""The public question: a petitioner asks with number and query code, without an account."""

from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from shared.accounts.rate import MovingWindow
from shared.orders.input import Line
from shared.web.form import Form, with_refusal
from shared.web.here import Here, HereNow
from shared.web.render import language_of, render
from shared.web.rules import public
from shared.web.statuses import status_of
from shared.web.stepping import one, read_form
from shared.work.common.refusals import Kind, Refusal
from shared.work.matters.answers import AskAnswer
from shared.work.matters.orders.registering import fits
from shared.work.matters.questions.matter import case_by_number, public_status, query_check_of
from shared.work.matters.questions.timeline import registration

router = APIRouter()

ASKED_AT_MOST, ASKED_WITHIN = 20, timedelta(minutes=5)
"""Public questions from one address: a petitioner asks once or twice, a village office for a few people."""
_asked = MovingWindow(most=ASKED_AT_MOST, within=ASKED_WITHIN)


class AskedTooOften(Refusal):
    """Too many public questions from one address."""

    code = "asked-too-often"
    sentence = "Too many questions from this connection. Wait %(minutes)s minutes and ask again."
    kind = Kind.TOO_OFTEN


class NumberAndCodeDoNotFit(Refusal):
    """No matter with that number and that query code; which of the two is wrong is not said."""

    code = "number-and-code-do-not-fit"
    sentence = (
        "There is no matter with this number and query code. Both stand on the receipt; letters and digits"
        " count, spaces do not. A matter registered a moment ago may take a minute to arrive here."
    )
    kind = Kind.NOT_FOUND


@router.get(
    "/ask", dependencies=[public("a petitioner asks with number and query code")], include_in_schema=False
)
def ask_page(here: HereNow) -> Response:
    """The public question: how does my matter stand?"""
    return _ask_page(here, Form())


@router.post(
    "/ask", dependencies=[public("a petitioner asks with number and query code")], include_in_schema=False
)
async def ask_form(here: HereNow) -> Response:
    """The state of a matter in plain words; nothing of persons."""
    form = await read_form(here.request)
    try:
        found = await run_in_threadpool(_status, here, one(form, "number"), one(form, "query_code"))
    except Refusal as refusal:
        wrong = with_refusal(language_of(here.request), {"number": one(form, "number")}, refusal)
        return await run_in_threadpool(_ask_page, here, wrong, status_of(refusal))
    return await run_in_threadpool(render, here.request, "ask.html", here.frame(), form=Form(), found=found)


@router.get(
    "/api/ask", dependencies=[public("a petitioner asks with number and query code")], tags=["public"]
)
def ask_json(here: HereNow, number: Line, query_code: Line) -> AskAnswer:
    """The state of a matter by number and query code, and the proof that it was registered."""
    return _status(here, number, query_code)


def _ask_page(here: Here, form: Form, status: int = 200) -> Response:
    return render(here.request, "ask.html", here.frame(), status=status, form=form, found=None)


def _status(here: Here, number: str, code: str) -> AskAnswer:
    if not _asked.admit(f"{here.office.name} {here.address}", here.at):
        raise AskedTooOften(minutes=int(ASKED_WITHIN.total_seconds() // 60))
    if not fits(here.ask(query_check_of, number.strip()), code):
        raise NumberAndCodeDoNotFit()
    found = here.ask(public_status, number.strip(), as_of=here.at)
    return AskAnswer(**vars(found), proof=_proof(here, number.strip()))


def _proof(here: Here, number: str) -> str:
    """The proof of a matter's registration; empty while no other office has signed for it."""
    case = here.ask(case_by_number, number)
    fact = here.ask(registration, case) if case else None
    return here.office.proofs.inclusion(fact) if fact else ""
