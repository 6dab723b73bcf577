"""What questions about reporting days answer as JSON."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from shared.work.common.words import DayStatus
from shared.work.reports.questions.sheets import Sheet, SheetLine
from shared.work.reports.reporting_day import Figures


class LineAnswer(BaseModel):
    """One unit's day on a sheet; `minutes_late` is 0 on time and none without a report."""

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
        )


class SheetAnswer(BaseModel):
    """A day's sheet: reported + zero + excused + silent = expected; `figures` are sums over the reports."""

    day: date
    as_of: datetime
    expected: int
    reported: int
    zero: int
    excused: int
    silent: int
    late: int
    contradicted: int
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
            figures=sheet.figures,
            figures_are_at_least=sheet.silent > 0,
            lines=[LineAnswer.of(line) for line in sheet.lines],
            **counts,
        )
