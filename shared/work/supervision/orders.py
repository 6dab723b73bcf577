"""Orders about supervision letters."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from pydantic import Field

from shared.accounts.rights import Right
from shared.orders.declaration import AT_THE_COUNTY, Declared, Step
from shared.orders.input import Day, LateBecause, OfficeId, Text
from shared.orders.order import Order, OrderContext, Setting, sealed_if_given
from shared.work.common.days_ahead import FurtherThanAYear
from shared.work.common.refusals import NotFound
from shared.work.common.sentences import N_
from shared.work.common.unit_info import UnitInfo
from shared.work.common.words import Answer, Trigger
from shared.work.matters.case import CaseIsClosed
from shared.work.matters.questions.matter import matter
from shared.work.matters.stages import ENDINGS
from shared.work.supervision import questions as supervisions
from shared.work.supervision.answer import SupervisionAnswer
from shared.work.supervision.letter import (
    AnswerByInThePast,
    LetterIsOpen,
    LetterNotOpen,
    OfficeWithoutTheMatter,
    Supervision,
)

ISSUE = Right("supervision.issue", "- - child child -", N_("Issue a supervision letter"))
ANSWER = Right("supervision.answer", "self self self - -", N_("Answer a supervision letter"))
LIFT = Right("supervision.lift", "- - child child -", N_("Lift a supervision"))


class IssueSupervision(Order):
    """Ask an office for a duty about a matter."""

    DECLARED = Declared(
        "issue-letter",
        (ISSUE,),
        tiers=AT_THE_COUNTY,
        step=Step("case", "letter", N_("Supervision letter"), N_("Send the letter")),
        sample={"trigger": "other", "demand": "请说明进展", "answer_by": "2026-03-30"},
        known_as="IssueLetter",
        refusals=(
            *(AnswerByInThePast, FurtherThanAYear),
            *(CaseIsClosed, LetterIsOpen, OfficeWithoutTheMatter),
        ),
    )

    LATER = frozenset({"late_because"})

    case: UUID
    to: OfficeId = Field(title=N_("To which office"))
    trigger: Trigger = Field(title=N_("Reason"))
    demand: Text = Field(title=N_("What is demanded"))
    answer_by: Day = Field(title=N_("Answer by"))
    late_because: LateBecause = None

    def about(self, context: OrderContext, setting: Setting) -> UUID:
        return self.to

    def decide(self, context: OrderContext, setting: Setting) -> dict[str, Any]:
        to, own = setting.open_unit(self.to), setting.open_unit(setting.actor.unit)
        self._require_reason(context, to, setting.directory.answers_for)
        year = self.today(context).year
        running = context.ask(supervisions.next_running, own.unit, year, setting.life(own.unit))
        letter_id = Supervision.id_for(own.unit, year, running)
        seals = context.seals(letter_id, 0, letter_id, making=True)
        letter = Supervision.issue(
            unit=own.unit,
            mark=own.mark,
            year=year,
            running=running,
            to=to.unit,
            case=self.case,
            trigger=self.trigger,
            demand=seals.text("demand", self.demand),
            answer_by=self.answer_by,
            late_because=sealed_if_given(seals, "late_because", self.late_because),
            today=self.today(context),
            at=context.at,
        )
        context.add(letter)
        return {"supervision": str(letter_id), "number": letter.number}

    def _require_reason(
        self, context: OrderContext, to: UnitInfo, answers_for: Callable[[UUID], frozenset[UUID]]
    ) -> None:
        """An open matter, an office that has or had it, and nothing of the kind that is asked for already."""
        found = context.ask(matter, self.case, as_of=context.at)
        if found is None:
            raise NotFound(what="Case")
        line = found.line
        if line.state in ENDINGS:
            raise CaseIsClosed(number=line.number, ending=line.state.value)
        had = {line.owner, line.handler, line.awaits, *(hand.unit for hand in found.hands)}
        if not had & answers_for(to.unit):
            raise OfficeWithoutTheMatter(name=to.name, number=line.number, field="to")
        if same := context.ask(supervisions.open_letter, self.case, to.unit, self.trigger.value):
            raise LetterIsOpen(number=same)


class SupervisionOrder(Order):
    """An order about a letter that this office issued."""

    supervision: UUID
    version: int | None = None

    def about(self, context: OrderContext, setting: Setting) -> UUID:
        return context.load(Supervision, self.supervision).to

    def load(self, context: OrderContext) -> Supervision:
        """The letter, if the version is the present one. Errors: NotFound, StaleVersion."""
        return context.load(Supervision, self.supervision, self.version)


class RepeatSupervision(SupervisionOrder):
    """Repeat the demand with a new day."""

    DECLARED = Declared(
        "repeat-letter",
        (ISSUE,),
        tiers=AT_THE_COUNTY,
        step=Step("supervision", "repeat", N_("Ask again"), N_("Send the demand again")),
        sample={"answer_by": "2026-03-30"},
        known_as="RepeatLetter",
        refusals=(LetterNotOpen, AnswerByInThePast, FurtherThanAYear),
    )

    LATER = frozenset({"late_because"})

    answer_by: Day = Field(title=N_("Answer by"))
    late_because: LateBecause = None

    def decide(self, context: OrderContext, setting: Setting) -> None:
        letter = self.load(context)
        seals = context.seals(letter.id, letter.version, letter.id)
        because = sealed_if_given(seals, "late_because", self.late_because)
        today = self.today(context)
        letter.repeat(answer_by=self.answer_by, late_because=because, today=today, at=context.at)


class LiftSupervision(SupervisionOrder):
    """End the supervision."""

    DECLARED = Declared(
        "lift-letter",
        (LIFT,),
        tiers=AT_THE_COUNTY,
        step=Step("supervision", "lift", N_("Lift the supervision"), N_("Lift")),
        known_as="LiftLetter",
        refusals=(LetterNotOpen,),
    )

    def decide(self, context: OrderContext, setting: Setting) -> None:
        self.load(context).lift(at=context.at)


class AnswerSupervision(Order):
    """Answer a letter that was addressed to this office."""

    DECLARED = Declared(
        "answer-letter",
        (ANSWER,),
        step=Step("supervision", "answer", N_("Answer the supervision letter"), N_("Send the answer")),
        sample={"answer": "under_way", "text": "正在办"},
        known_as="AnswerLetter",
        refusals=(LetterNotOpen,),
    )

    supervision: UUID
    answer: Answer = Field(title=N_("What has been done?"))
    text: Text = Field(title=N_("Explanation"))

    def about(self, context: OrderContext, setting: Setting) -> UUID:
        return self._letter(context).to

    def decide(self, context: OrderContext, setting: Setting) -> None:
        letter = self._letter(context)
        if letter.state is supervisions.LetterState.LIFTED:
            raise LetterNotOpen()
        stream = SupervisionAnswer.id_for(self.supervision)
        known = context.load(SupervisionAnswer, stream) if context.exists(stream) else None
        seals = context.seals(stream, known.version if known else 0, self.supervision)
        text = seals.text("text", self.text)
        if known:
            known.give_again(answer=self.answer, text=text, at=context.at)
            return
        context.add(
            SupervisionAnswer.give(
                unit=letter.to,
                supervision=self.supervision,
                case=letter.case,
                supervisor=letter.unit,
                answer=self.answer,
                text=text,
                at=context.at,
            )
        )

    def _letter(self, context: OrderContext) -> supervisions.Letter:
        letter = context.ask(supervisions.letter, self.supervision, as_of=context.at)
        if letter is None:
            raise NotFound(what="Supervision")
        return letter
