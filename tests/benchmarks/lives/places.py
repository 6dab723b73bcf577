"""The packaged real county: who sits where, on which node, and under whom."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from uuid import UUID

from services.division_file import read_divisions
from services.divisions import Plan, plan_network
from shared import data
from shared.work.directory.unit import UnitEntry

NOW = datetime(2026, 3, 26, 7, 0, tzinfo=UTC)
"""Thursday 15:00 in Asia/Shanghai: the moment at which the county is looked at. Half of the day's reports are in."""
BEGAN = NOW - timedelta(days=5 * 365)
"""When the first matter came in: a county's work is kept for five years."""
SINCE = date(2021, 1, 1)


@dataclass(frozen=True)
class Place:
    """An office; `area` is the township that it belongs to or is, none for the county's offices."""

    unit: UUID
    entry: UnitEntry

    @property
    def node(self) -> str:
        """The node that keeps it."""
        return self.entry.node

    @property
    def tier(self) -> str:
        """`village`, `township`, `department` or `county`."""
        return "village" if self.entry.kind == "community" else self.entry.kind.value


class Places:
    """Every office of the county, by id and by tier; one village has a node of its own."""

    def __init__(self) -> None:
        lines = read_divisions(data.path(data.COUNTY))
        villages = Counter(line.parent for line in lines if line.level == 5)
        ((self.town_code, _),) = villages.most_common(1)
        self.village_code = min(line.code for line in lines if line.parent == self.town_code)
        offices = data.rows(data.OFFICES)
        self.plan: Plan = plan_network(lines, offices, since=SINCE, own_nodes=[self.village_code])
        self.all = {unit: Place(unit, entry) for unit, entry in self.plan.entries}
        self.county = self.all[self.plan.root()]
        self.town, self.village = self._of_code(self.town_code), self._of_code(self.village_code)

    def _of_code(self, code: str) -> Place:
        return next(place for place in self.all.values() if place.entry.code == code)

    @cached_property
    def villages(self) -> list[Place]:
        """All villages and communities."""
        return [place for place in self.all.values() if place.tier == "village"]

    @cached_property
    def towns(self) -> list[Place]:
        """All townships."""
        return [place for place in self.all.values() if place.tier == "township"]

    @cached_property
    def departments(self) -> list[Place]:
        """The county's departments."""
        return [place for place in self.all.values() if place.tier == "department"]

    @cached_property
    def below(self) -> dict[UUID, list[Place]]:
        """Each township's villages."""
        return {
            town.unit: [one for one in self.villages if one.entry.parent == town.unit] for town in self.towns
        }

    def above(self, place: Place) -> Place:
        """The office over it; the county's for its departments."""
        return self.all[place.entry.parent] if place.entry.parent else self.county

    def top_of(self, place: Place) -> Place:
        """The township or department that it belongs to or is."""
        return self.above(place) if place.tier == "village" else place

    def through(self, sender: Place, to: Place) -> Place | None:
        """The county when a matter goes sideways, as the orders have it."""
        if sender == to or self.county in (sender, to) or self.top_of(sender) == self.top_of(to):
            return None
        return self.county

    def measured(self) -> tuple[Place, Place, Place]:
        """The offices whose nodes are filled: the county's, the largest township's, and one village's."""
        return self.county, self.town, self.village
