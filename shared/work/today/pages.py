"""The first page of each tier: what is due today, what waits, what was just done."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from shared.web.here import Here, HereNow
from shared.web.lists import Names
from shared.web.render import render
from shared.web.rules import asks, right
from shared.web.unchanged import KEPT
from shared.work.common.calendar import day_of
from shared.work.common.stretch import Stretch
from shared.work.common.words import DayStatus
from shared.work.matters.questions.matters import Wanted, count_matters, count_open, matters
from shared.work.matters.questions.present_matters import Listed
from shared.work.reports.pages.reports import cut_offs
from shared.work.reports.pages.sheets import words_of
from shared.work.reports.questions.sheets import sheet, unit_days
from shared.work.supervision.pages import letters_of
from shared.work.supervision.questions import LetterState, count_letters

router = APIRouter()
LOOK_BACK = timedelta(days=7)
"""Missing reports of a week are shown on the first page; older ones are in the list of days."""


@router.get("/", dependencies=[right("matter.read"), KEPT, asks(17)], include_in_schema=False)
def today_page(here: HereNow) -> Response:
    """What is due, what waits, and what other offices hold of this office's work."""
    unit = here.unit()
    if not here.may("matter.read", unit.unit):
        return render(here.request, "today_administrator.html", here.frame(), unit=unit)
    tier = "department" if unit.kind == "department" else here.office.settings.tier
    return render(
        here.request, f"today_{tier}.html", here.frame(), unit=unit, **_common(here), **_of_tier(here, tier)
    )


def _common(here: Here) -> dict[str, Any]:
    unit, today = here.unit().unit, day_of(here.at)
    own = here.office.directory.answers_for(unit)
    days = here.ask(unit_days, unit, today - LOOK_BACK, today, **_sheet_asked(here))
    theirs = [
        line
        for other in sorted(own - {unit}, key=str)
        for line in here.ask(unit_days, other, today - LOOK_BACK, today, **_sheet_asked(here))
    ]
    waiting = Wanted(Listed.AWAITS, own)
    numbers = here.ask(count_open, own, (Listed.AWAITS, Listed.OWN, Listed.OUT))
    overdue = here.ask(count_matters, replace(waiting, overdue=True), as_of=here.at)
    counts = {"todo": numbers[Listed.AWAITS], "own": numbers[Listed.OWN], "out": numbers[Listed.OUT]}
    return {
        "today": today,
        "day": next((line for line in days if line.day == today), None),
        "missing": [
            *(line for line in days if line.status is DayStatus.SILENT and line.day != today),
            *(line for line in theirs if line.status is DayStatus.SILENT),
        ],
        "own": unit,
        "counts": counts | {"overdue": overdue},
        "letters": here.ask(count_letters, letters_of(here, LetterState.OPEN), as_of=here.at),
        "latest": here.ask(matters, waiting, as_of=here.at, stretch=Stretch(10)),
        "routes": here.office.routes(),
        "office_of": here.office.directory.office_of,
        "names": Names(here),
    }


def _sheet_asked(here: Here) -> dict[str, Any]:
    return {"as_of": here.at, "cut_offs": cut_offs(here), "heard": False}


def _of_tier(here: Here, tier: str) -> dict[str, Any]:
    unit = here.unit().unit
    if tier in ("village", "department"):
        return {}
    shown = here.ask(sheet, unit, day_of(here.at), whole_tree=tier == "county", **_sheet_asked(here))
    return {
        "holes": here.ask(here.office.holes),
        "alarms": here.ask(here.office.proofs.alarms),
        "sheet": shown,
        "statuses": words_of(shown),
    }
