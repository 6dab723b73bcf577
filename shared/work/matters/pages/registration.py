"""Registering a matter, and correcting a registration."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from shared.web.form import Form
from shared.web.here import Here, HereNow
from shared.web.languages.labels import choices
from shared.web.lists import open_text
from shared.web.render import language_of, render
from shared.web.rules import right
from shared.web.stepping import go, one, take_form, unit_choices
from shared.work.common.calendar import ZONE
from shared.work.matters.orders.registering import CorrectMatter, RegisterMatter
from shared.work.matters.pages.matter import matter_of
from shared.work.matters.questions.matter import Matter

router = APIRouter()
READ = right("matter.read")


PERSONS_ON_FORM = 5
"""Petitioners that the form has lines for: the most representatives that the Regulations allow."""


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
            _input(form) | {"case": case, "reason": one(form, "reason")}
        ),
        lambda wrong: _form_page(here, _by_field(wrong), 422, matter_of(here, case)),
    )
    return answer if isinstance(answer, Response) else go(here, f"/matters/{case}")


def _form_page(here: Here, form: Form, status: int = 200, case: Matter | None = None) -> Response:
    language = language_of(here.request)
    places = [(str(u.unit), u.name) for u in here.office.directory.children(here.unit().unit)]
    return render(
        here.request,
        "matter_form.html",
        here.frame(),
        status=status,
        form=form,
        case=case,
        correction=CorrectMatter.DECLARED.step,
        persons=range(1, PERSONS_ON_FORM + 1),
        channels=choices(language, "Channel"),
        purposes=choices(language, "Purpose"),
        classes=[pair for pair in choices(language, "MatterClass") if pair[0] != "discipline"],
        roles=choices(language, "PersonRole"),
        units=places + unit_choices(here),
        county=here.office.directory.root(),
    )


def _input(form: dict[str, Any]) -> dict[str, Any]:
    """The order's fields of a form: petitioners are numbered lines, empty fields are not given."""
    fields = ("channel", "purpose", "matter_class", "received_on", "persons", "summary", "request", "account")
    more = ("received_time", "place", "earlier_unit", "earlier_on", "version")
    given = {name: one(form, name) for name in (*fields, *more) if one(form, name).strip()}
    persons = [
        {
            "role": one(form, f"role_{n}") or "petitioner",
            "name": one(form, f"name_{n}"),
            "contact": one(form, f"contact_{n}"),
        }
        for n in range(1, PERSONS_ON_FORM + 1)
        if one(form, f"name_{n}").strip()
    ]
    return given | {"petitioners": persons}


def _by_field(form: Form) -> Form:
    """Errors about the list of petitioners stand beside its first line."""
    errors = {("name_1" if name == "petitioners" else name): text for name, text in form.errors.items()}
    return Form(form.values, errors)


def _filled(here: Here, found: Matter) -> dict[str, str]:
    content = found.content
    plain = {
        "channel": content.channel.value,
        "purpose": content.purpose.value,
        "matter_class": content.matter_class.value,
        "received_on": content.received_on.isoformat(),
        "received_time": found.received_at.astimezone(ZONE).strftime("%H:%M") if found.received_at else "",
        "persons": str(content.persons),
        "place": str(content.place or ""),
        "version": str(found.line.case_version),
    }
    for name in ("summary", "request", "account"):
        plain[name] = open_text(here, getattr(content, name)) or ""
    for person in content.petitioners:
        plain[f"role_{person.person}"] = person.role.value
        plain[f"name_{person.person}"] = open_text(here, person.name) or ""
        plain[f"contact_{person.person}"] = open_text(here, person.contact) or ""
    return plain
