"""Showing a step and taking its form: the same few lines for every order."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol
from uuid import UUID

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from shared.orders.giving import give
from shared.orders.order import Order
from shared.web.form import Form, Typed, require_storable, typed, with_errors, with_refusal
from shared.web.here import Here
from shared.web.languages import Language
from shared.web.languages.labels import choices
from shared.web.languages.words import sentence
from shared.web.render import language_of, render
from shared.web.steps import FormField, carried_of, fields_of, order_of
from shared.work.common.refusals import Kind, Refusal
from shared.work.common.sentences import N_
from shared.work.common.unit_info import UnitInfo

YES, NO = N_("Yes"), N_("No")
KEY_LONGEST = 200
"""Longest idempotency key. Unit: characters."""


async def read_form(request: Request) -> dict[str, Any]:
    """What was typed into a form that gives no order. Errors: TextNotStorable."""
    form = await _typed(request)
    require_storable(form)
    return form


async def _typed(request: Request) -> dict[str, Any]:
    """What was typed; kept with the request so that an error page can show it again."""
    request.state.typed = typed(await request.form())
    return request.state.typed


def show_step(
    here: Here,
    order: type[Order],
    *,
    action: str,
    back: str,
    subject: str = "",
    version: int | None = None,
    form: Form | None = None,
    status: int = 200,
) -> Response:
    """The page of an order's step; addresses are without the node's prefix."""
    fields = fields_of(order)
    language = language_of(here.request)
    shown = (form or Form()).beside([field.name for field in fields])
    return render(
        here.request,
        "step.html",
        here.frame(),
        status=status,
        step=order.DECLARED.step,
        fields=fields,
        carried=carried_of(order),
        action=here.root + action,
        back=here.root + back,
        subject=subject,
        version=version,
        form=shown,
        choices_of={field.name: choices_of(here, field, language, shown.one(field.name)) for field in fields},
    )


async def take_step(
    here: Here, order: type[Order], *, action: str, back: str, subject: str = "", **known: Any
) -> Response:
    """Take a step's form: give the order and go back, or show the form again with its errors."""

    def again(wrong: Form) -> Response:
        version = version_of(wrong.one("version"))
        same = {"action": action, "back": back, "subject": subject, "version": version}
        return show_step(here, order, **same, form=wrong, status=422)

    answer = await take_form(here, lambda form: order_of(order, form, **known), again)
    return answer if isinstance(answer, Response) else go(here, back)


async def take_form(
    here: Here, order_from: Callable[[dict[str, Any]], Order], again: Callable[[Form], Response]
) -> dict[str, Any] | Response:
    """Give the order of a form; what cannot be done as typed is shown `again`, with all that was typed.

    Errors: any Refusal that other answers in the same form would not change.
    """
    form = await _typed(here.request)
    person = here.signed_in()
    here.require_token(one(form, "csrf"))
    try:
        order = order_from(form)
        return await give(here.office, person, order, key=key_of(form), at=here.at)
    except ValidationError as error:
        wrong = with_errors(language_of(here.request), form, error)
    except Refusal as refusal:
        if refusal.kind is not Kind.WRONG_INPUT:
            raise
        wrong = with_refusal(language_of(here.request), form, refusal)
    return await run_in_threadpool(again, wrong)


def key_of(form: Typed) -> str | None:
    """The key that makes a form harmless when it arrives twice; none when there is none of ours."""
    key = one(form, "idempotency_key")
    return key if 0 < len(key) <= KEY_LONGEST and "\0" not in key else None


def version_of(text: str) -> int | None:
    """The version that a form names; none for anything that is not one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def go(here: Here, path: str) -> RedirectResponse:
    """Go to a page of this node after something was done."""
    return RedirectResponse(here.root + path, 303)


def one(form: Typed, name: str) -> str:
    """A field's single value; empty when it was not sent."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def choices_of(here: Here, field: FormField, language: Language, chosen: str) -> list[tuple[str, str]]:
    """The choices of a field in the reader's language, with the office that is chosen already, also when it is closed by now."""
    if field.words in ("units", "all_units"):
        offered = unit_choices(here) if field.words == "units" else _all_units(here)
        units = {str(unit.unit): unit for unit in here.office.directory.units.values()}
        missing = units.get(chosen) if chosen not in dict(offered) else None
        more = [(chosen, full_name(here.office.directory.units, missing))] if missing else []
        return offered + more
    if field.words == "nodes":
        return [(name, name) for name in sorted({node.name for node in here.office.directory.trusted})]
    if field.words == "yes_no":
        return [("true", sentence(language, YES)), ("false", sentence(language, NO))]
    offered = choices(language, field.words) if field.words else []
    return [(value, text) for value, text in offered if value in field.only]


def unit_choices(here: Here) -> list[tuple[str, str]]:
    """Open units that a matter may go to: the county, its departments, townships, and one's own villages."""
    directory, own = here.office.directory, here.unit()
    near = {own.unit, own.parent} - {None}
    known = [unit for unit in directory.units.values() if unit.open and unit.unit != own.unit]
    wide = [u for u in known if u.kind in ("county", "department", "township")]
    below = [u for u in known if u.kind not in ("county", "department", "township") and u.parent in near]
    return [(str(unit.unit), full_name(directory.units, unit)) for unit in _by_code(wide) + _by_code(below)]


def _all_units(here: Here) -> list[tuple[str, str]]:
    """Every open unit, in the order of the codes."""
    units = here.office.directory.units
    return [(str(unit.unit), full_name(units, unit)) for unit in _by_code([*units.values()]) if unit.open]


class NamedUnit(Protocol):
    """A unit with its name, as it is now or as it was on a day."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def parent(self) -> UUID | None: ...


def full_name(units: Mapping[UUID, NamedUnit], unit: NamedUnit) -> str:
    """A unit's name with its township before it: one name often stands twice in a county."""
    above = units.get(unit.parent) if unit.parent else None
    return f"{above.name} {unit.name}" if above and above.kind == "township" else unit.name


def _by_code(units: list[UnitInfo]) -> list[UnitInfo]:
    return sorted(units, key=lambda unit: unit.code)
