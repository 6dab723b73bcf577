"""A small county for journeys: a bureau with two departments, two townships, four villages."""

import csv
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

from shared.work.common.fact import derived_id

BUREAU, CIVIL_AFFAIRS, LAND = "000000", "000001", "000002"
TOWN, OTHER_TOWN = "101000", "102000"
COMMUNITY, VILLAGE, OTHER_VILLAGE, OWN_NODE_VILLAGE = "101001", "101201", "102201", "102202"
VILLAGES_OF_TOWN = (COMMUNITY, VILLAGE)

NODE_OF = {
    BUREAU: "county",
    CIVIL_AFFAIRS: "county",
    LAND: "county",
    TOWN: "town-101",
    OTHER_TOWN: "town-102",
    COMMUNITY: "villages-101",
    VILLAGE: "villages-101",
    OTHER_VILLAGE: "villages-102",
    OWN_NODE_VILLAGE: "village-102-202",
}
"""Which node keeps which unit; units are named by the last six digits of their code."""

COUNTY_NODE = NODE_OF[BUREAU]
NODES = sorted(set(NODE_OF.values()))

_DIVISIONS = (
    (BUREAU, 3, "county", "青石县", "qing shi xian", ""),
    (TOWN, 4, "town", "柳河镇", "liu he zhen", BUREAU),
    (OTHER_TOWN, 4, "town", "石桥镇", "shi qiao zhen", BUREAU),
    (COMMUNITY, 5, "community", "柳河社区", "liu he she qu", TOWN),
    (VILLAGE, 5, "village", "柳树沟村", "liu shu gou cun", TOWN),
    (OTHER_VILLAGE, 5, "village", "石桥村", "shi qiao cun", OTHER_TOWN),
    (OWN_NODE_VILLAGE, 5, "village", "上岭村", "shang ling cun", OTHER_TOWN),
)
_OFFICES = (
    ("bureau", "县信访局", "County petition bureau"),
    ("civil_affairs", "县民政局", "Civil affairs bureau"),
    ("natural_resources", "县自然资源局", "Natural resources bureau"),
)
_codes = count(990_101)


@dataclass(frozen=True)
class County:
    """A county by its code of six digits; the network's name, and so its topics, follow from the code."""

    code: str
    towns: tuple[str, ...] = ("101", "102")

    @property
    def own_nodes(self) -> list[str]:
        """Codes of the villages with a node of their own."""
        return [self.full_code(unit) for unit in (OWN_NODE_VILLAGE,) if unit[:3] in self.towns]

    @property
    def network(self) -> str:
        """The network's name."""
        return f"huiyin-{self.code}"

    def full_code(self, unit: str) -> str:
        """The twelve digits of a unit."""
        return self.code + unit

    def unit(self, unit: str) -> UUID:
        """The id of a unit."""
        return derived_id("unit", self.network, self.full_code(unit))

    def write(self, folder: Path) -> tuple[Path, Path]:
        """The files of divisions and of office names that a network is made from."""
        divisions, offices = folder / f"divisions-{self.code}.csv", folder / f"offices-{self.code}.csv"
        head = ("code12", "level", "kind", "name_zh", "name_pinyin", "parent_code12")
        lines = [
            (self.full_code(unit), level, kind, name, pinyin, self.full_code(parent) if parent else "")
            for unit, level, kind, name, pinyin, parent in _DIVISIONS
            if unit[:3] in ("000", *self.towns)
        ]
        _write(divisions, [head, *lines])
        _write(offices, [("key", "name_zh", "name_en"), *_OFFICES])
        return divisions, offices


def fresh_county(**options: Any) -> County:
    """A county whose code no other test of this run uses: topics of one broker must not meet."""
    return County(str(next(_codes)), **options)


def _write(path: Path, rows: list[tuple]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
