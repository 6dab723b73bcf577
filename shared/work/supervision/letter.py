"""Supervision: the county asks for a duty, the office answers, the county lifts it or asks again."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from shared.work.common.authority import Speaker
from shared.work.common.days_ahead import require_within_a_year
from shared.work.common.fact import Fact, FirstFact, Stream, UnitId, derived_id
from shared.work.common.refusals import Kind, Refusal
from shared.work.common.sealed import Sealed
from shared.work.common.sentences import N_
from shared.work.common.words import Trigger


class LetterNotOpen(Refusal):
    """The supervision has been lifted."""

    code = "letter-not-open"
    sentence = "This supervision letter has been lifted. Nothing more is asked."


class AnswerByInThePast(Refusal):
    """The answer is asked for before today."""

    code = "answer-by-in-the-past"
    sentence = "The answer day %(day)s has already passed. Choose a later day."
    kind = Kind.WRONG_INPUT


class LetterIsOpen(Refusal):
    """The same is demanded already."""

    code = "letter-is-open"
    sentence = (
        "Letter %(number)s already asks this office for the same in this matter, and has not been lifted."
        " Open that letter and ask again there, or lift it first."
    )


class OfficeWithoutTheMatter(Refusal):
    """A letter goes to an office that has nothing to do with its matter."""

    code = "office-without-the-matter"
    sentence = "%(name)s never had matter %(number)s. Choose the office that registered it or one that it was referred to."
    kind = Kind.WRONG_INPUT


class SupervisionFact(Fact):
    """A fact of a supervision; `to` is the supervised office."""

    SAID_BY = Speaker.COUNTY

    case: UUID
    to: UnitId

    def concerns(self) -> UUID:
        return self.case

    def addressees(self) -> tuple[UnitId, ...]:
        return (self.to,)


class Issued(FirstFact, SupervisionFact):
    """A supervision letter: trigger, demand, and the day by which an answer is due.

    `running` counts the letters of the office and year from 1 without gaps; a letter of version 1 was counted by its
    matter, and has none. `late_because` says why the day is more than a year away.
    """

    TOPIC = "supervision.issued"
    SAYS = N_("Supervision letter issued")
    KEYS_FOR = ("to",)
    class_version = 2

    number: str
    year: int | None
    running: int | None
    trigger: Trigger
    demand: Sealed
    answer_by: date
    late_because: Sealed | None

    @staticmethod
    def upcast_v1_v2(data: dict[str, Any]) -> None:
        """A letter that was counted by its matter."""
        data |= {"year": None, "running": None, "late_because": None}

    def apply(self, aggregate: "Supervision") -> None:
        aggregate.unit = self.unit
        aggregate.to = self.to
        aggregate.case = self.case
        aggregate.number = self.number


class Repeated(SupervisionFact):
    """The answer did not satisfy; the demand is repeated with a new day."""

    TOPIC = "supervision.repeated"
    SAYS = N_("Supervision demand repeated")
    class_version = 2

    answer_by: date
    late_because: Sealed | None

    @staticmethod
    def upcast_v1_v2(data: dict[str, Any]) -> None:
        """A day that nobody gave a reason for."""
        data["late_because"] = None

    def apply(self, aggregate: "Supervision") -> None:
        """The letter stays open."""


class Lifted(SupervisionFact):
    """The duty is done, or the answer explains why not; the supervision ends."""

    TOPIC = "supervision.lifted"
    SAYS = N_("Supervision lifted")

    def apply(self, aggregate: "Supervision") -> None:
        aggregate.open = False


class Supervision(Stream):
    """One supervision letter, written by the county."""

    STREAM: ClassVar[str] = "supervision"

    def __init__(self) -> None:
        super().__init__()
        self.to: UnitId
        self.case: UUID
        self.number: str
        self.open = True

    @staticmethod
    def id_for(unit: UnitId, year: int, running: int) -> UUID:
        """The id that makes a number of an office and year usable once: a second use is the same stream."""
        return derived_id("supervision", unit, year, running)

    @classmethod
    def issue(
        cls,
        *,
        unit: UnitId,
        mark: str,
        year: int,
        running: int,
        to: UnitId,
        case: UUID,
        trigger: Trigger,
        demand: Sealed,
        answer_by: date,
        today: date,
        at: datetime,
        late_because: Sealed | None = None,
    ) -> "Supervision":
        """Ask an office for a duty; `mark` is the register mark of the office that asks.

        Errors: AnswerByInThePast, FurtherThanAYear.
        """
        _require_ahead(answer_by, today, late_because)
        return cls._create(
            Issued,
            id=cls.id_for(unit, year, running),
            unit=unit,
            to=to,
            case=case,
            number=letter_number(mark, year, running),
            year=year,
            running=running,
            trigger=trigger,
            demand=demand,
            answer_by=answer_by,
            late_because=late_because,
            timestamp=at,
        )

    def repeat(
        self, *, answer_by: date, today: date, at: datetime, late_because: Sealed | None = None
    ) -> None:
        """Ask again. Errors: LetterNotOpen, AnswerByInThePast, FurtherThanAYear."""
        self._require_open()
        _require_ahead(answer_by, today, late_because)
        self.record(
            Repeated, case=self.case, to=self.to, answer_by=answer_by, late_because=late_because, at=at
        )

    def lift(self, *, at: datetime) -> None:
        """End the supervision. Errors: LetterNotOpen."""
        self._require_open()
        self.record(Lifted, case=self.case, to=self.to, at=at)

    def _require_open(self) -> None:
        if not self.open:
            raise LetterNotOpen()


def letter_number(mark: str, year: int, running: int) -> str:
    """The number of a letter: the mark of the office that asks, year, and its running number."""
    return f"{mark}-{year}-L{running:04d}"


def _require_ahead(answer_by: date, today: date, late_because: Sealed | None) -> None:
    if answer_by < today:
        raise AnswerByInThePast(day=answer_by.isoformat(), field="answer_by")
    require_within_a_year(answer_by, today, unless=late_because, field="answer_by")
