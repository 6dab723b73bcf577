"""User administration: the office's administrator makes, closes and resets accounts, and makes tokens."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool

from shared.accounts.people import Account
from shared.accounts.rights import Role
from shared.casework.refusals import UnknownUnit
from shared.directory import UnitInfo
from shared.pages.form import Form
from shared.pages.here import Here, HereNow
from shared.pages.languages import N_
from shared.pages.languages.labels import choices
from shared.pages.render import language_of, render
from shared.pages.rules import right
from shared.pages.stepping import full_name, one, read_form

router = APIRouter()
ADMINISTER = right("account.administer")

TOKEN_LIVES = timedelta(days=365)
"""How long a program's token works: a year, so that forgotten ones end."""


class AccountInput(BaseModel):
    """A new account; without a password it gets a temporary one that must be changed."""

    model_config = ConfigDict(extra="forbid")

    login: str
    name: str
    unit: UUID
    role: str
    password: str | None = None


class AccountMade(BaseModel):
    """The account that was made; a temporary password is shown this once."""

    account: str
    temporary_password: str | None


@router.post("/api/accounts", status_code=201, dependencies=[ADMINISTER], tags=["accounts"])
def make_account(body: AccountInput, here: HereNow) -> AccountMade:
    """Make an account at one of this node's units."""
    here.require("account.administer", body.unit)
    here.require_token(here.request.headers.get("huiyin-form-token"))
    made = here.office.accounts.create(
        body.login,
        body.name,
        _kept_unit(here, body.unit),
        body.role,
        by=here.signed_in().account,
        at=here.at,
        password=body.password,
        must_change=body.password is None,
    )
    return AccountMade(account=made.account.id, temporary_password=made.temporary_password)


@router.get("/api/units", dependencies=[right("directory.read")], tags=["questions"])
def units_json(here: HereNow) -> list[UnitInfo]:
    """Every unit that this office knows, in the order of the codes."""
    here.signed_in()
    return sorted(here.office.directory.units.values(), key=lambda unit: unit.code)


@router.get("/accounts", dependencies=[ADMINISTER], include_in_schema=False)
def accounts_page(here: HereNow) -> Response:
    """Every account of this node, and the form for a new one."""
    here.require("account.administer", here.unit().unit)
    return _page(here)


@router.post("/accounts", dependencies=[ADMINISTER], include_in_schema=False)
async def account_form(here: HereNow) -> Response:
    """Make an account, or do one thing with an existing one."""
    form = await read_form(here.request)
    here.require_token(one(form, "csrf"))
    told = await run_in_threadpool(_do, here, {name: one(form, name) for name in form})
    return await run_in_threadpool(_page, here, told)


def _do(here: Here, form: dict[str, str]) -> tuple[str, str]:
    """Do what the form asks; returns what to say and the secret that is shown once."""
    accounts, by, at = here.office.accounts, here.signed_in().account, datetime.now(UTC)
    what = form.get("what", "")
    if what == "make":
        unit = _kept_unit(here, _uuid(form.get("unit", "")))
        here.require("account.administer", unit)
        made = accounts.create(form["login"], form["name"], unit, form["role"], by=by, at=at)
        return N_("The account was made. Its temporary password, shown once:"), made.temporary_password or ""
    account = accounts.get(form.get("account", ""))
    here.require("account.administer", account.unit)
    if what == "reset":
        return N_("The new temporary password, shown once:"), accounts.reset_password(
            account.id, by=by, at=at
        )
    if what == "token":
        here.require("token.make", account.unit)
        token = accounts.make_token(account.id, "program", expires=at + TOKEN_LIVES, by=by, at=at)
        return N_("The token for programs, shown once:"), token.secret
    if what == "enable":
        accounts.enable(account.id, by=by, at=at)
        return N_("The account can be used again."), ""
    accounts.disable(account.id, by=by, at=at)
    return N_("The account is closed and its sessions have ended."), ""


def _page(here: Here, told: tuple[str, str] = ("", "")) -> Response:
    directory = here.office.directory
    kept = here.office.accounts.list_accounts()
    shown = [a for a in kept if here.may("account.administer", a.unit)]
    units = [(str(unit.unit), full_name(directory.units, unit)) for unit in here.office.units()]
    names = {unit.unit: full_name(directory.units, unit) for unit in directory.units.values()}
    return render(
        here.request,
        "accounts.html",
        here.frame(),
        accounts=sorted(shown, key=_order),
        names=names,
        units=units,
        roles=[pair for pair in choices(language_of(here.request), "Role") if pair[0] in set(Role)],
        told=told,
        form=Form(),
    )


def _order(account: Account) -> tuple[bool, str]:
    return account.disabled_at is not None, account.login


def _kept_unit(here: Here, unit: UUID) -> UUID:
    """A unit that this node keeps. Errors: UnknownUnit."""
    if not here.office.keeps(unit) and unit != here.unit().unit:
        raise UnknownUnit(unit=unit)
    return unit


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise UnknownUnit(unit=text) from None
