"""Daily and zero reports: filing, correcting, the unit's own history, and the sheet of a day."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import TypeAdapter, ValidationError

from shared.orders.input import Day, Moment
from shared.orders.order import Order
from shared.web.csv_file import csv_response
from shared.web.form import Form
from shared.web.here import Here, HereNow
from shared.web.languages.labels import choices
from shared.web.lists import Names, Part, PartAsked, cut, part_of, require_span
from shared.web.render import language_of, render
from shared.web.rules import right
from shared.web.stepping import go, one, show_step, take_form, take_step
from shared.web.steps import order_of
from shared.web.unchanged import KEPT
from shared.work.common.calendar import day_of
from shared.work.common.refusals import UnknownUnit
from shared.work.common.words import DayStatus, ReportKind
from shared.work.reports.answers import LineAnswer, SheetAnswer
from shared.work.reports.orders import CorrectReport, ExcuseUnit, FileReport
from shared.work.reports.questions.registers import register_state
from shared.work.reports.questions.reports import last_report, latest_report, report_versions
from shared.work.reports.questions.sheets import Sheet, SheetLine, sheet, unit_days
from shared.work.reports.reporting_day import RegisterState

router = APIRouter()
sheets = APIRouter()
HISTORY = timedelta(days=30)
"""How far a unit sees its own days back: the month that is still open for late reports."""


def cut_offs(here: Here) -> dict[str, Any]:
    """Until when each tier's report is on time."""
    return vars(here.office.settings.network.cut_offs)


@router.get("/reports", dependencies=[right("report.read", "list.download"), KEPT], include_in_schema=False)
def history_page(here: HereNow, format: str = "") -> Response:
    """The unit's own days: reported, zero, excused, silent, and whether each was on time."""
    unit = here.unit()
    here.require("report.read", unit.unit)
    today = day_of(here.at)
    days = here.ask(unit_days, unit.unit, today - HISTORY, today, as_of=here.at, cut_offs=cut_offs(here))
    if format == "csv":
        here.require("list.download", unit.unit)
        return _lines_csv(here, f"reports-{today}", days)
    return render(here.request, "reports.html", here.frame(), days=days, unit=unit, today=today)


@router.get("/report", dependencies=[right("report.file", "report.correct")], include_in_schema=False)
def report_page(here: HereNow, day: Day | None = None, kind: str = ReportKind.DAILY) -> Response:
    """The form for a day's report, filled from the register; a correction when one was sent."""
    here.require("report.file", here.unit().unit)
    chosen = day or day_of(here.at)
    return _report_page(here, chosen, kind, Form(_prefilled(here, chosen, kind)))


@router.post("/report", dependencies=[right("report.file", "report.correct")], include_in_schema=False)
async def report_form(here: HereNow) -> Response:
    """Send a day's report, or its correction."""
    answer = await take_form(
        here,
        lambda form: _report_order(here, form),
        lambda wrong: _report_page(here, _day_of_form(here, wrong), wrong.one("kind"), wrong, 422),
    )
    if isinstance(answer, Response):
        return answer
    day = one(here.request.state.typed, "day").strip()
    return go(here, f"/reports/{here.unit().unit}/{day}?done=sent")


@router.get("/reports/{unit}/{day}", dependencies=[right("report.read"), KEPT], include_in_schema=False)
def report_versions_page(unit: UUID, day: Day, here: HereNow, done: str = "") -> Response:
    """Every version of a unit's report for a day; the receipt of what was sent."""
    here.require("report.read", unit)
    lines = here.ask(unit_days, unit, day, day, as_of=here.at, cut_offs=cut_offs(here))
    versions = here.ask(report_versions, unit, day, as_of=here.at)
    return render(
        here.request,
        "report.html",
        here.frame(),
        line=lines[0] if lines else None,
        versions=versions,
        day=day,
        unit=unit,
        names=Names(here),
        done=done,
        mine=here.may("report.correct", unit) and here.office.keeps(unit),
    )


@router.get("/api/reports/{unit}", dependencies=[right("report.read")], tags=["questions"])
def unit_days_json(unit: UUID, here: HereNow, first: Day, last: Day) -> list[LineAnswer]:
    """A unit's days with their status, newest first; at most a year of them."""
    here.require("report.read", unit)
    require_span(first, last)
    lines = here.ask(unit_days, unit, first, last, as_of=here.at, cut_offs=cut_offs(here))
    return [LineAnswer.of(line) for line in lines]


@router.get("/api/register/{unit}/{day}", dependencies=[right("report.read")], tags=["questions"])
def register_json(unit: UUID, day: Day, here: HereNow) -> RegisterState:
    """What a report for the day has to say of the unit's register."""
    here.require("report.read", unit)
    return here.ask(register_state, unit, day)


@sheets.get("/sheet", dependencies=[right("sheet.read", "list.download"), KEPT], include_in_schema=False)
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
    if format == "csv":
        here.require("list.download", parent)
        return _lines_csv(here, f"sheet-{shown.day}", lines)
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
        townships=_by_township(here, shown) if whole else [],
        may_excuse={line.unit for line in part.lines if here.may("report.excuse", line.unit)},
        whole_list=whole_list,
        **_of_the_day(here, shown),
    )


def _of_the_day(here: Here, shown: Sheet) -> dict[str, Any]:
    """What a sheet's page has whatever is chosen of it."""
    return {
        "sheet": shown,
        "statuses": [(word, shown.count(word)) for word in DayStatus],
        "names": Names(here),
        "before": shown.day - timedelta(days=1),
        "after": shown.day + timedelta(days=1) if shown.day < day_of(here.at) else None,
        "asked_moment": shown.as_of,
    }


def _unit(line: SheetLine) -> UUID:
    return line.unit


@sheets.get("/api/sheet", dependencies=[right("sheet.read")], tags=["questions"])
def sheet_json(
    here: HereNow, day: Day | None = None, below: UUID | None = None, as_of: Moment | None = None
) -> SheetAnswer:
    """The sheet of a day: counts that add up to `expected`, and every line."""
    parent = below or here.unit().unit
    whole = here.office.settings.tier == "county" and below is None
    shown = _sheet(here, parent, day, as_of, whole)
    return SheetAnswer.of(shown)


@sheets.get("/excuse", dependencies=[right("report.excuse")], include_in_schema=False)
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


@sheets.post("/excuse", dependencies=[right("report.excuse")], include_in_schema=False)
async def excuse_form(here: HereNow) -> Response:
    """Excuse a unit's day."""
    return await take_step(here, ExcuseUnit, action="/excuse", back="/sheet")


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


def _lines_csv(here: Here, name: str, lines: Iterable[SheetLine]) -> Response:
    names = Names(here)
    rows = [[names[line.unit], *LineAnswer.of(line).model_dump(mode="json").values()] for line in lines]
    return csv_response(name, ["name", *LineAnswer.model_fields], rows)


def _chosen(shown: Sheet, status: str, flag: str) -> tuple[SheetLine, ...]:
    lines = shown.with_status(DayStatus(status)) if status in set(DayStatus) else shown.lines
    flags = {"late": shown.late, "contradicted": shown.contradicted, "expected": shown.lines}
    return flags.get(flag, lines)


def _by_township(here: Here, shown: Sheet) -> list[tuple[UUID, str, Sheet]]:
    root = here.office.directory.root()
    towns = here.office.directory.children(root.unit) if root else []
    return [(town.unit, town.name, shown.below(town.unit)) for town in towns if town.kind == "township"]


def _prefilled(here: Here, day: date, kind: str) -> dict[str, Any]:
    unit = here.unit().unit
    known = here.ask(latest_report, unit, day, as_of=here.at)
    register = here.ask(register_state, unit, day)
    if known is not None:
        figures = {name: str(value) for name, value in asdict(known.figures).items()}
        return figures | {"checked": list(known.checked), "version": str(known.version)}
    before = here.ask(last_report, unit, as_of=here.at)
    return {"new": str(len(register.numbers)), "checked": list(before.checked) if before else []}


def _report_page(here: Here, day: date, kind: str, form: Form, status: int = 200) -> Response:
    unit = here.unit()
    language = language_of(here.request)
    known = here.ask(latest_report, unit.unit, day, as_of=here.at)
    return render(
        here.request,
        "report_form.html",
        here.frame(),
        status=status,
        form=form,
        day=day,
        kind=kind if kind in set(ReportKind) else ReportKind.DAILY.value,
        register=here.ask(register_state, unit.unit, day),
        checks=choices(language, "CheckedSource"),
        known=known,
    )


def _report_order(here: Here, form: dict[str, Any]) -> Order:
    kind = CorrectReport if one(form, "version") else FileReport
    return order_of(kind, {"checked": [], **form}, unit=here.unit().unit)


def _day_of_form(here: Here, form: Form) -> date:
    try:
        return TypeAdapter(Day).validate_python(form.one("day"))
    except ValidationError:
        return day_of(here.at)
