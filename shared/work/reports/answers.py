"""What questions about reporting days answer as JSON."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from shared.work.common.words import DayStatus
from shared.work.reports.questions.sheet_lines import Sheet, SheetLine
from shared.work.reports.register import Figures, RegisterState, Waiting


class LineAnswer(BaseModel):
    """One unit's day on a sheet, under the name and below the office of that day.

    `minutes_late` is 0 on time and none without a report. `contradicted_by` are matters that the report leaves out,
    `asked_about` those of which only the day is known; `register_new` is how many its register has, as known here.
    """

    unit: UUID
    day: date
    status: DayStatus
    due_at: datetime
    due_passed: bool
    minutes_late: int | None
    corrections: int
    recorded_at: datetime | None
    arrived_at: datetime | None
    new: int | None
    register_count: int | None
    register_last: int | None
    contradicted_by: str
    last_heard: datetime | None
    code: str
    parent: UUID | None
    contradicted: bool
    asked_about: str
    register_new: int | None
    correction_minutes_late: int | None
    excuse: str

    @classmethod
    def of(cls, line: SheetLine) -> "LineAnswer":
        """A sheet's line as plain values."""
        report = line.report
        return cls(
            unit=line.unit,
            day=line.day,
            status=line.status,
            due_at=line.due_at,
            due_passed=line.due_passed,
            minutes_late=line.minutes_late,
            corrections=line.corrections,
            recorded_at=line.first_recorded_at,
            arrived_at=line.first_arrived_at,
            new=report.figures.new if report else None,
            register_count=report.register_count if report else None,
            register_last=report.register_last if report else None,
            contradicted_by=", ".join(line.contradicted_by),
            last_heard=line.heard_recorded,
            code=line.duty.code,
            parent=line.duty.parent,
            contradicted=line.contradicted,
            asked_about=", ".join(line.asked_about),
            register_new=line.register_new,
            correction_minutes_late=line.correction_minutes_late,
            excuse=line.excuse.number if line.excuse else "",
        )


class SheetAnswer(BaseModel):
    """A day's sheet: reported + zero + excused + silent = expected; `figures` are sums over the reports.

    Of a day that has not come, all that are not excused are `not_yet`.
    """

    day: date
    as_of: datetime
    expected: int
    reported: int
    zero: int
    excused: int
    silent: int
    not_yet: int
    late: int
    contradicted: int
    questions: int
    figures: Figures
    figures_are_at_least: bool
    lines: list[LineAnswer]

    @classmethod
    def of(cls, sheet: Sheet) -> "SheetAnswer":
        """A sheet as plain values."""
        counts = {word.value: sheet.count(word) for word in DayStatus}
        return cls(
            day=sheet.day,
            as_of=sheet.as_of,
            expected=sheet.expected,
            late=len(sheet.late),
            contradicted=len(sheet.contradicted),
            questions=len(sheet.questions),
            figures=sheet.figures,
            figures_are_at_least=sheet.silent > 0,
            lines=[LineAnswer.of(line) for line in sheet.lines],
            **counts,
        )


class RegisterAnswer(BaseModel):
    """What a report for a day would say of the unit's register, if it were signed now.

    `since` is the last number that is covered already, of the register of `since_year`; `numbers` are the matters that the
    report would cover. `carried_by` are the days of reports that already carry matters of the day.
    """

    count: int
    last: int
    since: int
    since_year: int
    numbers: tuple[str, ...]
    collective: int
    due_today: int
    overdue: int
    carried_by: tuple[date, ...]
    denied_by_zero: tuple[str, ...]

    @classmethod
    def of(cls, register: RegisterState, waiting: Waiting) -> "RegisterAnswer":
        """A register's state as plain values."""
        return cls(
            count=register.count,
            last=register.last,
            since=register.since.number,
            since_year=register.since.year,
            numbers=register.numbers,
            collective=register.collective,
            due_today=waiting.due_today,
            overdue=waiting.overdue,
            carried_by=register.carried_by,
            denied_by_zero=register.denied_by_zero,
        )
