"""Coming in and going out: sign-in, sign-out, own password."""

from datetime import UTC, datetime

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool

from shared.accounts import csrf
from shared.accounts.limits import Limits
from shared.accounts.people import SessionGrant
from shared.accounts.refusals import FormNotOurs
from shared.web.form import Form
from shared.web.here import Here, HereNow, NotSignedIn, cookie_name
from shared.web.languages.words import sentence
from shared.web.render import language_of, render
from shared.web.rules import public
from shared.web.statuses import status_of
from shared.web.stepping import go, one, read_form
from shared.work.common.refusals import Refusal

router = APIRouter()

DEVICE_KNOWN = int(Limits().device_known.total_seconds())
"""How long a browser keeps what it is known by. Unit: seconds."""


class SignIn(BaseModel):
    """Login and password of a person at this node."""

    model_config = ConfigDict(extra="forbid")

    login: str
    password: str


class Session(BaseModel):
    """A new session; send `form_token` as the header `Huiyin-Form-Token` with every order."""

    form_token: str


@router.get("/sign-in", dependencies=[public("this is where one signs in")], include_in_schema=False)
def sign_in_page(here: HereNow, next: str = "/") -> Response:
    """The sign-in form."""
    return _sign_in_page(here, Form({"next": next}))


@router.post("/sign-in", dependencies=[public("this is where one signs in")], include_in_schema=False)
async def sign_in(here: HereNow) -> Response:
    """Open a session and go where the person wanted to go."""
    form = await read_form(here.request)
    try:
        grant = await run_in_threadpool(_grant, here, one(form, "login"), one(form, "password"))
    except Refusal as refusal:
        said = sentence(language_of(here.request), refusal.sentence, refusal.facts)
        kept = Form({"login": one(form, "login"), "next": one(form, "next")}, {"password": said})
        return await run_in_threadpool(_sign_in_page, here, kept, status_of(refusal))
    answer = go(here, _inside(one(form, "next")))
    _set_cookie(here, answer, grant)
    return answer


@router.post(
    "/api/session",
    dependencies=[public("this is where programs with a person's password sign in")],
    tags=["session"],
)
def sign_in_program(body: SignIn, here: HereNow, response: Response) -> Session:
    """Open a session for a program that acts for a person; the cookie comes with the answer."""
    grant = _grant(here, body.login, body.password)
    _set_cookie(here, response, grant)
    return Session(form_token=grant.csrf)


@router.post("/sign-out", dependencies=[public("anybody signed in may go")], include_in_schema=False)
async def sign_out(here: HereNow) -> Response:
    """End the session."""
    form = await read_form(here.request)
    here.require_token(one(form, "csrf"))
    cookie = here.request.cookies.get(cookie_name(here.office.name))
    if cookie:
        await run_in_threadpool(here.office.accounts.sign_out, cookie, at=datetime.now(UTC))
    answer = go(here, "/sign-in")
    answer.delete_cookie(cookie_name(here.office.name), path=_cookie_path(here))
    answer.headers["Clear-Site-Data"] = (
        '"cache"'  # pages may be kept by a browser; whoever comes next is another
    )
    return answer


@router.get(
    "/password", dependencies=[public("one's own password; asks for the session")], include_in_schema=False
)
def password_page(here: HereNow) -> Response:
    """The form to change one's own password."""
    return _password_page(here, Form())


@router.post(
    "/password", dependencies=[public("one's own password; asks for the session")], include_in_schema=False
)
async def change_password(here: HereNow) -> Response:
    """Change one's own password; every session ends, so sign in again."""
    form = await read_form(here.request)
    here.require_token(one(form, "csrf"))
    if here.person is None:
        raise NotSignedIn()
    try:
        await run_in_threadpool(
            here.office.accounts.change_password,
            here.person,
            current=one(form, "current"),
            new=one(form, "new"),
            at=datetime.now(UTC),
            address=here.address,
            device=_device(here),
            words=here.words_of_the_office(here.person.unit),
        )
    except Refusal as refusal:
        said = sentence(language_of(here.request), refusal.sentence, refusal.facts)
        field = "current" if refusal.code == "wrong-password" else "new"
        return await run_in_threadpool(_password_page, here, Form({}, {field: said}), status_of(refusal))
    return go(here, "/")


def _grant(here: Here, login: str, password: str) -> SessionGrant:
    headers = here.request.headers
    if not csrf.came_from_here(
        sec_fetch_site=headers.get("sec-fetch-site"),
        origin=headers.get("origin"),
        host=headers.get("host", ""),
    ):
        raise FormNotOurs()
    return here.office.accounts.sign_in(
        login, password, at=datetime.now(UTC), address=here.address, device=_device(here)
    )


def _set_cookie(here: Here, answer: Response, grant: SessionGrant) -> None:
    answer.set_cookie(
        cookie_name(here.office.name),
        grant.cookie_value,
        path=_cookie_path(here),
        httponly=True,
        samesite="lax",
        secure=here.request.url.scheme == "https",
    )
    answer.set_cookie(
        device_cookie(here.office.name),
        grant.device,
        max_age=DEVICE_KNOWN,
        path=_cookie_path(here),
        httponly=True,
        samesite="lax",
        secure=here.request.url.scheme == "https",
    )


def _device(here: Here) -> str | None:
    return here.request.cookies.get(device_cookie(here.office.name))


def device_cookie(node: str) -> str:
    """The cookie by which a browser is known on which somebody has signed in before."""
    return f"{cookie_name(node)}_device"


def _cookie_path(here: Here) -> str:
    return f"{here.root}/"


def _inside(path: str) -> str:
    """A path of this node; anything that could lead elsewhere becomes the first page."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


def _sign_in_page(here: Here, form: Form, status: int = 200) -> Response:
    return render(here.request, "sign_in.html", here.frame(), status=status, form=form)


def _password_page(here: Here, form: Form, status: int = 200) -> Response:
    must = bool(here.person and here.person.must_change_password)
    return render(here.request, "password.html", here.frame(), status=status, form=form, must=must)
