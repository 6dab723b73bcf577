"""Registering a matter, and correcting a registration."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from shared.web.form import Form, Typed
from shared.web.here import Here, HereNow
from shared.web.languages.labels import choices
from shared.web.languages.words import sentence
from shared.web.lists import open_text
from shared.web.render import language_of, render
from shared.web.rules import right
from shared.web.stepping import full_name, go, one, take_form, unit_choices
from shared.work.common.calendar import ZONE
from shared.work.common.order_refusals import KeyNotHere
from shared.work.common.sentences import N_
from shared.work.matters.content import Petitioner
from shared.work.matters.orders.petition_input import PETITIONERS_AT_MOST
from shared.work.matters.orders.registering import CorrectMatter, RegisterMatter
from shared.work.matters.pages.matter import matter_of
from shared.work.matters.questions.matter import Matter

router = APIRouter()
READ = right("matter.read")


PERSONS_ON_FORM = 5
"""Petitioners that the form has lines for: the most representatives that the Regulations allow. One to correct has as many
as are registered."""

_CLOSED = N_("%(office)s (closed on %(day)s)")
_FIELDS = (
    "channel",
    "purpose",
    "matter_class",
    "received_on",
    "received_time",
    "persons",
    "summary",
    "request",
    "account",
    "reason",
)
_EARLIER = ("earlier_unit", "earlier_on")


@router.get("/matters/new", dependencies=[right("matter.register")], include_in_schema=False)
def new_page(here: HereNow) -> Response:
    """The form for a new matter."""
    here.require("matter.register", here.unit().unit)
    now = here.at.astimezone(ZONE)
    came = {"received_on": now.date().isoformat(), "received_time": now.time().isoformat("minutes")}
    return _form_page(here, Form(came | {"persons": "1"}))


@router.post("/matters/new", dependencies=[right("matter.register")], include_in_schema=False)
async def register_form(here: HereNow) -> Response:
    """Register a matter and show its number."""
    answer = await take_form(
        here,
        lambda form: RegisterMatter.model_validate(_input(form) | {"unit": here.unit().unit}),
        lambda wrong: _form_page(here, _by_field(wrong), 422),
    )
    if isinstance(answer, Response):
        return answer
    return go(here, f"/matters/{answer['case']}?done=registered")


@router.get("/matters/{case}/correct", dependencies=[right("matter.correct")], include_in_schema=False)
def correct_page(case: UUID, here: HereNow) -> Response:
    """The form to correct a mistyped registration, filled with what was registered."""
    found = matter_of(here, case)
    here.require("matter.correct", found.line.owner)
    return _form_page(here, Form(_filled(here, found)), case=found)


@router.post("/matters/{case}/correct", dependencies=[right("matter.correct")], include_in_schema=False)
async def correct_form(case: UUID, here: HereNow) -> Response:
    """Correct a registration."""
    answer = await take_form(
        here,
        lambda form: CorrectMatter.model_validate(
            _input(form) | {"case": case, "reason": one(form, "reason"), "kept": Form(form).many("kept")}
        ),
        lambda wrong: _form_page(here, _by_field(wrong), 422, matter_of(here, case)),
    )
    return answer if isinstance(answer, Response) else go(here, f"/matters/{case}")


def _form_page(here: Here, form: Form, status: int = 200, case: Matter | None = None) -> Response:
    language = language_of(here.request)
    lines = range(1, max(PERSONS_ON_FORM, *_lines(form.values), 0) + 1)
    on_form = (*_FIELDS, *_EARLIER, "anonymous", *(f"{part}_{n}" for n in lines for part in _PERSON))
    return render(
        here.request,
        "matter_form.html",
        here.frame(),
        status=status,
        form=form.beside(on_form),
        case=case,
        correction=CorrectMatter.DECLARED.step,
        persons=lines,
        channels=choices(language, "Channel"),
        purposes=choices(language, "Purpose"),
        classes=[pair for pair in choices(language, "MatterClass") if pair[0] != "discipline"],
        roles=choices(language, "PersonRole"),
        units=_earlier_offices(here),
        county=here.office.directory.root(),
    )


def _earlier_offices(here: Here) -> list[tuple[str, str]]:
    """Offices that a petition may have been brought to before: those below, those a matter may go to, and closed ones."""
    directory, language = here.office.directory, language_of(here.request)
    below = [(str(u.unit), u.name) for u in directory.children(here.unit().unit)]
    closed = [
        (
            str(u.unit),
            sentence(language, _CLOSED, {"office": full_name(directory.units, u), "day": u.closed_on}),
        )
        for u in sorted(directory.units.values(), key=lambda unit: unit.code)
        if not u.open
    ]
    return below + unit_choices(here) + closed


_PERSON = ("name", "contact", "role")


def _lines(form: Typed) -> list[int]:
    """The numbered lines in which something of a petitioner stands."""
    numbers = range(1, PETITIONERS_AT_MOST + 1)
    return [n for n in numbers if (one(form, f"name_{n}") + one(form, f"contact_{n}")).strip()]


def _input(form: dict[str, Any]) -> dict[str, Any]:
    """The order's fields of a form: petitioners are numbered lines; what the form shows and is empty is taken out."""
    given = {
        name: one(form, name)
        for name in (*_FIELDS[:-1], "place", "version", "anonymous")
        if one(form, name).strip()
    }
    persons = [
        {
            "role": one(form, f"role_{n}") or "petitioner",
            "name": one(form, f"name_{n}"),
            "contact": one(form, f"contact_{n}"),
        }
        for n in _lines(form)
    ]
    return given | {name: one(form, name).strip() or None for name in _EARLIER} | {"petitioners": persons}


def _by_field(form: Form) -> Form:
    """Errors about petitioners stand beside their lines, about the list of them beside the first."""
    places = {
        f"petitioners.{at}.{part}": f"{part}_{n}"
        for at, n in enumerate(_lines(form.values))
        for part in _PERSON
    }
    places["petitioners"] = "name_1"
    return Form(form.values, {places.get(name, name): text for name, text in form.errors.items()})


def _filled(here: Here, found: Matter) -> Mapping[str, str | list[str]]:
    """What is registered, as the form has it. Errors: KeyNotHere while its texts cannot be read: they would be taken out."""
    content, earlier = found.content, found.content.earlier
    plain = {
        "channel": content.channel.value,
        "purpose": content.purpose.value,
        "matter_class": content.matter_class.value,
        "received_on": content.received_on.isoformat(),
        "received_time": found.received_at.astimezone(ZONE).strftime("%H:%M") if found.received_at else "",
        "persons": str(content.persons),
        "anonymous": "" if content.petitioners else "true",
        "earlier_unit": str(earlier.unit) if earlier else "",
        "earlier_on": earlier.on.isoformat() if earlier else "",
        "version": str(found.line.case_version),
    }
    for name in ("summary", "request", "account"):
        text = open_text(here, getattr(content, name))
        if text is None:
            raise KeyNotHere()
        plain[name] = text
    named = [(person, open_text(here, person.name)) for person in content.petitioners]
    kept = [str(person.person) for person, name in named if name is None]
    return (
        plain | _named(here, [(person, name) for person, name in named if name is not None]) | {"kept": kept}
    )


def _named(here: Here, persons: list[tuple[Petitioner, str]]) -> dict[str, str]:
    filled: dict[str, str] = {}
    for n, (person, name) in enumerate(persons, start=1):
        contact = open_text(here, person.contact) or ""
        filled |= {f"role_{n}": person.role.value, f"name_{n}": name, f"contact_{n}": contact}
    return filled
