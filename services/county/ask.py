"""The public question: a petitioner asks with number and query code, without an account."""

import math
from datetime import UTC, datetime, timedelta
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool

from shared.accounts.delays import Guesses, Slack
from shared.orders.folding import matter_number_of
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
from shared.work.matters.questions.matter import numbered, public_status
from shared.work.matters.questions.matters import line_of
from shared.work.matters.questions.timeline import registration

router = APIRouter()

FROM_ONE_PLACE = Slack(5, timedelta(minutes=2))
"""Wrong codes for one number from one address; right ones cost nothing."""
FROM_ANYWHERE = Slack(30, timedelta(minutes=1))
"""Wrong codes for one number from all addresses: whoever has the receipt waits a minute at most, whoever guesses for ever."""
OF_ONE_PLACE = Slack(30, timedelta(minutes=1))
"""Wrong numbers and codes from one address: a whole village hall asks for its people behind one."""
_guesses = Guesses(within=timedelta(hours=1))


class AskedTooOften(Refusal):
    """Wrong guesses at this number, or from this address; a pause lasts."""

    code = "asked-too-often"
    sentence = "Number and code did not fit too often. Seconds to wait: %(seconds)s. Then ask again."
    kind = Kind.TOO_OFTEN


class AskBody(BaseModel):
    """Number and query code, as they stand on the receipt; in the body, since addresses stand in logs and histories."""

    model_config = ConfigDict(extra="forbid")

    number: Line
    query_code: Line


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


@router.post(
    "/api/ask", dependencies=[public("a petitioner asks with number and query code")], tags=["public"]
)
def ask_json(here: HereNow, body: AskBody) -> AskAnswer:
    """The state of a matter by number and query code, and the proof that it was registered."""
    return _status(here, body.number, body.query_code)


def _ask_page(here: Here, form: Form, status: int = 200) -> Response:
    return render(here.request, "ask.html", here.frame(), status=status, form=form, found=None)


def _status(here: Here, number: str, code: str) -> AskAnswer:
    case = _fitting(here, matter_number_of(number), code)
    found = here.ask(public_status, case, as_of=here.at)
    return AskAnswer(**vars(found), office=_office(here, case), proof=_proof(here, case))


def _office(here: Here, case: UUID) -> str:
    """The name of the office that has a matter now: of one that was closed, whoever goes on with its work."""
    directory, line = here.office.directory, here.ask(line_of, case, as_of=here.at)
    return directory.name_of(directory.present(line.handler)) if line else ""


def _fitting(here: Here, number: str, code: str) -> UUID:
    """The matter with that number and code; slower and slower for what does not fit.

    By real time: a rehearsal's clock guards no door. Errors: AskedTooOften, NumberAndCodeDoNotFit.
    """
    office, number_kept = here.office.name, number[:100]
    counted = (
        (f"{office} place {number_kept} {here.address}", FROM_ONE_PLACE),
        (f"{office} number {number_kept}", FROM_ANYWHERE),
        (f"{office} address {here.address}", OF_ONE_PLACE),
    )
    if wait := _guesses.admit(counted, datetime.now(UTC)):
        raise AskedTooOften(seconds=math.ceil(wait / timedelta(seconds=1)))
    case = _case_of(here, number, code)
    _guesses.was_right(counted)
    return case


def _case_of(here: Here, number: str, code: str) -> UUID:
    """The matter with that number and that code; without one the work is the same. Errors: NumberAndCodeDoNotFit."""
    known = here.ask(numbered, number) or [(None, None)]
    fitting = [case for case, check in known if fits(check, code) and case]
    if not fitting:
        raise NumberAndCodeDoNotFit()
    return fitting[0]


def _proof(here: Here, case: UUID) -> str:
    """The proof of a matter's registration; empty while no other office has signed for it."""
    fact = here.ask(registration, case)
    return here.office.proofs.inclusion(fact) if fact else ""
