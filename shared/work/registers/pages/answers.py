"""What the JSON doors of a register answer."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, create_model

from shared.work.registers.declaration import Register, is_sealed, kind_of
from shared.work.registers.records import RecordRow


class FigureAnswer(BaseModel):
    """One figure; `count` is none while nothing is known, `list` the address of the records that make it."""

    counter: str
    count: int | None
    at_least: bool
    list: str


class OfficeFigures(BaseModel):
    """The figures of one office, or with `below` of it and every office under it.

    Of the `offices` that are open, `silent` have not been heard of since the span began; all others are known up to
    `heard_at`, none when there are none.
    """

    unit: UUID
    below: bool
    offices: int
    silent: int
    heard_at: datetime | None
    figures: list[FigureAnswer]


class FiguresAnswer(BaseModel):
    """The figures of a register for a span of days, as they were known at a moment."""

    first: date
    last: date
    as_of: datetime
    lines: list[OfficeFigures]


def record_answer(register: Register) -> type[BaseModel]:
    """What is answered of a record; texts stay sealed."""
    fields = {name: register.field(name) for name in register.field_names}
    made: dict[str, Any] = {
        name: (kind_of(info) | None, None) for name, info in fields.items() if not is_sealed(info)
    }
    return create_model(
        f"{register.stem}Answer",
        __doc__=f"One entry of the register; its state is one of {', '.join(register.states)}.",
        record=(UUID, ...),
        unit=(UUID, ...),
        state=(str, ...),
        version=(int, ...),
        **made,
    )


def plain(row: RecordRow) -> dict[str, Any]:
    """A record as `record_answer` has it."""
    known = {"record": row.record, "unit": row.unit, "state": row.state, "version": row.version}
    return known | dict(row.entry)
