"""The first page of each tier: what is due today, what waits, what was just done."""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from shared.web.here import Here, HereNow
from shared.web.lists import Names
from shared.web.render import render
from shared.web.rules import right
from shared.web.unchanged import KEPT
from shared.work.common.calendar import day_of
from shared.work.common.stretch import Stretch
from shared.work.common.words import DayStatus
from shared.work.matters.questions.matters import Wanted, count_matters, matters
from shared.work.matters.questions.present_matters import Listed
from shared.work.reports.pages import cut_offs
from shared.work.reports.questions.sheets import sheet, unit_days
from shared.work.supervision.pages import letters_of
from shared.work.supervision.questions import LetterState, count_letters

router = APIRouter()
LOOK_BACK = timedelta(days=7)
"""Missing reports of a week are shown on the first page; older ones are in the list of days."""


@router.get("/", dependencies=[right("matter.read"), KEPT], include_in_schema=False)
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
    days = here.ask(unit_days, unit, today - LOOK_BACK, today, as_of=here.at, cut_offs=cut_offs(here))
    waiting = Wanted.of_unit(Listed.AWAITS, unit)
    counts = {
        "todo": waiting,
        "overdue": Wanted.of_unit(Listed.AWAITS, unit, overdue=True),
        "own": Wanted.of_unit(Listed.OWN, unit, open=True),
        "out": Wanted.of_unit(Listed.OUT, unit),
    }
    return {
        "today": today,
        "day": next((line for line in days if line.day == today), None),
        "missing": [line for line in days if line.status is DayStatus.SILENT and line.day != today],
        "counts": {name: here.ask(count_matters, w, as_of=here.at) for name, w in counts.items()},
        "letters": here.ask(count_letters, letters_of(here, LetterState.OPEN), as_of=here.at),
        "latest": here.ask(matters, waiting, as_of=here.at, stretch=Stretch(10)),
        "routes": here.office.routes(),
        "office_of": here.office.directory.office_of,
        "names": Names(here),
    }


def _of_tier(here: Here, tier: str) -> dict[str, Any]:
    unit = here.unit().unit
    if tier in ("village", "department"):
        return {}
    whole, cuts = tier == "county", cut_offs(here)
    asked = {"as_of": here.at, "cut_offs": cuts, "whole_tree": whole, "heard": False}
    shown = here.ask(sheet, unit, day_of(here.at), **asked)
    return {
        "holes": here.office.holes(),
        "alarms": here.office.proofs.alarms(),
        "sheet": shown,
        "statuses": [(word, shown.count(word)) for word in DayStatus],
    }
