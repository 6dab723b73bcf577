"""Supervision letters: at the county all of them, at an office those that were sent to it."""

from collections.abc import Iterable
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from shared.orders.order import Order
from shared.web.csv_file import csv_response
from shared.web.here import Here, HereNow
from shared.web.lists import (
    ONLY_FILTERS,
    PAGE,
    ApiPart,
    Names,
    PartAsked,
    every_line,
    is_file,
    open_text,
    part_of,
    word_of,
)
from shared.web.render import render
from shared.web.rules import right
from shared.web.step_pages import Begun, Thing
from shared.web.unchanged import KEPT
from shared.work.common.refusals import NotFound
from shared.work.common.stretch import Stretch
from shared.work.matters.questions.matters import Wanted, count_matters, matters
from shared.work.supervision.orders import SupervisionOrder
from shared.work.supervision.questions import (
    Letter,
    LetterState,
    WantedLetters,
    count_letters,
    letter,
    letters,
)

router = APIRouter()

READ = right("matter.read")


@router.get(
    "/supervision", dependencies=[right("matter.read", "list.download"), KEPT], include_in_schema=False
)
def letters_page(here: HereNow, stretch: PartAsked, state: str = "", format: str = "") -> Response:
    """Letters, and at the county the overdue and stuck matters that may need one."""
    wanted = letters_of(here, state)
    if is_file(format):
        here.require("list.download", here.unit().unit)
        return _csv(here, every_line(here, letters, wanted, as_of=here.at, line_id=_id))
    county = here.unit().kind == "county"
    late = Wanted(overdue_or_stuck=True)
    return render(
        here.request,
        "letters.html",
        here.frame(),
        part=part_of(here.ask(letters, wanted, as_of=here.at, stretch=stretch), stretch, _id),
        count=here.ask(count_letters, wanted, as_of=here.at),
        state=state,
        county=county,
        late=here.ask(matters, late, as_of=here.at, stretch=Stretch(PAGE)) if county else [],
        late_count=here.ask(count_matters, late, as_of=here.at) if county else 0,
        names=Names(here),
    )


@router.get("/api/letters", dependencies=[READ, ONLY_FILTERS], tags=["questions"])
def letters_json(here: HereNow, stretch: ApiPart, state: str = "") -> list[Letter]:
    """Supervision letters that this office sent or received; `after` the id of a letter is the next part."""
    return here.ask(letters, letters_of(here, state), as_of=here.at, stretch=stretch)


def _id(line: Letter) -> UUID:
    return line.supervision


@router.get("/supervision/{supervision}", dependencies=[READ, KEPT], include_in_schema=False)
def letter_page(supervision: UUID, here: HereNow) -> Response:
    """One letter with its answer and what can be done now."""
    found = _letter(here, supervision)
    return render(
        here.request,
        "letter.html",
        here.frame(),
        letter=found,
        demand=open_text(here, found.demand),
        late_because=open_text(here, found.late_because),
        answer=open_text(here, found.text),
        names=Names(here),
        steps=[order.DECLARED.step for order in _possible(here, found)],
    )


def _possible(here: Here, found: Letter) -> list[type[Order]]:
    """The steps of a letter that this person may take now: its receiver answers, who sent it does the rest."""
    if found.state is LetterState.LIFTED:
        return []
    sent, received = here.office.keeps(found.unit), here.office.keeps(found.to)
    of_letters = [
        order
        for order in here.orders().values()
        if (step := order.DECLARED.step) and step.thing == LETTER.name
    ]
    able = [order for order in of_letters if (sent if issubclass(order, SupervisionOrder) else received)]
    return [order for order in able if any(here.may(action, found.to) for action in order.DECLARED.actions)]


def _begin(here: Here, supervision: UUID, order: type[Order]) -> Begun:
    found = _letter(here, supervision)
    return Begun(found.to, found.number, found.version)


LETTER = Thing(
    "supervision",
    "supervision",
    "/supervision/{supervision}",
    _begin,
    lambda here, supervision: f"/supervision/{supervision}",
)


def letters_of(here: Here, state: str) -> WantedLetters:
    """The letters of this office: those sent to it, or to one whose work goes on here, at the bureau all. Errors: NotSignedIn, NotAllowed, UnknownWord."""
    unit = here.unit()
    here.require("matter.read", unit.unit)
    to = None if unit.kind == "county" else here.office.directory.answers_for(unit.unit)
    return WantedLetters(to=to, state=word_of(LetterState, "state", state))


def _csv(here: Here, found: Iterable[Letter]) -> Response:
    names, header = Names(here), ["number", "office", "reason", "state", "issued_at", "answer_by", "overdue"]
    rows = (
        [line.number, names[line.to], line.trigger, line.state.value, line.issued_at, line.answer_by]
        + ["yes" if line.overdue else ""]
        for line in found
    )
    return csv_response(here, "letters", header, rows)


def _letter(here: Here, supervision: UUID) -> Letter:
    """A letter that the person may see. Errors: NotFound, NotAllowed."""
    here.signed_in()
    found = here.ask(letter, supervision, as_of=here.at)
    if found is None:
        raise NotFound(what="letter")
    here.require("matter.read", found.to, found.unit)
    return found
