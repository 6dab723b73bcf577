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
from enum import StrEnum
from typing import TypeVar


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


_TABLE = """
action                     information_officer  petition_clerk  director    supervisor  administrator
matter.register            self                 self            self        -           -
matter.correct             self                 self            self        -           -
matter.classify            self                 self            self        -           -
matter.refer               self                 self            self        -           -
matter.assign              -                    self            self        -           -
matter.pass_on             -                    self            self        -           -
matter.withdraw            self                 self            self        -           -
matter.keep                self                 self            self        -           -
matter.read                self                 self,child      self,child  self,child  -
matter.read_text           self                 self            self        -           -
referral.accept            self                 self            self        -           -
referral.not_accept        self                 self            self        -           -
referral.object            self                 self            self        -           -
referral.answer_objection  self                 self            self        -           -
referral.opinion           self                 self            self        -           -
referral.serve             self                 self            self        -           -
referral.complete          self                 self            self        -           -
referral.release           self                 self            self        -           -
referral.override          -                    -               child       -           -
supervision.issue          -                    -               child       child       -
supervision.answer         self                 self            self        -           -
supervision.lift           -                    -               child       child       -
report.file                self                 self            self        -           -
report.correct             self                 self            self        -           -
report.read                self                 self,child      self,child  self,child  -
report.excuse              -                    -               child       -           -
sheet.read                 -                    self,child      self,child  self,child  -
feed.read                  -                    self,child      self,child  self,child  -
directory.read             any                  any             any         any         any
directory.change           -                    -               -           -           self,child
account.administer         -                    -               -           -           self,child
token.make                 -                    -               -           -           self,child
parked.read                -                    self,child      self,child  self,child  self,child
parked.decide              -                    -               -           -           self,child
status.read                self                 self,child      self,child  self,child  self,child
list.download              self                 self,child      self,child  self,child  self,child
receipt.print              self                 self            self        -           -
"""

_CELLS = {
    "-": frozenset[Relation](),
    "self": frozenset({Relation.SELF}),
    "child": frozenset({Relation.CHILD}),
    "self,child": frozenset({Relation.SELF, Relation.CHILD}),
    "any": frozenset(Relation),
}


def _read(table: str) -> dict[str, dict[str, frozenset[Relation]]]:
    """The table as data; a slip in it stops the program at import, not a clerk at the counter."""
    head, *lines = (line.split() for line in table.strip().splitlines())
    roles = [Role(word).value for word in head[1:]]
    rights = {
        action: dict(zip(roles, map(_CELLS.__getitem__, cells), strict=True)) for action, *cells in lines
    }
    if len(rights) != len(lines) or set(roles) != set(Role):
        raise ValueError("the table of rights names an action twice or leaves out a role")
    return rights


RIGHTS: Mapping[str, Mapping[str, frozenset[Relation]]] = _read(_TABLE)
"""action -> role -> the relations in which it is allowed."""

ACTIONS = frozenset(RIGHTS)


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
