"""What questions answer as JSON, where the projections' own shapes are not plain enough."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.work.common.words import DayStatus
from shared.work.matters.questions.matter import PublicStatus
from shared.work.matters.questions.matter_state import MatterState
from shared.work.matters.questions.matters import Age
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


class AgeCount(BaseModel):
    """How many matters have a state and an age in days."""

    state: MatterState
    age: Age
    count: int


class Hole(BaseModel):
    """Numbers of another node's route that are missing here and do not come; `since` none: unknown."""

    source: str
    incarnation: int
    route: str
    first: int
    last: int
    since: datetime | None
    discarded: bool


class NodeState(BaseModel):
    """What a node says of itself; numbers only, nothing about any matter."""

    model_config = ConfigDict(extra="allow")

    node: str
    release: str
    incarnation: int
    facts: int
    wire: str
    awaited_keys: int
    parked: int
    discarded: int
    holes: list[Hole]


class CheckpointAnswer(BaseModel):
    """What a node signed of its log last: its name, facts in it, root (hexadecimal), and the signed note."""

    log: str
    size: int
    root: str
    made_at: datetime | None
    witnessed: dict[str, int]
    note: str


class InclusionAnswer(BaseModel):
    """The proof that a fact is in a witnessed log, as one text (c2sp.org/tlog-proof@v1)."""

    fact: UUID
    proof: str


class ConsistencyAnswer(BaseModel):
    """The hashes (base64, RFC 6962) that prove that the log of the second size begins with the first."""

    log: str
    first: int
    second: int
    proof: list[str]


@dataclass(frozen=True)
class AskAnswer(PublicStatus):
    """How a matter stands, and the proof that it was registered; empty until another office has signed."""

    proof: str
