"""The small county of the kept networks: a bureau with two departments, three townships, eight villages.

It never changes: the networks of all releases are networks of this county.
"""

import csv
from pathlib import Path

COUNTY = "980001"
"""Its code of six digits; the network's name, and so its topics, follow from it."""
NETWORK = f"huiyin-{COUNTY}"

BUREAU, CIVIL_AFFAIRS, LAND = "000000", "000001", "000002"
TOWN, NEXT_TOWN, FAR_TOWN = "101000", "102000", "103000"
COMMUNITY, VILLAGE, QUIET_VILLAGE = "101001", "101201", "101202"
NEXT_VILLAGE, LONE_VILLAGE, CLOSING_VILLAGE = "102201", "102202", "102203"
FAR_VILLAGE, SECOND_LONE_VILLAGE = "103201", "103202"
NEW_VILLAGE = "103203"
"""Opened by an order while the network works."""

NODE_OF = {
    BUREAU: "county",
    CIVIL_AFFAIRS: "county",
    LAND: "county",
    TOWN: "town-101",
    NEXT_TOWN: "town-102",
    FAR_TOWN: "town-103",
    COMMUNITY: "villages-101",
    VILLAGE: "villages-101",
    QUIET_VILLAGE: "villages-101",
    NEXT_VILLAGE: "villages-102",
    LONE_VILLAGE: "village-102-202",
    CLOSING_VILLAGE: "villages-102",
    FAR_VILLAGE: "villages-103",
    SECOND_LONE_VILLAGE: "village-103-202",
}
"""Which node keeps which unit when the network begins; units are named by the last six digits of their code."""
NODES = sorted(set(NODE_OF.values()))

_DIVISIONS = (
    (BUREAU, 3, "county", "清泉县", "qing quan xian", ""),
    (TOWN, 4, "town", "柳河镇", "liu he zhen", BUREAU),
    (NEXT_TOWN, 4, "town", "石桥镇", "shi qiao zhen", BUREAU),
    (FAR_TOWN, 4, "township", "高山乡", "gao shan xiang", BUREAU),
    (COMMUNITY, 5, "community", "柳河社区", "liu he she qu", TOWN),
    (VILLAGE, 5, "village", "柳树沟村", "liu shu gou cun", TOWN),
    (QUIET_VILLAGE, 5, "village", "静水村", "jing shui cun", TOWN),
    (NEXT_VILLAGE, 5, "village", "石桥村", "shi qiao cun", NEXT_TOWN),
    (LONE_VILLAGE, 5, "village", "上岭村", "shang ling cun", NEXT_TOWN),
    (CLOSING_VILLAGE, 5, "village", "下岭村", "xia ling cun", NEXT_TOWN),
    (FAR_VILLAGE, 5, "village", "云顶村", "yun ding cun", FAR_TOWN),
    (SECOND_LONE_VILLAGE, 5, "village", "云脚村", "yun jiao cun", FAR_TOWN),
)
_OFFICES = (
    ("bureau", "县信访局", "County petition bureau"),
    ("civil_affairs", "县民政局", "Civil affairs bureau"),
    ("natural_resources", "县自然资源局", "Natural resources bureau"),
)


def full_code(unit: str) -> str:
    """The twelve digits of a unit."""
    return COUNTY + unit


def init_arguments(folder: Path, data: Path) -> list[object]:
    """What `huiyin init` makes the rehearsal network with; the files that it reads are left in `folder`."""
    divisions, offices = folder / "divisions.csv", folder / "offices.csv"
    head = ("code12", "level", "kind", "name_zh", "name_pinyin", "parent_code12")
    lines = [
        (full_code(unit), level, kind, name, pinyin, full_code(parent) if parent else "")
        for unit, level, kind, name, pinyin, parent in _DIVISIONS
    ]
    _write(divisions, [head, *lines])
    _write(offices, [("key", "name_zh", "name_en"), *_OFFICES])
    own = [part for unit in (LONE_VILLAGE, SECOND_LONE_VILLAGE) for part in ("--own-node", full_code(unit))]
    return ["--divisions", divisions, "--offices", offices, "--data", data, "--rehearsal", *own]


def _write(path: Path, rows: list[tuple]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
