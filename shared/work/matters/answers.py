"""What questions about matters answer as JSON, where the projections' own shapes are not plain enough."""

from dataclasses import dataclass

from pydantic import BaseModel

from shared.work.matters.questions.matter import PublicStatus
from shared.work.matters.questions.matters import Age
from shared.work.matters.stages import MatterState


class AgeCount(BaseModel):
    """How many matters have a state and an age in days."""

    state: MatterState
    age: Age
    count: int


@dataclass(frozen=True)
class AskAnswer(PublicStatus):
    """How a matter stands, the office that has it now, and the proof that it was registered; empty until another has signed."""

    office: str
    proof: str
