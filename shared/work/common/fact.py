"""What every fact has in common."""

from typing import Any, ClassVar
from uuid import UUID, uuid5

from eventsourcing.domain import Aggregate, AggregateCreated, AggregateEvent

UnitId = UUID
"""An office's opaque id, never reused; code, name and parent are dated attributes."""


class Fact(AggregateEvent):
    """Something that happened, in the past tense; written once, never changed.

    `unit` is the office that acted. `TOPIC` is the stored name and outlives the class; `SAYS` is what it is
    called on a time line, empty for facts that stand on none;
    `KEYS_FOR` names the fields with offices that may have the keys of what the fact is about (`KEYS_OF`: the path of its
    id in the data, empty for the stream itself), while an office that only sees the fact go by gets none;
    `class_version` grows when the shape changes, with an upcast for each step.
    """

    TOPIC: ClassVar[str]
    SAYS: ClassVar[str] = ""
    KEYS_FOR: ClassVar[tuple[str, ...]] = ()
    KEYS_OF: ClassVar[str] = ""
    class_version: ClassVar[int] = 1

    unit: UnitId

    def addressees(self) -> tuple[UnitId, ...]:
        """Offices this fact is sent to besides the tier above."""
        return ()

    def concerns(self) -> UUID | None:
        """The case this fact belongs to, if it belongs to one."""
        return None


class FirstFact(AggregateCreated, Fact):
    """The fact that begins a stream."""


class Stream(Aggregate):
    """A consistency boundary with one writer: the node of the unit it belongs to.

    `STREAM` is the stored name of the kind of stream.
    """

    STREAM: ClassVar[str]

    def __init__(self) -> None:
        self.unit: UnitId

    def record(self, fact: type[Fact], **attributes: Any) -> None:
        """Record `fact` for this stream's own unit; `at` is when."""
        at = attributes.pop("at")
        self.trigger_event(fact, unit=self.unit, timestamp=at, **attributes)


NAMES = UUID("6ff8cb4b-44be-5c0f-9d3a-3f2b1b8d0a11")
"""Namespace of every derived id, so that the same cause gives the same id everywhere."""


def derived_id(*parts: object) -> UUID:
    """A stable id made of its cause: the same parts give the same id on every node."""
    return uuid5(NAMES, "|".join(str(part) for part in parts))
