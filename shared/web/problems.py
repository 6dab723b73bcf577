"""From a refusal or an error to an answer: a problem document for programs, a page for people."""

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from shared.web.error_pages import error_page, trouble_of
from shared.web.form import Typed, complaint
from shared.web.here import Here, NotSignedIn, PasswordMustChange, asked_here
from shared.web.languages.words import sentence
from shared.web.openapi import PROBLEM, problem_type
from shared.web.render import Frame, kept_under, language_of
from shared.web.statuses import status_of
from shared.web.unchanged import Unchanged
from shared.work.common.refusals import Refusal
from shared.work.common.sentences import N_

log = logging.getLogger(__name__)

RETRY_AFTER = {"Retry-After": "2"}

DATABASE_GONE = N_("The database does not answer. Nothing was saved; try again in a minute.")
WRONG_SHAPE = N_("The request does not have the shape that is described in the API's documentation.")
WRONG_FIELD = N_("«%(name)s»: %(says)s.")
UNEXPECTED = N_("Something went wrong on our side. What was acknowledged is safe.")


def is_api(request: Request) -> bool:
    """Whether a program asks."""
    return "/api/" in request.scope["path"] or request.scope["path"].endswith("/api")


def problem(
    request: Request, status: int, code: str, msgid: str, values: Mapping[str, Any] | None = None, **more: Any
) -> JSONResponse:
    """An RFC 9457 problem document with a stable code."""
    told = sentence(language_of(request), msgid, values)
    body = {"type": problem_type(code), "status": status, "code": code, "title": told, **more}
    headers = RETRY_AFTER if status == 503 else {}
    return JSONResponse(body, status, media_type=PROBLEM, headers=headers)


async def answer_refusal(request: Request, refusal: Refusal) -> Response:
    """A refusal as a problem document or as a page that keeps what was typed."""
    if is_api(request):
        facts = {name: str(value) for name, value in refusal.facts.items()}
        return problem(
            request, status_of(refusal), refusal.code, refusal.sentence, refusal.facts, facts=facts
        )
    root = request.scope.get("root_path", "").rstrip("/")
    if isinstance(refusal, NotSignedIn) and request.method == "GET":
        path = request.scope["path"].removeprefix(root)
        return RedirectResponse(f"{root}/sign-in?next={quote(path)}", 303)
    if isinstance(refusal, PasswordMustChange) and request.method == "GET":
        return RedirectResponse(f"{root}/password", 303)
    return await _page(request, status_of(refusal), refusal.sentence, refusal.facts)


async def _page(
    request: Request, status: int, msgid: str = "", facts: Mapping[str, Any] | None = None
) -> Response:
    typed: Typed = getattr(request.state, "typed", {})
    frame = await _frame(request)
    headers = RETRY_AFTER if status == 503 else None
    return error_page(request, status, frame, sentence_id=msgid, facts=facts, typed=typed, headers=headers)


async def _frame(request: Request) -> Frame:
    """The usual frame; a bare one when even the session cannot be looked up."""
    office = request.scope["office"]
    try:
        return await run_in_threadpool((await asked_here(request)).frame)
    except Exception:
        log.exception("an error page without its frame")
        return Here(request, office, office.now(), None).frame()


def install(app: FastAPI) -> None:
    """Give an app its answers for everything that does not work."""

    @app.exception_handler(Refusal)
    async def _refused(request: Request, refusal: Refusal) -> Response:
        return await answer_refusal(request, refusal)

    @app.exception_handler(Unchanged)
    async def _unchanged(_: Request, unchanged: Unchanged) -> Response:
        return Response(status_code=304, headers=kept_under(unchanged.tag))

    @app.exception_handler(RequestValidationError)
    async def _wrong_shape(request: Request, error: RequestValidationError) -> Response:
        return await _invalid(request, list(error.errors()))

    @app.exception_handler(ValidationError)
    async def _wrong_input(request: Request, error: ValidationError) -> Response:
        return await _invalid(request, list(error.errors()))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        if is_api(request):
            title = trouble_of(error.status_code).title
            return problem(request, error.status_code, f"http-{error.status_code}", title)
        return await _page(request, error.status_code)

    @app.exception_handler(DBAPIError)
    @app.exception_handler(PoolTimeout)
    async def _no_database(request: Request, error: Exception) -> Response:
        log.warning("database: %s", error)
        if is_api(request):
            return problem(request, 503, "not-stored", DATABASE_GONE)
        return await _page(request, 503, DATABASE_GONE)

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> Response:
        log.exception("unexpected", exc_info=error)
        if is_api(request):
            return problem(request, 500, "unexpected", UNEXPECTED)
        return await _page(request, 500)


async def _invalid(request: Request, errors: list[Any]) -> Response:
    if is_api(request):
        fields = [
            {
                "field": _visible(".".join(map(str, error["loc"]))),
                "kind": error["type"],
                "says": complaint(language_of(request), error["type"], error.get("ctx", {})),
            }
            for error in errors[:50]
        ]
        return problem(request, 422, "wrong-shape", WRONG_SHAPE, errors=fields)
    return await _page(request, 422, WRONG_FIELD, _first_fault(request, errors))


def _first_fault(request: Request, errors: list[Any]) -> dict[str, Any]:
    """The first of what is wrong with an address or a form: where, and what to do."""
    kind, place, context = (errors[0].get(name, "") for name in ("type", "loc", "ctx"))
    name = place[-1] if place else ""
    return {"name": _visible(str(name)), "says": complaint(language_of(request), kind, context or {})}


def _visible(text: str) -> str:
    """A field's name as it can be sent: half characters in a wrong name become question marks."""
    return text.encode("utf-8", "replace").decode()
