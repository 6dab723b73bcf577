"""Who may say what: the rules by which a receiver judges a fact before it believes it.

A signature shows who spoke, not that he may. Each fact declares its rule beside its shape (`Fact.SAID_BY`,
`Fact.stream_of`, `Fact.require_theirs`), in the words of the work; whoever receives the fact applies it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from shared.work.common.unit_tree import Directory


class Speaker(StrEnum):
    """Which node may record a fact."""

    KEEPER = "keeper"
    """The one that keeps the unit that acts."""
    COUNTY = "county"
    """The county's alone, whose key is in the network file."""


class Kind(StrEnum):
    """What evidence is about."""

    UNIT = "unit"
    FACT = "fact"
    STREAM = "stream"


@dataclass(frozen=True)
class About:
    """A piece of evidence: the directory's facts of a unit, one fact, or the first fact of a stream.

    `by` is the unit whose node has it; none: the county's.
    """

    kind: Kind
    id: UUID
    by: UUID | None = None

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}" + (f":{self.by}" if self.by else "")

    @staticmethod
    def read(text: str) -> "About":
        """What `str` wrote. Errors: ValueError."""
        kind, id, *by = text.split(":")
        return About(Kind(kind), UUID(id), UUID(by[0]) if by else None)


class Waits(Exception):
    """A fact cannot be judged yet: this has not come."""

    def __init__(self, about: About) -> None:
        super().__init__(str(about))
        self.about = about


class NotTheirs(Exception):
    """A fact says what is not for its sender to say; the message is for those who look after the network."""


@dataclass(frozen=True)
class Statement:
    """A fact as it is judged: who recorded what of which stream, for which unit. `data` is plain JSON."""

    id: UUID
    source: str
    incarnation: int
    kind: str
    stream: UUID
    version: int
    name: str
    unit: UUID
    data: Mapping[str, Any]


class Evidence(Protocol):
    """What the receiver knows, for the rules to look at."""

    directory: Directory

    def fact(self, id: UUID, by: UUID) -> Statement:
        """A fact that a unit's node recorded. Errors: Waits; NotTheirs when that node says that there is none."""
        ...

    def came(self, id: UUID, by: UUID, said: Statement) -> Statement:
        """A fact that a unit's node recorded; it must have come to this node itself if that hears all of whoever speaks.

        Errors: Waits; NotTheirs when that node says that there is none.
        """
        ...

    def own_fact(self, id: UUID, said: Statement) -> Statement:
        """An earlier fact of whoever speaks, who sends it the same way. Errors: NotTheirs."""
        ...

    def heard(self, id: UUID, said: Statement, *heard_by: UUID) -> Statement | None:
        """An earlier fact of whoever speaks.

        None when this node is not one that hears it: those above whoever speaks, and those that keep one of the units
        `heard_by`. Errors: NotTheirs.
        """
        ...

    def beginning(self, said: Statement, *heard_by: UUID) -> Statement | None:
        """The first fact of the record that a later one continues.

        None when this node is not one that hears all of the record: those above whoever speaks, and those that keep one
        of the units `heard_by`. Errors: NotTheirs.
        """
        ...

    def letter(self, stream: UUID) -> Statement:
        """The first fact of a record that the county began. Errors: Waits; NotTheirs."""
        ...

    def require_unit(self, unit: UUID, version: int = 1) -> None:
        """Go on only if the directory's facts of a unit are here, up to a version. Errors: Waits; NotTheirs."""
        ...


def require(holds: bool, otherwise: str) -> None:
    """Errors: NotTheirs, unless it holds."""
    if not holds:
        raise NotTheirs(otherwise)


@dataclass(frozen=True)
class Violation:
    """A fact that a node signed and that is not for it to say; `unit` is in whose name it spoke, `heard_by` who was told."""

    heard_by: str
    node: str
    code: str
    said: str
    fact: UUID
    unit: UUID
    why: str
