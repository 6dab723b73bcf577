"""The sheet of a day, and the excuses of the offices on it."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from shared.orders.input import Day, Moment
from shared.web.form import Form
from shared.web.here import Here, HereNow
from shared.web.lists import (
    ONLY_FILTERS,
    Names,
    Part,
    PartAsked,
    cut,
    is_file,
    part_of,
    require_word,
    word_of,
)
from shared.web.render import render
from shared.web.rules import right
from shared.web.stepping import full_name, show_step, take_step
from shared.web.unchanged import KEPT
from shared.work.common.calendar import day_of
from shared.work.common.refusals import UnknownUnit
from shared.work.common.words import DayStatus, UnitKind
from shared.work.reports.answers import SheetAnswer
from shared.work.reports.orders import ExcuseUnit, RevokeExcuse
from shared.work.reports.pages.reports import cut_offs, lines_csv
from shared.work.reports.questions.reporting_obligations import Units
from shared.work.reports.questions.sheet_lines import Sheet, SheetLine
from shared.work.reports.questions.sheets import sheet

router = APIRouter()


@router.get("/sheet", dependencies=[right("sheet.read", "list.download"), KEPT], include_in_schema=False)
def sheet_page(
    here: HereNow,
    stretch: PartAsked,
    day: Day | None = None,
    below: UUID | None = None,
    status: str = "",
    flag: str = "",
    as_of: Moment | None = None,
    format: str = "",
) -> Response:
    """The sheet of a day: what each unit that owed a report did; a county's begins with its townships."""
    parent = below or here.unit().unit
    whole = here.office.settings.tier == "county" and below is None
    shown = _sheet(here, parent, day, as_of, whole)
    lines = _chosen(shown, status, flag)
    if is_file(format):
        here.require("list.download", parent)
        return lines_csv(here, f"sheet-{shown.day}", lines, DayNames(here, shown.units))
    whole_list = bool(status or flag) or not whole
    listed = lines if whole_list else shown.conspicuous
    # A township's clerk sees all of its villages at once; a county has hundreds.
    part = part_of(cut(listed, stretch, _unit), stretch, _unit) if whole else Part(listed, None, None)
    return render(
        here.request,
        "sheet.html",
        here.frame(),
        part=part,
        count=len(listed),
        parent=parent,
        below=below,
        chosen_status=status,
        flag=flag,
        townships=_by_township(shown) if whole else [],
        may_excuse={line.unit for line in part.lines if here.may("report.excuse", line.unit)},
        whole_list=whole_list,
        **_of_the_day(here, shown),
    )


def _of_the_day(here: Here, shown: Sheet) -> dict[str, Any]:
    """What a sheet's page has whatever is chosen of it."""
    return {
        "sheet": shown,
        "statuses": words_of(shown),
        "names": DayNames(here, shown.units),
        "before": shown.day - timedelta(days=1),
        "after": shown.day + timedelta(days=1) if shown.day < day_of(here.at) else None,
        "asked_moment": shown.as_of,
    }


def words_of(shown: Sheet) -> list[tuple[DayStatus, int]]:
    """How many have each word; "not yet" alone for a day that has not come, and only then."""
    counts = [(word, shown.count(word)) for word in DayStatus]
    return [(word, count) for word, count in counts if count or word is not DayStatus.NOT_YET]


class DayNames(Names):
    """Names as they were on a day, and today's of units that did not exist then."""

    def __init__(self, here: Here, units: Units) -> None:
        super().__init__(here)
        self._then = units

    def __getitem__(self, unit: UUID | None) -> str:
        found = self._then.get(unit) if unit else None
        return full_name(self._then, found) if found else super().__getitem__(unit)


def _unit(line: SheetLine) -> UUID:
    return line.unit


@router.get("/api/sheet", dependencies=[right("sheet.read"), ONLY_FILTERS], tags=["questions"])
def sheet_json(
    here: HereNow, day: Day | None = None, below: UUID | None = None, as_of: Moment | None = None
) -> SheetAnswer:
    """The sheet of a day: counts that add up to `expected`, and every line."""
    parent = below or here.unit().unit
    whole = here.office.settings.tier == "county" and below is None
    shown = _sheet(here, parent, day, as_of, whole)
    return SheetAnswer.of(shown)


@router.get("/excuse", dependencies=[right("report.excuse")], include_in_schema=False)
def excuse_page(here: HereNow, excused: UUID, day: Day) -> Response:
    """The form to excuse a unit's day."""
    here.require("report.excuse", excused)
    form = Form({"excused": str(excused), "day": day.isoformat()})
    return show_step(
        here,
        ExcuseUnit,
        action="/excuse",
        back=f"/sheet?day={day}",
        subject=f"{Names(here)[excused]} {day}",
        form=form,
    )


@router.post("/excuse", dependencies=[right("report.excuse")], include_in_schema=False)
async def excuse_form(here: HereNow) -> Response:
    """Excuse a unit's day."""
    return await take_step(here, ExcuseUnit, action="/excuse", back="/sheet")


@router.get("/revoke-excuse", dependencies=[right("report.excuse")], include_in_schema=False)
def revoke_page(here: HereNow, excused: UUID, day: Day) -> Response:
    """The form to take an excuse back."""
    here.require("report.excuse", excused)
    return show_step(
        here,
        RevokeExcuse,
        action="/revoke-excuse",
        back=f"/reports/{excused}/{day}",
        subject=f"{Names(here)[excused]} {day}",
        form=Form({"excused": str(excused), "day": day.isoformat()}),
    )


@router.post("/revoke-excuse", dependencies=[right("report.excuse")], include_in_schema=False)
async def revoke_form(here: HereNow) -> Response:
    """Take an excuse back."""
    return await take_step(here, RevokeExcuse, action="/revoke-excuse", back="/sheet")


def _sheet(here: Here, parent: UUID, day: date | None, as_of: Moment | None, whole: bool) -> Sheet:
    if here.office.directory.find(parent) is None:
        raise UnknownUnit(unit=parent)
    here.require("sheet.read", parent)
    return here.ask(
        sheet,
        parent,
        day or day_of(here.at),
        as_of=as_of or here.at,
        cut_offs=cut_offs(here),
        whole_tree=whole,
    )


def _chosen(shown: Sheet, status: str, flag: str) -> tuple[SheetLine, ...]:
    """Errors: UnknownWord."""
    word = word_of(DayStatus, "status", status)
    lines = shown.with_status(word) if word else shown.lines
    flags = {
        "late": shown.late,
        "contradicted": shown.contradicted,
        "questions": shown.questions,
        "expected": shown.lines,
    }
    return flags[flag] if require_word("flag", flag, flags) else lines


def _by_township(shown: Sheet) -> list[tuple[UUID, str, Sheet]]:
    """The townships of the day, each with what is directly below it."""
    towns = (duty for duty in shown.units.values() if duty.kind == UnitKind.TOWNSHIP)
    return [(town.unit, town.name, shown.below(town.unit)) for town in towns]
