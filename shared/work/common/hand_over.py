"""An office moves to another computer: the old one closes its part of each record, and the new one goes on.

The county's directory moves the office. The node that kept it then says once what there is of the office: the head of
each record, and what others had sent to it (`HandedOver`, in portions). From then on it records nothing for the office.
The node that keeps it now begins nothing before all of that is there; it takes each record over when it is needed first
(`TakenOver`, the next fact of the record), so that a record has one writer at a time, and one order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from shared.work.common.authority import Evidence, Statement, require
from shared.work.common.fact import Fact, FirstFact, Stream, UnitId, derived_id
from shared.work.common.sentences import N_

PORTION = 500
"""Most records, and most facts of others, that one fact names. Unit: entries of about 100 bytes."""


@dataclass(frozen=True)
class Head:
    """How far a record goes: the version of its last fact."""

    stream: UUID
    version: int


@dataclass(frozen=True)
class Heard:
    """A fact that the node had and did not record in its present place, and who has it to give.

    `followed` says that what follows from it for the office has followed at the old node.
    """

    fact: UUID
    source: str
    followed: bool


class HandedOver(FirstFact):
    """A portion of what there is of an office, by the node that kept it.

    `home` counts the nodes that have kept the office, the one in `to` included; `entry_version` is the version of the
    directory's record by which it moved. `portions` is how many portions there are, 0 for what came in afterwards.
    """

    TOPIC = "hand_over.made"
    SAYS = N_("The earlier computer handed over the office's records")

    to: str
    home: int
    entry_version: int
    running: int
    portions: int
    records: tuple[Head, ...]
    heard: tuple[Heard, ...]

    @classmethod
    def stream_of(cls, said: Statement) -> UUID:
        return HandOver.id_for(said.source, said.unit, said.data["home"], said.data["running"])

    @classmethod
    def require_theirs(cls, said: Statement, known: Evidence) -> None:
        """The directory moved the office from this node to that one. Errors: Waits, NotTheirs."""
        data = said.data
        known.require_unit(said.unit, data["entry_version"])
        homes = known.directory.homes(said.unit)[: data["home"]]
        moved = said.source in homes[:-1] and homes[-1] == data["to"]
        require(moved and len(homes) == data["home"], "hands over an office that did not move so")

    def apply(self, aggregate: "HandOver") -> None:
        aggregate.unit = self.unit


class HandOver(Stream):
    """One portion of what a node hands over when an office moves away from it."""

    STREAM: ClassVar[str] = "hand_over"
    STAYS = True

    @staticmethod
    def id_for(source: str, unit: UnitId, home: int, running: int) -> UUID:
        """One stream a portion of what a node says of a move, so that it is said once."""
        return derived_id("hand_over", source, unit, home, running)

    @classmethod
    def say(
        cls, source: str, *, unit: UnitId, home: int, running: int, at: datetime, **said: Any
    ) -> "HandOver":
        """Hand over a portion."""
        id = cls.id_for(source, unit, home, running)
        return cls._create(HandedOver, id=id, unit=unit, home=home, running=running, timestamp=at, **said)


class TakenOver(Fact):
    """The next fact of a record, by the node that keeps its office now; it goes on from what `hand_over` names."""

    TOPIC = "record.taken_over"
    SAYS = N_("The office's new computer goes on with the record")

    hand_over: UUID

    @classmethod
    def require_theirs(cls, said: Statement, known: Evidence) -> None:
        """The node that kept the office handed this record over to whoever speaks, so far. Errors: Waits, NotTheirs."""
        hand = known.came(UUID(said.data["hand_over"]), said.unit, said)
        require(
            (hand.name, hand.unit) == (HandedOver.TOPIC, said.unit), "names another fact than a hand-over"
        )
        head = {"stream": str(said.stream), "version": said.version - 1}
        require(
            hand.data["to"] == said.source and head in map(_plain, hand.data["records"]),
            "takes over a record that was not handed over to it",
        )

    def apply(self, aggregate: Stream) -> None:
        """Nothing of the record changes but its writer."""


def _plain(head: Mapping[str, Any]) -> dict[str, Any]:
    return {"stream": head["stream"], "version": head["version"]}
