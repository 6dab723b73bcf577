"""The fact that a node said what is not for it to say, told by whoever received it to the offices above."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from shared.work.common.authority import Statement
from shared.work.common.fact import FirstFact, Stream, UnitId, derived_id
from shared.work.common.sentences import N_

DETAIL_LONGEST = 300
"""Longest explanation that travels. Unit: characters."""


class Raised(FirstFact):
    """The first thing of its kind on a day that a node said and may not; more of it the same day is only parked.

    `node` signed it, `about` is the unit in whose name it spoke, `said` the stored name of what it said, `fact` its id.
    It is the word of the office that raised it, about what it received itself.
    """

    TOPIC = "alarm.raised"
    SAYS = N_("Alarm: a computer said what is not for its offices to say")

    node: str
    code: str
    day: date
    about: UnitId
    said: str
    fact: UUID
    detail: str

    @classmethod
    def stream_of(cls, said: Statement) -> UUID:
        data = said.data
        day = date.fromisoformat(data["day"])
        return Alarm.id_for(said.source, said.unit, data["node"], data["code"], day)

    def apply(self, aggregate: "Alarm") -> None:
        aggregate.unit = self.unit


class Alarm(Stream):
    """What one office raised about one node, of one kind, on one day."""

    STREAM: ClassVar[str] = "alarm"
    STAYS = True

    @staticmethod
    def id_for(heard_by: str, unit: UnitId, node: str, code: str, day: date) -> UUID:
        """So that a flood is one alarm a day; the node that keeps an office since it moved raises its own."""
        return derived_id("alarm", heard_by, unit, node, code, day)

    @classmethod
    def raise_about(
        cls,
        *,
        unit: UnitId,
        heard_by: str,
        node: str,
        code: str,
        day: date,
        about: UnitId,
        said: str,
        fact: UUID,
        detail: str,
        at: datetime,
    ) -> "Alarm":
        """Tell the offices above."""
        return cls._create(
            Raised,
            id=cls.id_for(heard_by, unit, node, code, day),
            unit=unit,
            node=node,
            code=code,
            day=day,
            about=about,
            said=said,
            fact=fact,
            detail=detail[:DETAIL_LONGEST],
            timestamp=at,
        )
