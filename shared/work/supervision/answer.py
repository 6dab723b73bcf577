"""What the supervised office answers to a letter, written by that office."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.work.common.authority import Evidence, Statement, require
from shared.work.common.fact import Fact, FirstFact, Stream, UnitId, derived_id
from shared.work.common.sealed import Sealed
from shared.work.common.sentences import N_
from shared.work.common.words import Answer


class Answered(Fact):
    """The supervised office says what it did; `supervisor` is the office that asked."""

    SEALED_UNDER = "supervision"

    supervision: UUID
    case: UUID
    supervisor: UnitId
    answer: Answer
    text: Sealed

    @classmethod
    def require_theirs(cls, said: Statement, known: Evidence) -> None:
        """The letter was sent to this office. Errors: NotTheirs, Waits."""
        letter_id = UUID(said.data["supervision"])
        require(said.stream == SupervisionAnswer.id_for(letter_id), "the record of another letter")
        letter = known.letter(letter_id)
        named = (str(said.unit), said.data["case"], said.data["supervisor"])
        require(
            named == (letter.data["to"], letter.data["case"], str(letter.unit)), "answers another's letter"
        )

    def concerns(self) -> UUID:
        return self.case

    def addressees(self) -> tuple[UnitId, ...]:
        return (self.supervisor,)

    def apply(self, aggregate: "SupervisionAnswer") -> None:
        aggregate.unit = self.unit
        aggregate.supervision = self.supervision
        aggregate.case = self.case
        aggregate.supervisor = self.supervisor


class FirstAnswered(FirstFact, Answered):
    """The first answer to a letter."""

    TOPIC = "supervision_answer.given"
    SAYS = N_("Supervision letter answered")

    @classmethod
    def stream_of(cls, said: Statement) -> UUID:
        return SupervisionAnswer.id_for(UUID(said.data["supervision"]))


class AnsweredAgain(Answered):
    """A later answer to the same letter; the earlier one stays."""

    TOPIC = "supervision_answer.given_again"
    SAYS = N_("Supervision letter answered again")


class SupervisionAnswer(Stream):
    """The answers of one office to one letter, written by that office."""

    STREAM: ClassVar[str] = "supervision_answer"

    def __init__(self) -> None:
        super().__init__()
        self.supervision: UUID
        self.case: UUID
        self.supervisor: UnitId

    @staticmethod
    def id_for(supervision: UUID) -> UUID:
        """One stream of answers a letter."""
        return derived_id("supervision_answer", supervision)

    @classmethod
    def give(
        cls,
        *,
        unit: UnitId,
        supervision: UUID,
        case: UUID,
        supervisor: UnitId,
        answer: Answer,
        text: Sealed,
        at: datetime,
    ) -> "SupervisionAnswer":
        """Answer a letter for the first time."""
        return cls._create(
            FirstAnswered,
            id=cls.id_for(supervision),
            unit=unit,
            supervision=supervision,
            case=case,
            supervisor=supervisor,
            answer=answer,
            text=text,
            timestamp=at,
        )

    def give_again(self, *, answer: Answer, text: Sealed, at: datetime) -> None:
        """Answer again, after the demand was repeated or the work went on."""
        self.record(
            AnsweredAgain,
            supervision=self.supervision,
            case=self.case,
            supervisor=self.supervisor,
            answer=answer,
            text=text,
            at=at,
        )
