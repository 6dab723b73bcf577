"""The directory in memory: units, the tree, which node keeps which unit, and nodes' keys.

A node loads it from its projections at start and applies each directory fact as it becomes known,
so that the way of the next fact is decided by what was known before it. Readers always see a
whole picture: a change replaces the picture, it never edits it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class UnitInfo:
    """One unit as it is now; `closed_on` is none while it is open, `version` counts the directory's facts of it.

    `homes` are the nodes that have kept it, one after the other, the present one last; `begins_anew` says that the
    county lets the present one begin without what the one before it has.
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


_OF_A_NODE = ("name", "tier", "area", "signing_key", "receiving_key")


class Directory:
    """One whole picture of the directory."""

    def __init__(
        self,
        units: Iterable[UnitInfo] = (),
        nodes: Iterable[NodeInfo] = (),
    ) -> None:
        self.units = {unit.unit: unit for unit in units}
        self.nodes = {node.name: node for node in nodes}

    @cached_property
    def _children(self) -> dict[UUID | None, list[UnitInfo]]:
        below: dict[UUID | None, list[UnitInfo]] = {}
        for unit in sorted(self.units.values(), key=lambda unit: unit.code):
            below.setdefault(unit.parent, []).append(unit)
        return below

    def find(self, unit: UUID) -> UnitInfo | None:
        """The unit, if this node knows it."""
        return self.units.get(unit)

    @cached_property
    def trusted(self) -> list[NodeInfo]:
        """Nodes whose key was not revoked, in the order in which they were admitted."""
        return [node for node in self.nodes.values() if node.revoked_on is None]

    def keepers(self, unit: UUID) -> frozenset[str]:
        """Every node that keeps a unit or kept it; empty for a unit that is not known."""
        return frozenset(self.homes(unit))

    def homes(self, unit: UUID) -> tuple[str, ...]:
        """The nodes that have kept a unit, one after the other, the present one last; none of one that is not known."""
        found = self.units.get(unit)
        return (found.homes or (found.node,)) if found else ()

    def home_of(self, unit: UUID) -> int:
        """How many nodes have kept a unit, the present one included; each numbers its records apart."""
        return max(1, len(self.homes(unit)))

    def kept_ever(self, node: str) -> set[UUID]:
        """Units that a node keeps or kept."""
        return {unit for unit in self.units if node in self.homes(unit)}

    def name_of(self, unit: UUID) -> str:
        """What a unit is called now; its id if it is not known."""
        found = self.units.get(unit)
        return found.name if found else str(unit)

    def children(self, unit: UUID | None, *, closed: bool = False) -> list[UnitInfo]:
        """Units directly below, in the order of the codes; none gives the roots."""
        return [child for child in self._children.get(unit, []) if closed or child.open]

    def below(self, unit: UUID) -> Iterator[UUID]:
        """Every unit below, however far and closed ones too, each before those below it."""
        for child in self.children(unit, closed=True):
            yield child.unit
            yield from self.below(child.unit)

    def hosted_by(self, node: str) -> list[UnitInfo]:
        """Open units that a node keeps, in the order of the codes."""
        kept = (unit for unit in self.units.values() if unit.node == node and unit.open)
        return sorted(kept, key=lambda unit: unit.code)

    def office_of(self, node: str) -> str:
        """What people call a node: its office, or the township whose villages it keeps; its name if unknown."""
        kept = self.hosted_by(node)
        if not kept:
            return node
        above = self.find(kept[0].parent) if kept[0].parent else None
        return above.name if above and above.kind == "township" and len(kept) > 1 else kept[0].name

    @cached_property
    def parents(self) -> dict[UUID, UUID | None]:
        """Each unit's parent, for the relation of two units in the tree."""
        return {unit.unit: unit.parent for unit in self.units.values()}

    def root(self) -> UnitInfo | None:
        """The county bureau."""
        return next(iter(self._children.get(None, [])), None)

    def top_of(self, unit: UUID) -> UnitInfo | None:
        """The unit directly below the root that a unit belongs to; the root itself for the root."""
        found = self.units.get(unit)
        while found and found.parent and (above := self.units.get(found.parent)) and above.parent:
            found = above
        return found

    def may_hand_on(self, sender: UUID, receiver: UUID) -> bool:
        """Whether a matter goes from one office straight to another; elsewhere it goes through the county."""
        root = self.root()
        ours, theirs = self.top_of(sender), self.top_of(receiver)
        is_beside = ours is not None and ours == theirs
        return is_beside or sender == receiver or (root is not None and root.unit in (sender, receiver))

    def hears(self, above: str, node: str) -> bool:
        """Whether a node is to hold everything that another one records: itself, its township's and the county's."""
        upper, own = self.nodes.get(above), self.nodes.get(node)
        if upper is None or own is None:
            return False
        return above == node or is_above(upper, own)

    def with_unit(self, unit: UUID, name: str, entry: dict[str, Any], version: int = 1) -> "Directory":
        """The picture after a directory fact about a unit; `name` is the fact's name."""
        known = self.units.get(unit)
        since = date.fromisoformat(entry["since"])
        made = UnitInfo(
            unit=unit,
            code=entry["code"],
            mark=entry["mark"],
            name=entry["name"],
            name_en=entry["name_en"],
            kind=entry["kind"],
            parent=UUID(entry["parent"]) if entry["parent"] else None,
            node=entry["node"],
            contact=entry["contact"],
            opened_on=known.opened_on if known else since,
            closed_on=since if name == "unit.closed" else None,
            version=version,
            homes=homes_with(self.homes(unit), entry["node"]),
            begins_anew=name == "unit.began_anew"
            or bool(known and known.begins_anew and known.node == entry["node"]),
        )
        return Directory([*self._but(unit), made], self.nodes.values())

    def with_node(self, name: str, data: Mapping[str, Any]) -> "Directory":
        """The picture after a directory fact about a node; `name` is the fact's name. A key replaces none but by rotation."""
        known = self.nodes.get(data["name"])
        if name == "node.admitted":
            made = known or NodeInfo(**{key: data[key] for key in _OF_A_NODE})
        elif known is None:
            return self
        elif name == "node.rekeyed":
            made = replace(
                known,
                signing_key=data["signing_key"],
                receiving_key=data["receiving_key"],
                rotations=known.rotations + 1,
                earlier_keys=(*known.earlier_keys, known.signing_key),
            )
        else:
            made = replace(known, revoked_on=date.fromisoformat(data["since"]))
        return Directory(self.units.values(), {**self.nodes, made.name: made}.values())

    def _but(self, unit: UUID) -> Iterable[UnitInfo]:
        return (known for known in self.units.values() if known.unit != unit)


def homes_with(before: tuple[str, ...], node: str) -> tuple[str, ...]:
    """The nodes that have kept a unit, after the directory said once more which one keeps it."""
    return before if before and before[-1] == node else (*before, node)


def is_above(node: NodeInfo, own: NodeInfo) -> bool:
    """Whether a node reads everything that another one records."""
    if node.tier == "county":
        return own.tier != "county"
    return node.tier == "township" and own.tier == "village" and node.area == own.area
