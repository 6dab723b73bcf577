"""A register in one file: what a new kind of dated record costs. It exists for the tests alone."""

from enum import StrEnum

from pydantic import Field

from shared.accounts.rights import Right
from shared.orders.input import Day, Input, Line, OfficeId, Text
from shared.work.common.sentences import N_
from shared.work.registers.declaration import Counter, Ending, Paper, Register


class Topic(StrEnum):
    """What a training is about."""

    LAW = "law"
    RECEPTION = "reception"


class Training(Input):
    """A training, with a field of every kind that a register can have."""

    day: Day = Field(title=N_("Day"))
    topic: Topic = Field(title=N_("Subject"))
    place: Line = Field(title=N_("Place"))
    held_by: OfficeId | None = Field(None, title=N_("Held by"))
    seats: int = Field(ge=1, le=500, title=N_("Seats"))
    is_public: bool = Field(title=N_("Open to other offices"))
    contents: Text = Field(title=N_("Contents"))


class Held(Input):
    """What came of it."""

    present: int = Field(ge=0, le=500, title=N_("Present"))
    lessons: Text = Field(title=N_("What was learnt"))


TRAININGS = Register(
    name="specimens-of-training",
    topic="specimen_of_training",
    entry=Training,
    title=N_("Trainings"),
    one=N_("Training"),
    read=Right("specimen_of_training.read", "self self,child self,child self,child -", N_("See trainings")),
    write=Right("specimen_of_training.write", "- self self - -", N_("Keep trainings")),
    endings=(
        Ending(
            "hold-training",
            "held",
            N_("Training held"),
            N_("Save"),
            N_("Training held"),
            Held,
            {"present": 12, "lessons": "条例第二十三条"},
        ),
        Ending("cancel-training", "cancelled", N_("Cancel it"), N_("Cancel"), N_("Cancelled"), foreseen=True),
    ),
    counters=(
        Counter("planned", N_("Still planned"), {"state": "open"}),
        Counter("law", N_("About the law"), {"topic": "law"}),
        Counter("elsewhere", N_("Held by another office"), given="held_by"),
        Counter("people", N_("People present"), {"state": "held"}, total="present"),
    ),
    papers=(Paper("attendance", N_("Attendance sheet"), (N_("Trainer"), N_("Keeper of the minutes"))),),
    states={"open": N_("Planned"), "held": N_("Held"), "cancelled": N_("Cancelled")},
    words={"Topic": {"law": N_("The law"), "reception": N_("Receiving people")}},
    planned=True,
    sample={
        "day": "2026-03-26",
        "topic": "law",
        "place": "会议室",
        "seats": 30,
        "is_public": False,
        "contents": "条例讲解",
    },
)
