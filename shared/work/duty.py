"""Hand-over notes of the day's duty: who is on duty, which leader, what is handed over, and who took it over.

Offices keep a duty roster on rest days and in special periods; what happened on a duty is handed over in writing
(domain reference, sections 4 and 7).
"""

from enum import StrEnum

from pydantic import Field

from shared.accounts.rights import Right
from shared.orders.input import Day, Input, Line, Text
from shared.work.common.sentences import N_
from shared.work.registers.declaration import Counter, Ending, Paper, Register


class Shift(StrEnum):
    """Which part of the day a duty covers."""

    DAY = "day"
    NIGHT = "night"
    WHOLE_DAY = "whole_day"


class DutyNote(Input):
    """What one duty hands over to the next."""

    day: Day = Field(title=N_("Day of the duty"))
    shift: Shift = Field(title=N_("Shift"))
    on_duty: Line = Field(title=N_("On duty"))
    leader: Line = Field(title=N_("Leader in charge"))
    handed_over: Text = Field(
        title=N_("What is handed over"),
        description=N_("What came in, what was done, and what the next duty has to see to."),
    )


class TakenOver(Input):
    """Who took the duty over."""

    taken_over_by: Line = Field(title=N_("Taken over by"))


_READ = Right(
    "duty_note.read", "self self,child self,child self,child -", N_("Read hand-over notes of the duty")
)
_WRITE = Right("duty_note.write", "self self self - -", N_("Keep hand-over notes of the duty"))

DUTY_NOTES = Register(
    name="duty-notes",
    topic="duty_note",
    entry=DutyNote,
    title=N_("Duty hand-over"),
    one=N_("Hand-over note"),
    read=_READ,
    write=_WRITE,
    endings=(
        Ending(
            "take-over-duty",
            "taken_over",
            N_("Take the duty over"),
            N_("Take over"),
            N_("Duty taken over"),
            TakenOver,
            {"taken_over_by": "李值班"},
        ),
    ),
    counters=(
        Counter("notes", N_("Hand-over notes")),
        Counter("waiting", N_("Waits for the next duty"), {"state": "open"}),
        Counter("taken-over", N_("Taken over"), {"state": "taken_over"}),
        Counter("night", N_("Of them by night"), {"shift": "night"}),
    ),
    papers=(
        Paper("hand-over-record", N_("Record of the hand-over"), (N_("Handed over by"), N_("Taken over by"))),
    ),
    states={"open": N_("Waits for the next duty"), "taken_over": N_("Taken over")},
    words={
        "Shift": {"day": N_("By day"), "night": N_("By night"), "whole_day": N_("The whole day")},
    },
    sample={
        "day": "2026-03-26",
        "shift": "night",
        "on_duty": "张值班",
        "leader": "王带班",
        "handed_over": "晚九时接电话一件，已登记；路灯修复待回访。",
    },
)
