"""The one table of rights: role x action x relation in the tree of units. Unknown means no.

A relation says where the unit *whose thing it is* stands, seen from the person's own unit: the unit
that registered the matter, was sent the referral, owes the report, is supervised, keeps the account.
    self     the person's own unit
    child    any unit below it
    parent   any unit above it
    other    any other unit, and any that is not known

A matter is changed only by the office whose stream it is (so `self`, also for the county); what lies
above it reads, excuses and supervises. Reading a matter is number, state and dates; reading its text
is for the office that handles it. Who administers accounts does not read matters, and who supervises
does not change them. Source: domain words of the Regulations of 2022, and section 4 of our reference.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from shared.work.common.sentences import N_


class Role(StrEnum):
    """What somebody is at the office; the stored words of accounts and facts."""

    INFORMATION_OFFICER = "information_officer"
    PETITION_CLERK = "petition_clerk"
    DIRECTOR = "director"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


class Relation(StrEnum):
    """Where a unit stands, seen from one's own."""

    SELF = "self"
    CHILD = "child"
    PARENT = "parent"
    OTHER = "other"


@dataclass(frozen=True)
class Right:
    """One row of the table: what is allowed to whom, `says` it in words for its reader.

    `cells` stand in the order of the roles above: `-`, `self`, `child`, `self,child` or `any`. A right is known from
    where it is made; two rows of one action must be equal. Errors: ValueError, so that a slip stops the program at
    its start, not a clerk at the counter.
    """

    action: str
    cells: str
    says: str

    def __post_init__(self) -> None:
        roles = [role.value for role in Role]
        row = dict(zip(roles, (_CELLS[cell] for cell in self.cells.split()), strict=True))
        if RIGHTS.setdefault(self.action, row) != row:
            raise ValueError(f"the right {self.action} is declared twice, in two ways")
        SAYS[self.action] = self.says


_CELLS = {
    "-": frozenset[Relation](),
    "self": frozenset({Relation.SELF}),
    "child": frozenset({Relation.CHILD}),
    "self,child": frozenset({Relation.SELF, Relation.CHILD}),
    "any": frozenset(Relation),
}

RIGHTS: dict[str, dict[str, frozenset[Relation]]] = {}
"""action -> role -> the relations in which it is allowed. Rights of orders come from where the orders are declared."""

SAYS: dict[str, str] = {}
"""action -> what it is called, in English; translated where it is shown."""

_OF_PAGES = (
    # action             officer  clerk       director    supervisor  administrator
    Right(
        "matter.read",
        "self    self,child  self,child  self,child  -",
        N_("See a matter's number, state and dates"),
    ),
    Right("matter.read_text", "self self self - -", N_("Read a matter's text")),
    Right("report.read", "self self,child self,child self,child -", N_("Read reports")),
    Right("sheet.read", "- self,child self,child self,child -", N_("See the sheet of the day")),
    Right("feed.read", "- self,child self,child self,child -", N_("See what just came in")),
    Right("directory.read", "any any any any any", N_("See the directory")),
    Right("account.administer", "- - - - self,child", N_("Administer accounts")),
    Right("token.make", "self self self self self", N_("Make a token for a program of one's own")),
    Right("parked.read", "- self,child self,child self,child self,child", N_("See parked messages")),
    Right("parked.decide", "- - - - self,child", N_("Try a parked message again or discard it")),
    Right(
        "status.read", "self self,child self,child self,child self,child", N_("See the state of this node")
    ),
    Right("list.download", "self self,child self,child self,child self,child", N_("Download a list")),
    Right("receipt.print", "self self self - -", N_("Print a receipt")),
)
"""Rights that pages check and no order does."""


_OF_THE_PAST = frozenset({"matter.read", "report.read", "sheet.read"})


def reaches_the_past(action: str) -> bool:
    """Whether a right holds, too, for what a unit was once: offices see what was theirs when the tree was another."""
    return action in _OF_THE_PAST


def allowed(role: str, action: str, relation: str) -> bool:
    """Whether this role may do this to something of a unit in this relation; unknown is no."""
    return relation in reach(role, action)


def reach(role: str, action: str) -> frozenset[Relation]:
    """The relations in which the role may do it, for filtering lists; unknown reaches nothing."""
    return RIGHTS.get(action, {}).get(role, frozenset())


def as_rows() -> list[tuple[str, str, str, bool]]:
    """Every (action, role, relation, allowed) there is, in the order of the table: for tests and docs."""
    return [
        (action, role, relation.value, relation in cell)
        for action, cells in RIGHTS.items()
        for role, cell in cells.items()
        for relation in Relation
    ]


UnitKey = TypeVar("UnitKey", bound=Hashable)


def relation(parents: Mapping[UnitKey, UnitKey | None], own: UnitKey, other: UnitKey) -> Relation:
    """Where `other` stands, seen from `own`; `parents` maps each unit to the one above it, or none."""
    if own == other:
        return Relation.SELF
    if own in _above(parents, other):
        return Relation.CHILD
    if other in _above(parents, own):
        return Relation.PARENT
    return Relation.OTHER


def _above(parents: Mapping[UnitKey, UnitKey | None], unit: UnitKey) -> set[UnitKey]:
    """All units above; a ring in broken data ends the walk instead of hanging a request."""
    above: set[UnitKey] = set()
    step = parents.get(unit)
    while step is not None and step not in above:
        above.add(step)
        step = parents.get(step)
    return above
