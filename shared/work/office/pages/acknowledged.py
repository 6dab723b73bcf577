"""What the pages of accounts answer."""

from collections.abc import Callable

from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from shared.web.form import with_refusal
from shared.web.here import Here
from shared.web.render import language_of
from shared.web.stepping import one, read_form
from shared.work.common.refusals import Kind, Refusal

Acknowledged = tuple[str, str]
"""What to say, and the secret that is shown once."""


class UnknownAct(Refusal):
    """The form asks for something that is not done with accounts."""

    code = "unknown-act"
    sentence = "This is not done with an account. Use the buttons on the page of accounts."
    kind = Kind.WRONG_INPUT


async def take_act(
    here: Here, do: Callable[[Here, dict[str, str]], Acknowledged], page: Callable[..., Response]
) -> Response:
    """Do what a form of accounts asks and show its `page` with what was done, or once more with what is wrong in it.

    Errors: any Refusal that has nothing to do with what stands in the form.
    """
    form = await read_form(here.request)
    here.signed_in()
    here.require_token(one(form, "csrf"))
    try:
        told = await run_in_threadpool(do, here, {name: one(form, name) for name in form})
    except Refusal as refusal:
        if refusal.kind not in (Kind.AS_IT_STANDS, Kind.WRONG_INPUT):
            raise
        wrong = with_refusal(language_of(here.request), form, refusal)
        return await run_in_threadpool(page, here, form=wrong, status=422)
    return await run_in_threadpool(page, here, told)
