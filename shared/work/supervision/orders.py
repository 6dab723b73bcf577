"""Orders about supervision letters."""

from typing import Any
from uuid import UUID

from shared.orders.input import Day, Text
from shared.orders.order import Desk, Order, Setting
from shared.work.common.refusals import NotFound
from shared.work.common.words import Answer, Trigger
from shared.work.supervision import questions as supervisions
from shared.work.supervision.letter import Supervision, SupervisionAnswer


class IssueLetter(Order):
    """Ask an office for a duty about a matter."""

    case: UUID
    to: UUID
    trigger: Trigger
    demand: Text
    answer_by: Day

    def action(self) -> str:
        return "supervision.issue"

    def about(self, desk: Desk, setting: Setting) -> UUID:
        return self.to

    def decide(self, desk: Desk, setting: Setting) -> dict[str, Any]:
        to = setting.open_unit(self.to)
        running = desk.ask(supervisions.next_running, self.case)
        letter_id = Supervision.id_for(self.case, running)
        demand = desk.seals(letter_id, 0, letter_id, making=True).text("demand", self.demand)
        letter = Supervision.issue(
            unit=setting.actor.unit,
            to=to.unit,
            case=self.case,
            running=running,
            number=f"{to.mark}-{self.today(desk):%Y%m%d}-{running}",
            trigger=self.trigger,
            demand=demand,
            answer_by=self.answer_by,
            today=self.today(desk),
            at=desk.at,
        )
        desk.add(letter)
        return {"supervision": str(letter_id)}


class LetterOrder(Order):
    """An order about a letter that this office issued."""

    supervision: UUID
    version: int | None = None

    def about(self, desk: Desk, setting: Setting) -> UUID:
        return desk.load(Supervision, self.supervision).to

    def load(self, desk: Desk) -> Supervision:
        """The letter, if the version is the present one. Errors: NotFound, StaleVersion."""
        return desk.load(Supervision, self.supervision, self.version)


class RepeatLetter(LetterOrder):
    """Repeat the demand with a new day."""

    answer_by: Day

    def action(self) -> str:
        return "supervision.issue"

    def decide(self, desk: Desk, setting: Setting) -> None:
        self.load(desk).repeat(answer_by=self.answer_by, today=self.today(desk), at=desk.at)


class LiftLetter(LetterOrder):
    """End the supervision."""

    def action(self) -> str:
        return "supervision.lift"

    def decide(self, desk: Desk, setting: Setting) -> None:
        self.load(desk).lift(at=desk.at)


class AnswerLetter(Order):
    """Answer a letter that was addressed to this office."""

    supervision: UUID
    answer: Answer
    text: Text

    def action(self) -> str:
        return "supervision.answer"

    def about(self, desk: Desk, setting: Setting) -> UUID:
        return self._letter(desk).to

    def decide(self, desk: Desk, setting: Setting) -> None:
        letter = self._letter(desk)
        stream = SupervisionAnswer.id_for(self.supervision)
        known = desk.load(SupervisionAnswer, stream) if desk.exists(stream) else None
        seals = desk.seals(stream, known.version if known else 0, self.supervision)
        text = seals.text("text", self.text)
        if known:
            known.give_again(answer=self.answer, text=text, at=desk.at)
            return
        desk.add(
            SupervisionAnswer.give(
                unit=letter.to,
                supervision=self.supervision,
                case=letter.case,
                supervisor=letter.unit,
                answer=self.answer,
                text=text,
                at=desk.at,
            )
        )

    def _letter(self, desk: Desk) -> supervisions.Letter:
        letter = desk.ask(supervisions.letter, self.supervision, as_of=desk.at)
        if letter is None:
            raise NotFound(what="Supervision")
        return letter
