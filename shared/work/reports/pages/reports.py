"""Daily and zero reports: filing, correcting, and the unit's own history."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import TypeAdapter, ValidationError

from shared.orders.input import Day
from shared.orders.order import Order
from shared.web.csv_file import Cell, csv_response
from shared.web.form import Form
from shared.web.here import Here, HereNow
from shared.web.languages.labels import choices
from shared.web.lists import ONLY_FILTERS, Names, is_file, require_span, word_of
from shared.web.render import language_of, render
from shared.web.rules import right
from shared.web.stepping import go, one, take_form
from shared.web.steps import order_of
from shared.web.unchanged import KEPT
from shared.work.common.calendar import day_of
from shared.work.common.refusals import UnknownUnit
from shared.work.common.words import CheckedSource, ReportKind
from shared.work.reports.answers import LineAnswer, RegisterAnswer
from shared.work.reports.orders import CorrectReport, FileReport
from shared.work.reports.questions.excuses import all_excuses
from shared.work.reports.questions.registers import register_state
from shared.work.reports.questions.reports import Report, latest_report, report_versions
from shared.work.reports.questions.sheet_lines import SheetLine, minutes_after
from shared.work.reports.questions.sheets import unit_days
from shared.work.reports.questions.waiting import waiting_for
from shared.work.reports.register import RegisterState, Waiting

router = APIRouter()
USUAL = (
    CheckedSource.RECEPTION_BOOK,
    CheckedSource.PHONE,
    CheckedSource.MAILBOX,
    CheckedSource.ONLINE_BOX,
)
"""What one tick says was looked at; the first page and the form name all four."""

DISPUTES = ("disputes_found", "disputes_settled")
HISTORY = timedelta(days=30)
"""How far a unit sees its own days back: the month that is still open for late reports."""


def cut_offs(here: Here) -> dict[str, Any]:
    """Until when each tier's report is on time."""
    return vars(here.office.settings.network.cut_offs)


@router.get("/reports", dependencies=[right("report.read", "list.download"), KEPT], include_in_schema=False)
def history_page(here: HereNow, format: str = "", of: UUID | None = None) -> Response:
    """The unit's own days, or those `of` one whose work goes on here: reported, zero, excused, silent, and whether on time."""
    unit = _office(here, of)
    here.require("report.read", unit)
    today = day_of(here.at)
    days = here.ask(unit_days, unit, today - HISTORY, today, as_of=here.at, cut_offs=cut_offs(here))
    if is_file(format):
        here.require("list.download", unit)
        return lines_csv(here, f"reports-{today}", days, Names(here))
    others = sorted(here.office.directory.answers_for(unit) - {unit}, key=str)
    return render(
        *(here.request, "reports.html", here.frame()),
        days=days,
        unit=unit,
        of=of,
        today=today,
        others=others,
        names=Names(here),
    )


def _office(here: Here, of: UUID | None) -> UUID:
    """The person's own office, or one whose work goes on there. Errors: UnknownUnit."""
    own = here.unit().unit
    if of and of not in here.office.directory.answers_for(own):
        raise UnknownUnit(unit=of)
    return of or own


@router.get("/report", dependencies=[right("report.file", "report.correct")], include_in_schema=False)
def report_page(here: HereNow, day: Day | None = None, kind: str = "", of: UUID | None = None) -> Response:
    """The form for a day's report, filled from the register; a correction when one was sent."""
    unit = _office(here, of)
    here.require("report.file", unit)
    chosen = day or day_of(here.at)
    asked = word_of(ReportKind, "kind", kind) or ReportKind.DAILY
    return _report_page(here, unit, chosen, asked, Form(_prefilled(here, unit, chosen)))


@router.post("/report", dependencies=[right("report.file", "report.correct")], include_in_schema=False)
async def report_form(here: HereNow) -> Response:
    """Send a day's report, or its correction."""
    answer = await take_form(
        here,
        lambda form: _report_order(here, form),
        lambda wrong: _report_page(
            *(here, _office_of_form(here, wrong), _day_of_form(here, wrong), wrong.one("kind"), wrong, 422)
        ),
    )
    if isinstance(answer, Response):
        return answer
    typed = here.request.state.typed
    office, day = one(typed, "of") or here.unit().unit, one(typed, "day").strip()
    return go(here, f"/reports/{office}/{day}?done=sent")


@router.get("/reports/{unit}/{day}", dependencies=[right("report.read"), KEPT], include_in_schema=False)
def report_versions_page(unit: UUID, day: Day, here: HereNow, done: str = "") -> Response:
    """Every version of a unit's report for a day; the receipt of what was sent."""
    here.require("report.read", unit)
    lines = here.ask(unit_days, unit, day, day, as_of=here.at, cut_offs=cut_offs(here))
    line = lines[0] if lines else None
    versions = here.ask(report_versions, unit, day, as_of=here.at)
    return render(
        here.request,
        "report.html",
        here.frame(),
        line=line,
        versions=[(version, _minutes_late(line, version)) for version in versions],
        excuses=here.ask(all_excuses, unit, day, as_of=here.at),
        day=day,
        unit=unit,
        name=line.duty.name if line else Names(here)[unit],
        names=Names(here),
        done=done,
        mine=here.may("report.correct", unit) and here.office.keeps(unit),
        of=None if unit == here.unit().unit else unit,
        may_revoke={here.unit().unit} if here.may("report.excuse", unit) else (),
    )


def _minutes_late(line: SheetLine | None, version: Report) -> int:
    return minutes_after(line.due_at, version.recorded_at) if line else 0


@router.get("/api/reports/{unit}", dependencies=[right("report.read"), ONLY_FILTERS], tags=["questions"])
def unit_days_json(unit: UUID, here: HereNow, first: Day, last: Day) -> list[LineAnswer]:
    """A unit's days with their status, newest first; at most a year of them."""
    here.require("report.read", unit)
    require_span(first, last)
    lines = here.ask(unit_days, unit, first, last, as_of=here.at, cut_offs=cut_offs(here))
    return [LineAnswer.of(line) for line in lines]


@router.get(
    "/api/register/{unit}/{day}", dependencies=[right("report.read"), ONLY_FILTERS], tags=["questions"]
)
def register_json(unit: UUID, day: Day, here: HereNow) -> RegisterAnswer:
    """What a report for the day has to say of the unit's register."""
    here.require("report.read", unit)
    return RegisterAnswer.of(*_register(here, unit, day))


def lines_csv(
    here: Here, name: str, lines: Iterable[SheetLine], names: Mapping[UUID | None, str]
) -> Response:
    """Lines of a sheet or of a unit's days as a file."""
    rows = ([names[line.unit], *map(_cell, vars(LineAnswer.of(line)).values())] for line in lines)
    return csv_response(here, name, ["name", *LineAnswer.model_fields], rows)


def _cell(value: Any) -> Cell:
    """A value of a line for a file: days and moments as such, in the form that every file has."""
    if isinstance(value, StrEnum):
        return value.value
    return str(value) if isinstance(value, UUID | bool) else value


def _prefilled(here: Here, unit: UUID, day: date) -> dict[str, Any]:
    """What the person said before stands in the form of a correction; what was checked is ticked anew."""
    known = here.ask(latest_report, unit, day, as_of=here.at)
    if known is None:
        return {}
    figures = {name: str(getattr(known.figures, name)) for name in DISPUTES}
    return figures | {"version": str(known.version)}


def _register(here: Here, unit: UUID, day: date) -> tuple[RegisterState, Waiting]:
    asked = unit, day
    return here.ask(register_state, *asked), here.ask(waiting_for, [asked])[asked]


def _report_page(here: Here, unit: UUID, day: date, kind: str, form: Form, status: int = 200) -> Response:
    language = language_of(here.request)
    known = here.ask(latest_report, unit, day, as_of=here.at)
    register, waiting = _register(here, unit, day)
    return render(
        here.request,
        "report_form.html",
        here.frame(),
        status=status,
        form=form,
        of=None if unit == here.unit().unit else unit,
        names=Names(here),
        day=day,
        kind=kind if kind in set(ReportKind) else ReportKind.DAILY.value,
        register=register,
        waiting=waiting,
        usual=[check.value for check in USUAL],
        checks=choices(language, "CheckedSource"),
        reasons=choices(language, "CorrectionReason"),
        known=known,
    )


def _report_order(here: Here, form: dict[str, Any]) -> Order:
    kind = CorrectReport if one(form, "version") else FileReport
    unit = one(form, "of") or here.unit().unit
    return order_of(kind, form, unit=unit, checked=_checked(form))


def _checked(form: dict[str, Any]) -> list[str]:
    """What was ticked: all that is usually looked at together, or each by itself."""
    ticked = Form(form).many("checked")
    return [*USUAL, *ticked] if one(form, "looked") else ticked


def _office_of_form(here: Here, form: Form) -> UUID:
    """The office of a form that came back; one's own where what stands there is none of those that go on here."""
    known = {str(unit): unit for unit in here.office.directory.answers_for(here.unit().unit)}
    return known.get(form.one("of"), here.unit().unit)


def _day_of_form(here: Here, form: Form) -> date:
    try:
        return TypeAdapter(Day).validate_python(form.one("day"))
    except ValidationError:
        return day_of(here.at)
