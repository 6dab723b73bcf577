"""Matters: lists, one matter with its time line, its receipt, registering and correcting."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from shared.orders.order import Order
from shared.web.csv_file import csv_response
from shared.web.form import Form
from shared.web.here import Here, HereNow
from shared.web.languages.labels import choices, fact_words
from shared.web.languages.words import sentence
from shared.web.lists import PAGE, Limit, Names, Offset, Page, open_text
from shared.web.qr import qr_code
from shared.web.render import language_of, render
from shared.web.rules import right
from shared.web.step_pages import Begun, Thing
from shared.web.stepping import go, one, take_form, unit_choices
from shared.work.common.calendar import day_of
from shared.work.common.limits import due
from shared.work.common.refusals import NotFound
from shared.work.common.sentences import N_
from shared.work.matters.orders.handling import OverrideOffer
from shared.work.matters.orders.registering import CorrectMatter, RegisterMatter
from shared.work.matters.pages.possible_steps import possible_steps
from shared.work.matters.pages.views import LINE_CELLS, SCOPES, Filter, involved, line_cells
from shared.work.matters.questions import matters, timeline
from shared.work.matters.questions.matter import DueDate, Matter, case_of_referral, matter
from shared.work.matters.questions.matters import Age, MatterLine

router = APIRouter()
READ = right("matter.read")
CORRECT = N_("Correct the registration")
PERSONS_ON_FORM = 5
"""Petitioners that the form has lines for: the most representatives that the Regulations allow."""


@router.get("/matters", dependencies=[right("matter.read", "list.download")], include_in_schema=False)
def list_page(
    here: HereNow,
    scope: str = "",
    state: str = "",
    age: str = "",
    matter_class: str = "",
    number: str = "",
    overdue: bool = False,
    stuck: bool = False,
    open: bool = False,
    late: bool = False,
    page: Page = 1,
    format: str = "",
) -> Response:
    """A list of matters by the filter in the address; as CSV with `format=csv`."""
    unit = here.unit()
    here.require("matter.read", unit.unit)
    default = "all" if unit.kind == "county" else "own"
    chosen = Filter(
        scope if scope in SCOPES else default, state, age, matter_class, number, overdue, stuck, open, late
    )
    wanted = chosen.wanted(here)
    if format == "csv":
        here.require("list.download", unit.unit)
        return _csv(here, here.office.ask(matters.matters, wanted, as_of=here.at, limit=None))
    count = here.office.ask(matters.count_matters, wanted, as_of=here.at)
    lines = here.office.ask(matters.matters, wanted, as_of=here.at, limit=PAGE, offset=(page - 1) * PAGE)
    language = language_of(here.request)
    return render(
        here.request,
        "matters.html",
        here.frame(),
        lines=lines,
        count=count,
        chosen=chosen,
        scopes=[(key, sentence(language, text)) for key, text in SCOPES.items()],
        page=page,
        last_page=(count + PAGE - 1) // PAGE,
        names=Names(here),
        states=choices(language, "MatterState"),
        ages=[(age.value, age.value) for age in Age],
        classes=choices(language, "MatterClass"),
        form=Form(chosen.query()),
    )


@router.get("/api/matters", dependencies=[READ], tags=["questions"])
def list_matters(
    here: HereNow, scope: str = "all", state: str = "", age: str = "", limit: Limit = 100, offset: Offset = 0
) -> list[MatterLine]:
    """Matters by scope, state and age, oldest first."""
    here.require("matter.read", here.unit().unit)
    wanted = Filter(scope, state, age).wanted(here)
    return here.office.ask(matters.matters, wanted, as_of=here.at, limit=limit, offset=offset)


@router.get("/matters/new", dependencies=[right("matter.register")], include_in_schema=False)
def new_page(here: HereNow) -> Response:
    """The form for a new matter."""
    here.require("matter.register", here.unit().unit)
    return _form_page(here, Form({"received_on": day_of(here.at).isoformat(), "persons": "1"}))


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


def _reason(here: Here, running: DueDate) -> str:
    """Why a duty is due on its day: rule, article, start, days, and what moved it."""
    msgid, values = due(running.limit, running.start, here.office.calendar).explain()
    return sentence(language_of(here.request), msgid, values)


@router.get("/matters/{case}", dependencies=[READ], include_in_schema=False)
def matter_page(case: UUID, here: HereNow, done: str = "") -> Response:
    """One matter: what it says, where it is, what is possible now, and its time line."""
    found = _matter(here, case)
    may_read = here.may("matter.read_text", *involved(found))
    entries = here.office.ask(timeline.timeline, case)
    language, names = language_of(here.request), Names(here)
    steps = [(link, _title(link.order)) for link in possible_steps(here, found)]
    return render(
        here.request,
        "matter.html",
        here.frame(),
        matter=found,
        reasons=[_reason(here, due) for due in found.dues],
        done=done,
        names=names,
        texts=_texts(here, found) if may_read else {},
        may_read=may_read,
        steps=steps,
        entries=[
            {
                "at": entry.recorded_at,
                "title": fact_words(language, entry.name),
                "by": names[entry.unit],
                "after_override": entry.after_override,
                "text": "\n".join(text for text in _entry_texts(here, entry, may_read) if text),
            }
            for entry in entries
        ],
        may_print=here.office.keeps(found.line.owner) and here.may("receipt.print", found.line.owner),
    )


@router.get("/api/matters/{case}", dependencies=[READ], tags=["questions"])
def matter_json(case: UUID, here: HereNow) -> Matter:
    """One matter with its chain of hands and due dates; texts stay sealed."""
    return _matter(here, case)


@router.get("/api/matters/{case}/timeline", dependencies=[READ], tags=["questions"])
def timeline_json(case: UUID, here: HereNow) -> list[timeline.Entry]:
    """Every fact of a matter that this office knows, in the order in which it was recorded."""
    _matter(here, case)
    return here.office.ask(timeline.timeline, case)


@router.get("/matters/{case}/receipt", dependencies=[right("receipt.print")], include_in_schema=False)
def receipt_page(case: UUID, here: HereNow) -> Response:
    """The receipt for the petitioner, with the query code."""
    found = _matter(here, case)
    here.require("receipt.print", found.line.owner)
    promise = here.office.proofs.promise(here.office.ask(timeline.registration, case) or case)
    return render(
        here.request,
        "matter_receipt.html",
        here.frame(),
        matter=found,
        promise=promise,
        qr=qr_code(promise) if promise else "",
        names=Names(here),
        code=open_text(here, found.query_code),
        county=here.office.directory.root(),
    )


@router.get("/matters/{case}/correct", dependencies=[right("matter.correct")], include_in_schema=False)
def correct_page(case: UUID, here: HereNow) -> Response:
    """The form to correct a mistyped registration, filled with what was registered."""
    found = _matter(here, case)
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
        lambda wrong: _form_page(here, _by_field(wrong), 422, _matter(here, case)),
    )
    return answer if isinstance(answer, Response) else go(here, f"/matters/{case}")


_OF_THE_COUNTY = ("issue-letter", "override-offer")
"""Steps that are about the office that has the matter now, not the one that registered it."""


def _begin_case(here: Here, case: UUID, order: type[Order]) -> Begun:
    """The case itself, or the office that the county writes to or takes it from."""
    found = _matter(here, case)
    values = _offer_fields(found, order)
    unit = _last_unit(found) if order.DECLARED.name in _OF_THE_COUNTY else found.line.owner
    return Begun(unit, found.line.number, found.line.case_version, values)


def _begin_referral(here: Here, referral: UUID, order: type[Order]) -> Begun:
    found, hand = _matter_of_referral(here, referral)
    values = {"to": str(hand.target)} if hand.target else {}
    return Begun(hand.unit, found.line.number, hand.version, values)


def _back_to_matter(here: Here, referral: UUID) -> str:
    case = here.office.ask(case_of_referral, referral)
    return f"/matters/{case}" if case else "/referrals"


CASE = Thing("case", "case", "/matters/{case}", _begin_case, lambda here, case: f"/matters/{case}")
REFERRAL = Thing("referral", "referral", "/referrals/{referral}", _begin_referral, _back_to_matter)


def _last_unit(found: Matter) -> UUID:
    """The office that the county would write to, or take the matter from."""
    return found.hands[-1].unit if found.hands else found.line.handler


def _offer_fields(found: Matter, order: type[Order]) -> dict[str, str]:
    """What the override form and the letter form begin with."""
    if order.DECLARED.name == "issue-letter":
        return {"to": str(found.line.handler)}
    hand = found.hands[-1] if found.hands else None
    if order is not OverrideOffer or hand is None:
        return {}
    fields = {"offer": hand.offer, "came_by": hand.came_by, "sender": hand.sender, "receiver": hand.unit}
    return {key: str(value) for key, value in fields.items() if value}


def _matter(here: Here, case: UUID) -> Matter:
    """A matter that the person may see. Errors: NotFound, NotAllowed."""
    here.signed_in()
    found = here.office.ask(matter, case, as_of=here.at)
    if found is None:
        raise NotFound(what="case")
    here.require("matter.read", *involved(found))
    return found


def _matter_of_referral(here: Here, referral: UUID) -> tuple[Matter, Any]:
    case = here.office.ask(case_of_referral, referral)
    if case is None:
        raise NotFound(what="referral")
    found = _matter(here, case)
    return found, next(hand for hand in found.hands if hand.referral == referral)


def _csv(here: Here, lines: list[MatterLine]) -> Response:
    names = Names(here)
    rows = [[*line_cells(line), names[line.owner], names[line.handler]] for line in lines]
    header = [*LINE_CELLS, "registered_by", "handled_by"]
    return csv_response("matters", header, rows)


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
    more = ("place", "earlier_unit", "earlier_on", "version")
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


def _texts(here: Here, found: Matter) -> dict[str, Any]:
    content = found.content
    opened = {name: open_text(here, getattr(content, name)) for name in ("summary", "request", "account")}
    people = [
        (person.role.value, open_text(here, person.name), open_text(here, person.contact))
        for person in content.petitioners
    ]
    return opened | {"people": people}


def _entry_texts(here: Here, entry: timeline.Entry, may_read: bool) -> list[str | None]:
    if not may_read or entry.name in (
        "case.registered",
        "case.corrected",
        "case.referred",
        "referral.passed_on",
        "referral.received",
    ):
        return []
    return [open_text(here, sealed) for sealed in entry.texts.values()]


def _title(order: type[Order]) -> str:
    return order.DECLARED.step.title if order.DECLARED.step else CORRECT
