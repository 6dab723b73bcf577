"""The counties of the whole country, by the counts of each province: as many townships and villages, evenly spread."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

COUNTS = Path(__file__).parent / "data" / "division_counts_by_province.csv"
COUNTY = "430321"
"""Every county has the codes of this one in its own network; nothing depends on them."""


@dataclass(frozen=True)
class Shape:
    """How many townships and villages a county has. Counties of one shape begin as copies of one founded network."""

    towns: int
    villages: int

    def divisions(self) -> str:
        """A divisions file of such a county."""
        head = "code12,level,kind,name_zh,name_pinyin,parent_code12"
        lines = [head, f"{COUNTY}000000,3,county,县,xian,430300000000"]
        for town, villages in enumerate(_spread(self.villages, self.towns)):
            code = f"{COUNTY}{100 + town}000"
            lines.append(f"{code},4,town,第{town}镇,di zhen,{COUNTY}000000")
            lines += [f"{code[:9]}{201 + one},5,village,第{one}村,di cun,{code}" for one in range(villages)]
        return "\n".join([*lines, ""])


def counties() -> list[Shape]:
    """All 2,978, province after province."""
    with COUNTS.open(encoding="utf-8-sig", newline="") as file:
        provinces = [row for row in csv.DictReader(file) if row["province_code"].isdigit()]
    return [shape for row in provinces for shape in _of_province(row)]


def some_counties(share: float) -> list[Shape]:
    """A share of all counties, evenly through all provinces."""
    every = counties()
    wanted = max(1, round(len(every) * share))
    return [every[number * len(every) // wanted] for number in range(wanted)]


def _of_province(row: dict[str, str]) -> Iterator[Shape]:
    """Its townships and villages, in as few shapes as give the right sums: both are spread in the same order."""
    many = int(row["counties"])
    towns, villages = (_spread(int(row[what]), many) for what in ("townships", "villages"))
    yield from (Shape(*one) for one in zip(towns, villages, strict=True))


def _spread(what: int, over: int) -> list[int]:
    """So many things over so many places, the larger shares first."""
    shares = [(one + 1) * what // over - one * what // over for one in range(over)]
    return sorted(shares, reverse=True)
