"""Orders about daily reports, zero reports and excused days."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.accounts.rights import Right
from shared.database.batched_question import BatchedQuestion
from shared.orders.declaration import ABOVE_VILLAGES, Declared, Step
from shared.orders.input import Carried, Day, Shown
from shared.orders.order import Order, OrderContext, Setting
from shared.work.common.refusals import NotFound, UnknownUnit
from shared.work.common.sentences import N_
from shared.work.common.words import CheckedSource, ExcuseReason, ReportKind
from shared.work.reports.questions.registers import register_question
from shared.work.reports.reporting_day import AlreadyReported, Excuse, Figures, NotReportedYet, ReportingDay

Count = Annotated[int, Field(ge=0, le=1_000_000)]

FILE = Right("report.file", "self self self - -", N_("File a report"))
CORRECT = Right("report.correct", "self self self - -", N_("Correct a report"))
EXCUSE = Right("report.excuse", "- - child - -", N_("Excuse a unit from reporting"))

REPORT = {"day": "2026-03-26", "kind": "zero", "checked": ["phone"]}


class ReportInput(Order):
    """A report as entered: a daily one with figures, or a zero report with what was checked."""

    unit: UUID
    day: Day
    kind: ReportKind
    checked: list[CheckedSource]
    signed_by: Annotated[str, StringConstraints(min_length=1, max_length=80)] | None = None
    new: Count = 0
    collective: Count = 0
    due_today: Count = 0
    overdue: Count = 0
    disputes_found: Count = 0
    disputes_settled: Count = 0

    def about(self, context: OrderContext, setting: Setting) -> UUID:
        return self.unit

    def questions(self) -> tuple[BatchedQuestion, ...]:
        return (register_question(self.unit, self.day),)

    def figures(self) -> Figures:
        """The counts of a daily report."""
        return Figures(**{name: getattr(self, name) for name in Figures.__dataclass_fields__})

    def checks(self) -> tuple[CheckedSource, ...]:
        """What was checked, each once, in the order of the form."""
        return tuple(check for check in CheckedSource if check in self.checked)


class FileReport(ReportInput):
    """Send the day's first report."""

    DECLARED = Declared("file-report", (FILE,), sample=REPORT)

    def expected_new(self) -> tuple[UUID, ...]:
        return (ReportingDay.id_for(self.unit, self.day),)

    def decide(self, context: OrderContext, setting: Setting) -> None:
        setting.open_unit(self.unit)
        if context.exists(ReportingDay.id_for(self.unit, self.day)):
            raise AlreadyReported(day=self.day.isoformat())
        report = ReportingDay.file(
            unit=self.unit,
            day=self.day,
            kind=self.kind,
            figures=self.figures(),
            checked=self.checks(),
            signed_by=self.signed_by or setting.actor.name,
            register=context.answer(register_question(self.unit, self.day)),
            today=self.today(context),
            at=context.at,
        )
        context.add(report)


class CorrectReport(ReportInput):
    """Send a new version of a day's report."""

    DECLARED = Declared("correct-report", (CORRECT,), sample=REPORT)

    version: int | None = None

    def streams(self) -> tuple[UUID, ...]:
        return (ReportingDay.id_for(self.unit, self.day),)

    def decide(self, context: OrderContext, setting: Setting) -> None:
        try:
            report = context.load(ReportingDay, ReportingDay.id_for(self.unit, self.day), self.version)
        except NotFound:
            raise NotReportedYet(day=self.day.isoformat()) from None
        report.correct(
            kind=self.kind,
            figures=self.figures(),
            checked=self.checks(),
            signed_by=self.signed_by or setting.actor.name,
            register=context.answer(register_question(self.unit, self.day)),
            at=context.at,
        )


class ExcuseUnit(Order):
    """Excuse a unit below from reporting for a day."""

    DECLARED = Declared(
        "excuse-unit",
        (EXCUSE,),
        tiers=ABOVE_VILLAGES,
        step=Step("", "excuse", N_("Excuse a unit from reporting"), N_("Excuse")),
        sample={"day": "2026-03-26", "reason": "merging"},
    )

    excused: Carried
    day: Annotated[Day, Shown("hidden")]
    reason: ExcuseReason = Field(title=N_("Reason"))

    def about(self, context: OrderContext, setting: Setting) -> UUID:
        return self.excused

    def decide(self, context: OrderContext, setting: Setting) -> None:
        excused = setting.directory.find(self.excused)
        if excused is None or excused.parent is None:
            raise UnknownUnit(unit=self.excused)
        context.add(
            Excuse.grant(
                unit=setting.actor.unit, excused=self.excused, day=self.day, reason=self.reason, at=context.at
            )
        )
