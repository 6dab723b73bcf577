"""What every fact has in common."""

from collections.abc import Mapping
from hashlib import sha1
from typing import Any, ClassVar
from uuid import UUID

from eventsourcing.domain import Aggregate, AggregateCreated, AggregateEvent

from shared.work.common.authority import Evidence, Speaker, Statement

UnitId = UUID
"""An office's opaque id, never reused; code, name and parent are dated attributes."""


class Fact(AggregateEvent):
    """Something that happened, in the past tense; written once, never changed.

    `unit` is the office that acted. `TOPIC` is the stored name and outlives the class; `SAYS` is what it is
    called on a time line, empty for facts that stand on none;
    `KEYS_FOR` names the fields with offices that may have the keys of what the fact is about (`KEYS_OF`: the path of its
    id in the data, empty for the stream itself), while an office that only sees the fact go by gets none;
    `SAID_BY` is the node that may record it, `SEALED_UNDER` the field with the id under whose keys its texts are sealed
    besides the stream's own and that of the case, `COPIES` fields that may hold the text of a field of another name;
    `class_version` grows when the shape changes, with an upcast for each step.
    """

    TOPIC: ClassVar[str]
    SAYS: ClassVar[str] = ""
    KEYS_FOR: ClassVar[tuple[str, ...]] = ()
    KEYS_OF: ClassVar[str] = ""
    SAID_BY: ClassVar[Speaker] = Speaker.KEEPER
    SEALED_UNDER: ClassVar[str] = ""
    COPIES: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    class_version: ClassVar[int] = 1

    unit: UnitId

    def addressees(self) -> tuple[UnitId, ...]:
        """Offices this fact is sent to besides the tier above."""
        return ()

    def concerns(self) -> UUID | None:
        """The case this fact belongs to, if it belongs to one."""
        return None

    @classmethod
    def require_theirs(cls, said: Statement, known: Evidence) -> None:
        """Whether it was for whoever recorded it to say, besides keeping the unit and the stream.

        Errors: NotTheirs; Waits when what decides it has not come.
        """


class FirstFact(AggregateCreated, Fact):
    """The fact that begins a stream."""

    @classmethod
    def stream_of(cls, said: Statement) -> UUID | None:
        """The stream that such a fact begins, made of its cause, so that nobody begins another's; none where the
        county alone may record it.
        """
        return None


class Stream(Aggregate):
    """A consistency boundary with one writer: the node of the unit it belongs to.

    `STREAM` is the stored name of the kind of stream.
    """

    STREAM: ClassVar[str]
    STAYS: ClassVar[bool] = False
    """Whether a record stays with the node that wrote it when its office moves to another one."""

    handed_over: UUID | None = None
    """The fact by which this node was handed the record, until it takes it over."""

    def __init__(self) -> None:
        self.unit: UnitId

    def record(self, fact: type[Fact], **attributes: Any) -> None:
        """Record `fact` for this stream's own unit; `at` is when."""
        at = attributes.pop("at")
        self.trigger_event(fact, unit=self.unit, timestamp=at, **attributes)


NAMES = UUID("6ff8cb4b-44be-5c0f-9d3a-3f2b1b8d0a11")
"""Namespace of every derived id, so that the same cause gives the same id everywhere."""


_VERSION_5 = 5 << 76 | 0x8000 << 48
_OTHER_BITS = (1 << 128) - 1 - (0xF000 << 64 | 0xC000 << 48)
"""Of an id's 128 bits, those that say version and variant (RFC 9562, section 5.5), and all others."""


def named_id(namespace: UUID, name: str) -> UUID:
    """The same id as `uuid.uuid5`, in two thirds of its time: an order makes several."""
    digest = sha1(namespace.bytes + name.encode(), usedforsecurity=False).digest()
    return UUID(int=int.from_bytes(digest[:16], "big") & _OTHER_BITS | _VERSION_5)


def derived_id(*parts: object) -> UUID:
    """A stable id made of its cause: the same parts give the same id on every node."""
    return named_id(NAMES, "|".join(str(part) for part in parts))
