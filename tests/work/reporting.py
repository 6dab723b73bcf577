"""Registers, statements and reports that the rules of reporting are told with."""

from datetime import date
from typing import Any

from shared.work.common.closing import Closing
from shared.work.common.register_place import RegisterPlace
from shared.work.common.words import CheckedSource, CorrectionReason, ReportKind
from shared.work.reports.register import RegisterState, Waiting
from shared.work.reports.reporting_day import Life, ReportingDay
from shared.work.reports.statement import Statement
from tests.work.scene import DAY, VILLAGE_1, at

LIFE = Life(date(2020, 1, 1))


def register(since: int = 0, *numbers: str, year: int = DAY.year, **more: Any) -> RegisterState:
    """A year's register whose reports have covered so many matters, and what has come since then."""
    last = since + len(numbers)
    places = {"since": RegisterPlace(year, since), "until": RegisterPlace(year, last)}
    return RegisterState(count=last, last=last, numbers=numbers, **places, **more)


CALM = register(7)
BUSY = register(7, "100201-2026-00008-1", "100201-2026-00009-9")


def statement(kind: ReportKind = ReportKind.ZERO, **changed: Any) -> Statement:
    """What a clerk says with a report."""
    checked = (CheckedSource.PHONE, CheckedSource.MAILBOX)
    return Statement(**{"kind": kind, "checked": checked, "signed_by": "Clerk of the village"} | changed)


def file(said: Statement | None = None, state: RegisterState = CALM, **changed: Any) -> ReportingDay:
    """A day's first report."""
    words: dict[str, Any] = {"unit": VILLAGE_1, "day": DAY, "waiting": Waiting(), "life": LIFE}
    words |= {"today": DAY, "at": at()}
    return ReportingDay.file(said=said or statement(), register=state, **words | changed)


def correct(
    report: ReportingDay, said: Statement | None = None, state: RegisterState = BUSY, **changed: Any
) -> None:
    """A new version of it."""
    words: dict[str, Any] = {"reason": CorrectionReason.MATTER_LEFT_OUT, "waiting": Waiting()}
    words |= {"closing": Closing(), "today": DAY, "at": at(0, 5)}
    report.correct(said=said or statement(ReportKind.DAILY), register=state, **words | changed)
