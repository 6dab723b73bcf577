"""Orders about daily reports, zero reports and excused days."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.accounts.rights import Right
from shared.database.batched_question import BatchedQuestion
from shared.orders.declaration import ABOVE_VILLAGES, Declared, Step
from shared.orders.input import Carried, Day, Shown
from shared.orders.order import Order, OrderContext, Setting
from shared.work.common.calendar import day_of
from shared.work.common.quota import VersionsReached
from shared.work.common.refusals import Kind, NotFound, Refusal, UnknownUnit
from shared.work.common.sentences import N_
from shared.work.common.unit_info import UnitInfo
from shared.work.common.words import CheckedSource, CorrectionReason, ExcuseReason, ReportKind
from shared.work.quotas.spending import day_use
from shared.work.reports.excuses import (
    AlreadyExcused,
    DayIsReported,
    Excuse,
    NoDutyThatDay,
    NotExcused,
    NotExcusedSoFar,
)
from shared.work.reports.questions.excuses import excuse_of, next_excuse_no
from shared.work.reports.questions.registers import register_question
from shared.work.reports.questions.reports import latest_report
from shared.work.reports.questions.waiting import waiting_question
from shared.work.reports.register import RegisterState, Waiting
from shared.work.reports.reporting_day import (
    AlreadyReported,
    Life,
    NotInItsLife,
    NotReportedYet,
    NotThisDay,
    ReportingDay,
    ReportsAreClosed,
)
from shared.work.reports.statement import (
    FiguresNotOfRegister,
    NothingChecked,
    Statement,
    ZeroContradictsRegister,
    ZeroWithNumbers,
)

DISPUTES_AT_MOST = 100
"""Most disputes that an office finds, or settles, on a day.

Unit: disputes. A design default far above what a township finds in a month; more is a slip of the keyboard.
"""

Count = Annotated[int, Field(ge=0, le=1_000_000)]
Disputes = Annotated[int, Field(ge=0, le=DISPUTES_AT_MOST)]

FILE = Right("report.file", "self self self - -", N_("File a report"))
CORRECT = Right("report.correct", "self self self - -", N_("Correct a report"))
EXCUSE = Right("report.excuse", "- - child - -", N_("Excuse a unit from reporting"))

REPORT = {"day": "2026-03-26", "kind": "zero", "checked": ["phone"]}
OF_THE_REGISTER = ("new", "collective", "due_today", "overdue")
"""Figures that programs of earlier releases typed: they are taken where the register says the same."""


class SignedByAnother(Refusal):
    """A report is signed by whoever sends it."""

    code = "signed-by-another"
    sentence = (
        "A report is signed by whoever sends it, which is %(person)s here. Leave the signature out, or let the"
        " other person send it."
    )
    kind = Kind.WRONG_INPUT


class ReportInput(Order):
    """A report as entered: zero or daily, with what was checked and the disputes; the register says the rest."""

    unit: UUID
    day: Day
    kind: ReportKind
    checked: list[CheckedSource]
    signed_by: Annotated[str, StringConstraints(min_length=1, max_length=80)] | None = None
    new: Count = 0
    collective: Count = 0
    due_today: Count = 0
    overdue: Count = 0
    disputes_found: Disputes = 0
    disputes_settled: Disputes = 0

    def about(self, context: OrderContext, setting: Setting) -> UUID:
        return self.unit

    def questions(self, at: datetime) -> tuple[BatchedQuestion, ...]:
        register = register_question(self.unit, self.day, day_of(at))
        waits = waiting_question(self.unit, self.day)
        return (register,) if self.kind is ReportKind.ZERO else (register, waits)

    def said(self, setting: Setting) -> Statement:
        """What the person who gives the order says. Errors: SignedByAnother."""
        person = setting.actor.name
        if self.signed_by not in (None, person):
            raise SignedByAnother(person=person)
        typed = self.model_fields_set & set(OF_THE_REGISTER)
        return Statement(
            kind=self.kind,
            checked=tuple(check for check in CheckedSource if check in self.checked),
            signed_by=person,
            disputes_found=self.disputes_found,
            disputes_settled=self.disputes_settled,
            typed={name: getattr(self, name) for name in OF_THE_REGISTER if name in typed},
        )

    def registered(self, context: OrderContext) -> dict[str, Any]:
        """What the register says for the report."""
        asked = register_question(self.unit, self.day, self.today(context))
        state: RegisterState = context.answer(asked)
        if self.kind is ReportKind.ZERO:
            return {"register": state, "waiting": Waiting()}
        return {"register": state, "waiting": context.answer(waiting_question(self.unit, self.day))}


class FileReport(ReportInput):
    """Send the day's first report."""

    DECLARED = Declared(
        "file-report",
        (FILE,),
        sample=REPORT,
        refusals=(
            AlreadyReported,
            NotThisDay,
            NotInItsLife,
            NothingChecked,
            ZeroWithNumbers,
            ZeroContradictsRegister,
            FiguresNotOfRegister,
            SignedByAnother,
        ),
    )

    def expected_new(self) -> tuple[UUID, ...]:
        return (ReportingDay.id_for(self.unit, self.day),)

    def decide(self, context: OrderContext, setting: Setting) -> None:
        life = life_of(_known(setting, self.unit))
        if context.exists(ReportingDay.id_for(self.unit, self.day)):
            raise AlreadyReported(day=self.day.isoformat())
        report = ReportingDay.file(
            unit=self.unit,
            day=self.day,
            said=self.said(setting),
            life=life,
            today=self.today(context),
            at=context.at,
            **self.registered(context),
        )
        context.add(report)


class CorrectReport(ReportInput):
    """Send a new version of a day's report."""

    DECLARED = Declared(
        "correct-report",
        (CORRECT,),
        sample=REPORT | {"reason": "checks_mistaken"},
        refusals=(
            NotReportedYet,
            ReportsAreClosed,
            VersionsReached,
            NothingChecked,
            ZeroWithNumbers,
            ZeroContradictsRegister,
            FiguresNotOfRegister,
            SignedByAnother,
        ),
    )

    reason: CorrectionReason
    version: int | None = None

    def streams(self) -> tuple[UUID, ...]:
        return (ReportingDay.id_for(self.unit, self.day),)

    def decide(self, context: OrderContext, setting: Setting) -> None:
        try:
            report = context.load(ReportingDay, ReportingDay.id_for(self.unit, self.day), self.version)
        except NotFound:
            raise NotReportedYet(day=self.day.isoformat()) from None
        if report.versions >= setting.quotas.versions_of_a_report:
            day_use(context, self.unit).require_version(
                setting.quotas, setting.actor.account, report.versions
            )
        report.correct(
            said=self.said(setting),
            reason=self.reason,
            closing=setting.closing,
            today=self.today(context),
            at=context.at,
            **self.registered(context),
        )


class ExcuseUnit(Order):
    """Excuse a unit below from reporting for a day."""

    DECLARED = Declared(
        "excuse-unit",
        (EXCUSE,),
        tiers=ABOVE_VILLAGES,
        step=Step("", "excuse", N_("Excuse a unit from reporting"), N_("Excuse")),
        sample={"day": "2026-03-26", "reason": "merging"},
        refusals=(NoDutyThatDay, NotExcusedSoFar, DayIsReported, AlreadyExcused),
    )

    excused: Carried
    day: Annotated[Day, Shown("hidden")]
    reason: ExcuseReason = Field(title=N_("Reason"))

    def about(self, context: OrderContext, setting: Setting) -> UUID:
        return self.excused

    def decide(self, context: OrderContext, setting: Setting) -> dict[str, Any]:
        excused = _known(setting, self.excused)
        if excused.parent is None:
            raise UnknownUnit(unit=self.excused)
        self._require_needed(context, setting)
        today = self.today(context)
        running = context.ask(
            next_excuse_no, setting.actor.unit, today.year, setting.life(setting.actor.unit)
        )
        excuse = Excuse.grant(
            unit=setting.actor.unit,
            excused=self.excused,
            day=self.day,
            reason=self.reason,
            running=running,
            life=life_of(excused),
            today=today,
            at=context.at,
        )
        context.add(excuse)
        return {"excuse": str(excuse.id), "number": excuse.number}

    def _require_needed(self, context: OrderContext, setting: Setting) -> None:
        """Whether the day is still open. Errors: DayIsReported, AlreadyExcused."""
        if context.ask(latest_report, self.excused, self.day, as_of=context.at):
            raise DayIsReported(day=self.day.isoformat())
        given = context.ask(excuse_of, self.excused, self.day, setting.actor.unit, as_of=context.at)
        if given:
            raise AlreadyExcused(number=given.number)


class RevokeExcuse(Order):
    """Take an excuse back; the unit owes its report again."""

    DECLARED = Declared(
        "revoke-excuse",
        (EXCUSE,),
        tiers=ABOVE_VILLAGES,
        step=Step(
            "",
            "revoke-excuse",
            N_("Revoke the excuse"),
            N_("Revoke"),
            says=N_("The office owes its report for the day again. The excuse stays on record as revoked."),
        ),
        sample={"day": "2026-03-26"},
        refusals=(NotExcused,),
    )

    excused: Carried
    day: Annotated[Day, Shown("hidden")]

    def about(self, context: OrderContext, setting: Setting) -> UUID:
        return self.excused

    def decide(self, context: OrderContext, setting: Setting) -> None:
        given = context.ask(excuse_of, self.excused, self.day, setting.actor.unit, as_of=context.at)
        if given is None:
            raise NotExcused(day=self.day.isoformat())
        context.load(Excuse, given.excuse).revoke(at=context.at)


def life_of(unit: UnitInfo) -> Life:
    """The days on which a unit existed, as the directory knows it today."""
    return Life(unit.opened_on, unit.closed_on, unit.away)


def _known(setting: Setting, unit: UUID) -> UnitInfo:
    """A unit, also one that was closed: it may still report the days of its life. Errors: UnknownUnit."""
    found = setting.directory.find(unit)
    if found is None:
        raise UnknownUnit(unit=unit)
    return found
