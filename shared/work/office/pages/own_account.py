"""One's own account: tokens for one's own programs, what was changed of it and by whom."""

from datetime import UTC, datetime, time, timedelta

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from shared.accounts.limits import Limits
from shared.accounts.people import NewToken, Person, Token
from shared.accounts.refusals import NoSuchToken, TokenMakesNoToken
from shared.orders.input import Day, Line
from shared.web.form import Form
from shared.web.here import Here, HereNow
from shared.web.languages.words import sentence
from shared.web.lists import ONLY_FILTERS
from shared.web.render import language_of, render
from shared.web.rules import right
from shared.work.common.calendar import ZONE
from shared.work.common.sentences import N_
from shared.work.office.account_changes import name_of_account, tell_account_changes
from shared.work.office.pages.acknowledged import Acknowledged, UnknownAct, take_act

router = APIRouter()
OWN = right("token.make")
DAYS = N_("%(days)s days")
LIVES = (7, 30, Limits().token_longest.days)
"""Days that a token may live, as the page offers them."""


class TokenInput(BaseModel):
    """A token for a program of one's own; it works until the end of its last day."""

    model_config = ConfigDict(extra="forbid")

    name: Line
    last_day: Day


class TokenMade(BaseModel):
    """The token that was made; the secret is shown this once."""

    token: str
    secret: str
    expires_at: datetime


class TokenShown(BaseModel):
    """A token without its secret."""

    token: str
    name: str
    made_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


class TokenEnded(BaseModel):
    """The token that does not work any more."""

    ended: str


@router.post("/api/tokens", status_code=201, dependencies=[OWN], tags=["accounts"])
def make_token_json(body: TokenInput, here: HereNow) -> TokenMade:
    """Make a token for a program of one's own; for people who are signed in, not for programs."""
    here.require_token(here.request.headers.get("huiyin-form-token"))
    end = datetime.combine(body.last_day + timedelta(days=1), time(), ZONE).astimezone(UTC)
    made = _make(here, body.name, end)
    return TokenMade(token=made.token.id, secret=made.secret, expires_at=made.token.expires_at)


@router.get("/api/tokens", dependencies=[OWN, ONLY_FILTERS], tags=["accounts"])
def tokens_json(here: HereNow) -> list[TokenShown]:
    """One's own tokens that still work."""
    return [
        TokenShown(
            token=token.id,
            name=token.name,
            made_at=token.created_at,
            expires_at=token.expires_at,
            last_used_at=token.last_used_at,
        )
        for token in _tokens(here, _person(here))
    ]


@router.post("/api/tokens/{token}/revoke", dependencies=[OWN], tags=["accounts"])
def revoke_token_json(token: str, here: HereNow) -> TokenEnded:
    """End a token of one's own."""
    here.require_token(here.request.headers.get("huiyin-form-token"))
    _revoke(here, token)
    return TokenEnded(ended=token)


@router.get("/account", dependencies=[OWN], include_in_schema=False)
def own_account_page(here: HereNow) -> Response:
    """One's own account."""
    return _page(here)


@router.post("/account", dependencies=[OWN], include_in_schema=False)
async def own_account_form(here: HereNow) -> Response:
    """Make or end a token, or say that one has read of a reset."""
    return await take_act(here, _do, _page)


def _do(here: Here, form: dict[str, str]) -> Acknowledged:
    what = form.get("what", "")
    if what == "token":
        made = _make(here, form.get("name", ""), datetime.now(UTC) + _life(form.get("days", "")))
        return N_("The token for programs, shown once:"), made.secret
    if what == "revoke":
        _revoke(here, form.get("token", ""))
        return N_("The token does not work any more."), ""
    if what == "read":
        here.office.accounts.has_read_of_reset(_person(here).account)
        return N_("It is noted that you know."), ""
    raise UnknownAct()


def _person(here: Here) -> Person:
    person = here.signed_in()
    here.require("token.make", here.unit().unit)
    return person


def _make(here: Here, name: str, expires: datetime) -> NewToken:
    person = _person(here)
    if person.token is not None:
        raise TokenMakesNoToken()
    made = here.office.accounts.make_token(person.account, name, expires=expires, at=datetime.now(UTC))
    tell_account_changes(here.office)
    return made


def _life(days: str) -> timedelta:
    """The life that was chosen; what is not offered, or nothing, is the shortest."""
    return timedelta(days=next((life for life in LIVES if str(life) == days), LIVES[0]))


def _revoke(here: Here, token: str) -> None:
    person = _person(here)
    if token not in {mine.id for mine in here.office.accounts.list_tokens(person.account)}:
        raise NoSuchToken()
    here.office.accounts.revoke_token(token, by=person.account, at=datetime.now(UTC))
    tell_account_changes(here.office)


def _tokens(here: Here, person: Person) -> list[Token]:
    now = datetime.now(UTC)
    kept = here.office.accounts.list_tokens(person.account)
    return [token for token in kept if token.revoked_at is None and token.expires_at > now]


def _page(here: Here, told: Acknowledged = ("", ""), form: Form | None = None, status: int = 200) -> Response:
    person, accounts, language = _person(here), here.office.accounts, language_of(here.request)
    return render(
        here.request,
        "own_account.html",
        here.frame(),
        status=status,
        person=person,
        tokens=_tokens(here, person),
        changes=[
            (line, name_of_account(accounts, line.by)) for line in reversed(accounts.changes(person.account))
        ],
        reset_by=name_of_account(accounts, person.reset_by or ""),
        lives=[(str(life), sentence(language, DAYS, {"days": life})) for life in LIVES],
        told=told,
        form=form or Form(),
    )
