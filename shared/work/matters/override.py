"""The county's recorded way to take a matter from an office that cannot answer any more."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.work.common.authority import Evidence, Speaker, Statement, require
from shared.work.common.fact import FirstFact, Stream, UnitId, derived_id
from shared.work.common.sealed import Sealed
from shared.work.common.sentences import N_


class Overridden(FirstFact):
    """An open offer was ended by the county; what the receiver recorded after it is marked so."""

    TOPIC = "override.ordered"
    SAYS = N_("The county took the matter from an office that could not answer")

    KEYS_FOR = ("sender", "receiver")
    SAID_BY = Speaker.COUNTY

    offer: UUID
    came_by: UUID | None
    case: UUID
    sender: UnitId
    receiver: UnitId
    reason: Sealed

    @classmethod
    def require_theirs(cls, said: Statement, known: Evidence) -> None:
        """One record an offer. Errors: NotTheirs."""
        require(said.stream == Override.id_for(UUID(said.data["offer"])), "the record of another offer")

    def concerns(self) -> UUID:
        return self.case

    def addressees(self) -> tuple[UnitId, ...]:
        return (self.sender, self.receiver)

    def apply(self, aggregate: "Override") -> None:
        aggregate.unit = self.unit


class Override(Stream):
    """One override of one offer; a second one of the same offer is the same stream."""

    STREAM: ClassVar[str] = "override"

    @staticmethod
    def id_for(offer: UUID) -> UUID:
        """One override an offer."""
        return derived_id("override", offer)

    @classmethod
    def order(
        cls,
        *,
        unit: UnitId,
        offer: UUID,
        came_by: UUID | None,
        case: UUID,
        sender: UnitId,
        receiver: UnitId,
        reason: Sealed,
        at: datetime,
    ) -> "Override":
        """End the offer to a receiver that does not answer any more."""
        return cls._create(
            Overridden,
            id=cls.id_for(offer),
            unit=unit,
            offer=offer,
            came_by=came_by,
            case=case,
            sender=sender,
            receiver=receiver,
            reason=reason,
            timestamp=at,
        )
