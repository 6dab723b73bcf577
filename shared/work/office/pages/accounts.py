"""User administration: the office's administrator makes, closes and resets accounts, and ends tokens; makes none for others."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from shared.accounts.people import Account
from shared.accounts.refusals import NoSuchToken
from shared.accounts.rights import Role
from shared.web.form import Form
from shared.web.here import Here, HereNow
from shared.web.languages.labels import choices
from shared.web.lists import ONLY_FILTERS
from shared.web.render import language_of, render
from shared.web.rules import right
from shared.web.stepping import full_name
from shared.work.common.refusals import UnknownUnit
from shared.work.common.sentences import N_
from shared.work.common.unit_info import UnitInfo
from shared.work.office.account_changes import tell_account_changes
from shared.work.office.pages.acknowledged import Acknowledged, UnknownAct, take_act

router = APIRouter()
ADMINISTER = right("account.administer")


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


class Act(StrEnum):
    """What an administrator does with an account that is there."""

    RESET = "reset"
    ROLE = "role"
    REVOKE = "revoke"
    END = "end"
    ENABLE = "enable"
    DISABLE = "disable"


class AccountAct(BaseModel):
    """One act; `role` goes with `role`, `token` (its id) with `revoke`."""

    model_config = ConfigDict(extra="forbid")

    what: Act
    role: str = ""
    token: str = ""


class AccountDone(BaseModel):
    """What was done; a temporary password is shown this once."""

    account: str
    temporary_password: str | None


class AccountShown(BaseModel):
    """An account as its administrator sees it."""

    account: str
    login: str
    name: str
    unit: UUID
    role: str
    made_at: datetime
    closed_at: datetime | None


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
        words=here.words_of_the_office(body.unit),
    )
    tell_account_changes(here.office)
    return AccountMade(account=made.account.id, temporary_password=made.temporary_password)


@router.get("/api/accounts", dependencies=[ADMINISTER, ONLY_FILTERS], tags=["accounts"])
def accounts_json(here: HereNow) -> list[AccountShown]:
    """Every account of this node that one administers."""
    here.require("account.administer", here.unit().unit)
    return [
        AccountShown(
            account=account.id,
            login=account.login,
            name=account.name,
            unit=account.unit,
            role=account.role,
            made_at=account.created_at,
            closed_at=account.disabled_at,
        )
        for account in _shown(here)
    ]


@router.post("/api/accounts/{account}", dependencies=[ADMINISTER], tags=["accounts"])
def act_json(account: str, body: AccountAct, here: HereNow) -> AccountDone:
    """Do one thing with an account."""
    here.signed_in()
    here.require_token(here.request.headers.get("huiyin-form-token"))
    form = {"account": account, "what": body.what.value, "new_role": body.role, "token": body.token}
    _, secret = _do(here, form)
    return AccountDone(account=account, temporary_password=secret or None)


@router.get("/api/units", dependencies=[right("directory.read"), ONLY_FILTERS], tags=["questions"])
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
    return await take_act(here, _do, _page)


def _do(here: Here, form: dict[str, str]) -> Acknowledged:
    """Do what the form asks, and tell of it."""
    if form.get("what") == "make":
        told = _make(here, form)
    else:
        account = here.office.accounts.get(form.get("account", ""))
        here.require("account.administer", account.unit)
        act = _ACTS.get(form.get("what", ""))
        if act is None:
            raise UnknownAct()
        told = act(here, account, form)
    tell_account_changes(here.office)
    return told


def _make(here: Here, form: dict[str, str]) -> Acknowledged:
    unit = _kept_unit(here, _uuid(form.get("unit", "")))
    here.require("account.administer", unit)
    login, name, role = (form.get(field, "") for field in ("login", "name", "role"))
    made = here.office.accounts.create(login, name, unit, role, by=_by(here), at=datetime.now(UTC))
    return N_("The account was made. Its temporary password, shown once:"), made.temporary_password or ""


def _reset(here: Here, account: Account, form: dict[str, str]) -> Acknowledged:
    fresh = here.office.accounts.reset_password(account.id, by=_by(here), at=datetime.now(UTC))
    return N_("The new temporary password, shown once; its person is told who set it:"), fresh


def _change_role(here: Here, account: Account, form: dict[str, str]) -> Acknowledged:
    here.office.accounts.change_role(account.id, form.get("new_role", ""), by=_by(here), at=datetime.now(UTC))
    return N_("The account has another role. Its tokens have ended."), ""


def _revoke_token(here: Here, account: Account, form: dict[str, str]) -> Acknowledged:
    kept = {token.id for token in here.office.accounts.list_tokens(account.id)}
    if form.get("token", "") not in kept:
        raise NoSuchToken()
    here.office.accounts.revoke_token(form["token"], by=_by(here), at=datetime.now(UTC))
    return N_("The token does not work any more."), ""


def _end_all(here: Here, account: Account, form: dict[str, str]) -> Acknowledged:
    here.office.accounts.revoke_all(account.id, by=_by(here), at=datetime.now(UTC))
    return N_("The account's sessions and tokens have ended."), ""


def _enable(here: Here, account: Account, form: dict[str, str]) -> Acknowledged:
    here.office.accounts.enable(account.id, by=_by(here), at=datetime.now(UTC))
    return N_("The account can be used again."), ""


def _disable(here: Here, account: Account, form: dict[str, str]) -> Acknowledged:
    here.office.accounts.disable(account.id, by=_by(here), at=datetime.now(UTC))
    return N_("The account is closed and its sessions have ended."), ""


_ACTS: dict[str, Callable[[Here, Account, dict[str, str]], Acknowledged]] = {
    Act.RESET: _reset,
    Act.ROLE: _change_role,
    Act.REVOKE: _revoke_token,
    Act.END: _end_all,
    Act.ENABLE: _enable,
    Act.DISABLE: _disable,
}


def _by(here: Here) -> str:
    return here.signed_in().account


def _shown(here: Here) -> list[Account]:
    listed = here.office.accounts.list_accounts()
    return sorted((a for a in listed if here.may("account.administer", a.unit)), key=_order)


def _page(here: Here, told: Acknowledged = ("", ""), form: Form | None = None, status: int = 200) -> Response:
    directory = here.office.directory
    shown = _shown(here)
    units = [(str(unit.unit), full_name(directory.units, unit)) for unit in here.office.units()]
    names = {unit.unit: full_name(directory.units, unit) for unit in directory.units.values()}
    return render(
        here.request,
        "accounts.html",
        here.frame(),
        status=status,
        accounts=shown,
        tokens=here.office.accounts.live_tokens(at=datetime.now(UTC)),
        names=names,
        units=units,
        roles=[pair for pair in choices(language_of(here.request), "Role") if pair[0] in set(Role)],
        told=told,
        form=form or Form(),
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
