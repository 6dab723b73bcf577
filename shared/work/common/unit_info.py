"""One unit and one node as the directory has them."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True)
class UnitInfo:
    """One unit as it is now; `closed_on` is none while it is open, `version` counts the directory's facts of it.

    `homes` are the nodes that have kept it, one after the other, the present one last; `begins_anew` says that the
    county lets the present one begin without what the one before it has.
    `successor` goes on with the work of a closed one, if one was named; `away` are the closings that were undone: the day
    of each, and that on which the unit was there again. `opened_on` is the first day of all where its opening has not
    come here.
    """

    unit: UUID
    code: str
    mark: str
    name: str
    name_en: str
    kind: str
    parent: UUID | None
    node: str
    contact: str
    opened_on: date
    closed_on: date | None = None
    version: int = 1
    homes: tuple[str, ...] = ()
    begins_anew: bool = False
    successor: UUID | None = None
    away: tuple[tuple[date, date], ...] = ()

    @property
    def open(self) -> bool:
        """Whether the unit exists today."""
        return self.closed_on is None


@dataclass(frozen=True)
class NodeInfo:
    """One node and its public keys (base64 of the raw keys).

    `rotations` counts how often the county replaced them, `earlier_keys` are those that it signed with before, and
    after `revoked_on` nothing of it is taken any more.
    """

    name: str
    tier: str
    area: str
    signing_key: str
    receiving_key: str
    rotations: int = 0
    earlier_keys: tuple[str, ...] = ()
    revoked_on: date | None = None


def above_now(unit: UnitInfo) -> frozenset[UUID]:
    """The offices that a unit belongs to, and that goes on with its work."""
    return frozenset(filter(None, (unit.parent, unit.successor)))


def homes_with(before: tuple[str, ...], node: str) -> tuple[str, ...]:
    """The nodes that have kept a unit, after the directory said once more which one keeps it."""
    return before if before and before[-1] == node else (*before, node)


def is_above(node: NodeInfo, own: NodeInfo) -> bool:
    """Whether a node reads everything that another one records."""
    if node.tier == "county":
        return own.tier != "county"
    return node.tier == "township" and own.tier == "village" and node.area == own.area
