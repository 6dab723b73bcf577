"""The directory in memory: units, the tree, which node keeps which unit, and nodes' keys.

A node loads it from its projections at start and applies each directory fact as it becomes known,
so that the way of the next fact is decided by what was known before it. Readers always see a
whole picture: a change replaces the picture, it never edits it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

from shared.work.common.unit_info import NodeInfo, UnitInfo, above_now, homes_with, is_above

_LEVELS = {"community": "village"}
"""Kinds of units that are on the level of another kind."""
_OF_A_NODE = ("name", "tier", "area", "signing_key", "receiving_key")


class Directory:
    """One whole picture of the directory."""

    def __init__(
        self,
        units: Iterable[UnitInfo] = (),
        nodes: Iterable[NodeInfo] = (),
        above_ever: Mapping[UUID, frozenset[UUID]] | None = None,
    ) -> None:
        self.units = {unit.unit: unit for unit in units}
        self.nodes = {node.name: node for node in nodes}
        self._above_ever = {
            **{unit: above_now(info) for unit, info in self.units.items()},
            **(above_ever or {}),
        }

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

    def present(self, unit: UUID) -> UUID:
        """The office that answers for a unit now: itself, or the open one that its successors lead to.

        A closed one without a successor is left to itself; so is what is not known here.
        """
        seen = {unit}
        while (found := self.units.get(unit)) and found.successor and found.successor not in seen:
            seen.add(unit := found.successor)
        return unit

    def answers_for(self, unit: UUID) -> frozenset[UUID]:
        """The units for which an office answers: itself, and the closed ones whose work goes on there."""
        return self._answered.get(unit, frozenset((unit,)))

    def watched_below(self, unit: UUID) -> frozenset[UUID]:
        """Every unit for which one below answers, closed ones that are left to themselves too."""
        there = (one for one in self.below(unit) if self.present(one) == one)
        return frozenset(other for one in there for other in self.answers_for(one))

    @cached_property
    def _answered(self) -> dict[UUID, frozenset[UUID]]:
        found: dict[UUID, frozenset[UUID]] = {}
        for info in self.units.values():
            if info.successor and (now := self.present(info.unit)) != info.unit:
                found[now] = found.get(now, frozenset((now,))) | {info.unit}
        return found

    def was_below(self, unit: UUID, above: UUID) -> bool:
        """Whether a unit is or was below another one, however far, or is succeeded by one that is or was."""
        return above in self.all_above_ever(unit) and not self.are_alike(unit, above)

    def are_alike(self, unit: UUID, other: UUID) -> bool:
        """Whether two known units are of one level, so that one can go on with the work of the other."""
        kinds = [_LEVELS.get(found.kind, found.kind) for one in (unit, other) if (found := self.find(one))]
        return len(kinds) == 2 and kinds[0] == kinds[1]

    def all_above_ever(self, unit: UUID) -> set[UUID]:
        """Offices above a unit or above its successors, however far, now or at any time, and those successors."""
        found: set[UUID] = set()
        waiting = [unit]
        while waiting:
            more = self._above_ever.get(waiting.pop(), frozenset()) - found
            found |= more
            waiting += more
        return found

    def may_hand_on(self, sender: UUID, receiver: UUID) -> bool:
        """Whether a matter goes from one office straight to another; elsewhere it goes through the county."""
        root = self.root()
        sender, receiver = self.present(sender), self.present(receiver)
        ours, theirs = self.top_of(sender), self.top_of(receiver)
        is_beside = ours is not None and ours == theirs
        return is_beside or sender == receiver or (root is not None and root.unit in (sender, receiver))

    def hears(self, above: str, node: str) -> bool:
        """Whether a node is to hold everything that another one records: itself, its township's and the county's."""
        upper, own = self.nodes.get(above), self.nodes.get(node)
        if upper is None or own is None:
            return False
        return above == node or is_above(upper, own)

    def might_hand_on(self, sender: UUID, receiver: UUID) -> bool:
        """Whether it could have gone straight from one to the other at some time: trees change while facts travel."""
        root = self.root()
        if root is None:
            return False
        tops = [{unit, *self.all_above_ever(unit)} - {root.unit} for unit in (sender, receiver)]
        return root.unit in (sender, receiver) or bool(tops[0] & tops[1])

    def with_unit(self, unit: UUID, name: str, data: Mapping[str, Any], version: int = 1) -> "Directory":
        """The picture after a directory fact about a unit; `name` is the fact's name, `data` what it says."""
        known, entry = self.units.get(unit), data["entry"]
        since = date.fromisoformat(entry["since"])
        away = known.away if known else ()
        if name == "unit.reopened" and known and known.closed_on:
            away += ((known.closed_on, since),)
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
            opened_on=since if name == "unit.opened" else known.opened_on if known else date.min,
            closed_on=since if name == "unit.closed" else None,
            version=version,
            homes=homes_with(self.homes(unit), entry["node"]),
            begins_anew=name == "unit.began_anew"
            or bool(known and known.begins_anew and known.node == entry["node"]),
            successor=UUID(data["successor"]) if data.get("successor") else None,
            away=away,
        )
        above = {**self._above_ever, unit: self._above_ever.get(unit, frozenset()) | above_now(made)}
        if known and version < known.version:  # its past comes after what made this node ask for it
            earlier = known.homes if made.node in known.homes else (made.node, *known.homes)
            made = replace(known, opened_on=made.opened_on, homes=earlier)
        return Directory([*self._but(unit), made], self.nodes.values(), above)

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
        return Directory(self.units.values(), {**self.nodes, made.name: made}.values(), self._above_ever)

    def _but(self, unit: UUID) -> Iterable[UnitInfo]:
        return (known for known in self.units.values() if known.unit != unit)
