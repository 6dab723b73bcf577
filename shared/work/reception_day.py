"""Leaders' reception days: who receives people, when, where and how; published before, and recorded afterwards.

Leaders of an office receive people on days that are to be made known two days before, with name, post, portfolio, time,
place and form; a leader who is prevented is replaced (domain reference, section 7.3). When a day was entered stands on its time
line; nothing refuses one that was entered late.
"""

from enum import StrEnum

from pydantic import Field

from shared.accounts.rights import Right
from shared.orders.input import Day, Input, Line, MaybeLine, Text
from shared.work.common.sentences import N_
from shared.work.registers.declaration import Counter, Ending, Paper, Register


class ReceptionForm(StrEnum):
    """How a leader meets people."""

    FIXED = "fixed"
    APPOINTMENT = "appointment"
    OUTREACH = "outreach"


class ReceptionDay(Input):
    """One day on which a leader receives people, as it is made known."""

    day: Day = Field(title=N_("Reception day"))
    hours: Line = Field(title=N_("Hours"))
    place: Line = Field(title=N_("Place"))
    form: ReceptionForm = Field(title=N_("Form of reception"))
    leader: Line = Field(title=N_("Leader who receives"))
    post: Line = Field(title=N_("Post"))
    portfolio: Line = Field(title=N_("Portfolio"))


class Received(Input):
    """What came of it. What people brought is registered as matters; here stand the counts and the instructions."""

    received_by: MaybeLine = Field(
        "",
        title=N_("Received in the leader's place by"),
        description=N_("Only when the leader was prevented."),
    )
    batches: int = Field(ge=0, le=10_000, title=N_("Batches received"))
    persons: int = Field(ge=0, le=100_000, title=N_("Persons received"))
    instructions: Text = Field(title=N_("Leader's instructions"))


class NotHeld(Input):
    """Why it was not held."""

    why: Line = Field(title=N_("Why it is not held"))


RECEPTION_DAYS = Register(
    name="reception-days",
    topic="reception_day",
    entry=ReceptionDay,
    title=N_("Leaders' reception days"),
    one=N_("Leaders' reception day"),
    read=Right(
        "reception_day.read", "self self,child self,child self,child -", N_("See leaders' reception days")
    ),
    write=Right("reception_day.write", "- self self - -", N_("Keep leaders' reception days")),
    endings=(
        Ending(
            "hold-reception-day",
            "held",
            N_("Record the reception"),
            N_("Save the record"),
            N_("Reception held"),
            Received,
            {"batches": 6, "persons": 14, "instructions": "当场答复四批；两批转有权处理机关，限期反馈。"},
        ),
        Ending(
            "cancel-reception-day",
            "cancelled",
            N_("Cancel the reception day"),
            N_("Cancel the day"),
            N_("Reception day cancelled"),
            NotHeld,
            {"why": "防汛值守"},
            foreseen=True,
        ),
    ),
    counters=(
        Counter("planned", N_("Still to be held"), {"state": "open"}),
        Counter("held", N_("Held"), {"state": "held"}),
        Counter("cancelled", N_("Cancelled"), {"state": "cancelled"}),
        Counter("batches", N_("Batches received"), total="batches"),
        Counter("persons", N_("Persons received"), total="persons"),
    ),
    papers=(
        Paper(
            "notice",
            N_("Notice of the leader's reception day"),
            fields=("day", "hours", "place", "form", "leader", "post", "portfolio"),
            states=("open",),
        ),
        Paper(
            "reception-record",
            N_("Record of the leader's reception"),
            (N_("Leader who receives"), N_("Keeper of the record")),
            states=("held",),
        ),
    ),
    states={"open": N_("To be held"), "held": N_("Held"), "cancelled": N_("Cancelled")},
    words={
        "ReceptionForm": {
            "fixed": N_("At the reception office"),
            "appointment": N_("By appointment"),
            "outreach": N_("Down-visit"),
        }
    },
    planned=True,
    sample={
        "day": "2026-03-26",
        "hours": "8:30-11:30",
        "place": "镇群众来访接待室",
        "form": "fixed",
        "leader": "王带班",
        "post": "镇长",
        "portfolio": "全面工作",
    },
)
