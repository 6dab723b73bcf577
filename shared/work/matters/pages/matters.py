"""Lists of matters."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from shared.web.csv_file import csv_response
from shared.web.form import Form
from shared.web.here import Here, HereNow
from shared.web.languages.labels import choices
from shared.web.languages.words import sentence
from shared.web.lists import ONLY_FILTERS, ApiPart, Names, PartAsked, every_line, is_file, part_of
from shared.web.render import language_of, render
from shared.web.rules import right
from shared.web.unchanged import KEPT
from shared.work.matters.pages.views import LINE_CELLS, SCOPES, Filter, line_cells
from shared.work.matters.questions import matters
from shared.work.matters.questions.matters import MatterLine
from shared.work.matters.questions.present_matters import Age

router = APIRouter()
READ = right("matter.read")


def _asked(
    scope: str = "",
    state: str = "",
    age: str = "",
    matter_class: str = "",
    number: str = "",
    overdue: bool = False,
    stuck: bool = False,
    open: bool = False,
    late: bool = False,
) -> Filter:
    """The filter as it stands in the address."""
    return Filter(scope, state, age, matter_class, number, overdue, stuck, open, late)


@router.get("/matters", dependencies=[right("matter.read", "list.download"), KEPT], include_in_schema=False)
def list_page(
    here: HereNow, asked: Annotated[Filter, Depends(_asked)], stretch: PartAsked, format: str = ""
) -> Response:
    """A list of matters by the filter in the address; as CSV with `format=csv`."""
    unit = here.unit()
    here.require("matter.read", unit.unit)
    default = "all" if unit.kind == "county" else "own"
    chosen = asked if asked.scope else replace(asked, scope=default)
    wanted = chosen.wanted(here)
    if is_file(format):
        here.require("list.download", unit.unit)
        return _csv(here, every_line(here, matters.matters, wanted, as_of=here.at, line_id=_id))
    found = here.ask(matters.matters, wanted, as_of=here.at, stretch=stretch)
    language = language_of(here.request)
    return render(
        here.request,
        "matters.html",
        here.frame(),
        part=part_of(found, stretch, _id),
        count=here.ask(matters.count_matters, wanted, as_of=here.at),
        chosen=chosen,
        scopes=[(key, sentence(language, text)) for key, text in SCOPES.items()],
        names=Names(here),
        states=choices(language, "MatterState"),
        ages=[(age.value, age.value) for age in Age],
        classes=choices(language, "MatterClass"),
        form=Form(chosen.query()),
    )


@router.get("/api/matters", dependencies=[READ, ONLY_FILTERS], tags=["questions"])
def list_matters(
    here: HereNow, asked: Annotated[Filter, Depends(_asked)], stretch: ApiPart
) -> list[MatterLine]:
    """Matters by the same filters as the page, all that are known here without a scope, oldest first.

    `after` the id of a case is the next part.
    """
    here.require("matter.read", here.unit().unit)
    wanted = (asked if asked.scope else replace(asked, scope="all")).wanted(here)
    return here.ask(matters.matters, wanted, as_of=here.at, stretch=stretch)


def _id(line: MatterLine) -> UUID:
    return line.case


def _csv(here: Here, lines: Iterable[MatterLine]) -> Response:
    names = Names(here)
    rows = ([*line_cells(line), names[line.owner], names[line.handler]] for line in lines)
    header = [*LINE_CELLS, "registered_by", "handled_by"]
    return csv_response(here, "matters", header, rows)
