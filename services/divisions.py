"""What a network is to consist of: a county's divisions and offices from files, and the nodes and units made of them."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from shared.work.common.fact import derived_id
from shared.work.common.refusals import Kind, Refusal
from shared.work.common.words import Tier, UnitKind
from shared.work.directory.unit import UnitEntry

SINCE_LIST = date(2023, 6, 30)
"""The day of the statistics bureau's list that the packaged county comes from."""

_RESIDENTS_BELOW = 200
"""Village codes 001 to 199 are residents' committees (communities), the rest villagers' committees."""


class WrongDivisions(Refusal):
    """The divisions file cannot be used."""

    code = "wrong-divisions"
    sentence = "The divisions file cannot be used: %(reason)s. See the columns in shared/data/README.md."
    kind = Kind.WRONG_INPUT


@dataclass(frozen=True)
class Division:
    """One line of a divisions file."""

    code: str
    level: int
    name: str
    pinyin: str
    parent: str


@dataclass(frozen=True)
class PlannedNode:
    """A node that is to be made, and the units it keeps."""

    name: str
    tier: Tier
    area: str


@dataclass(frozen=True)
class Plan:
    """What a network is to consist of: nodes and directory entries, parents before children."""

    name: str
    nodes: tuple[PlannedNode, ...]
    entries: tuple[tuple[UUID, UnitEntry], ...]

    def root(self) -> UUID:
        """The county bureau."""
        return self.entries[0][0]


def read_divisions(path: Path) -> list[Division]:
    """Read a divisions file. Errors: WrongDivisions."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [
                Division(
                    row["code12"], int(row["level"]), row["name_zh"], row["name_pinyin"], row["parent_code12"]
                )
                for row in csv.DictReader(file)
            ]
    except (OSError, KeyError, ValueError, UnicodeDecodeError) as error:
        raise WrongDivisions(reason=f"{type(error).__name__}: {error}") from error
    if len([line for line in lines if line.level == 3]) != 1:
        raise WrongDivisions(reason="it must hold exactly one county (level 3)")
    return lines


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file by column name. Errors: WrongDivisions."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise WrongDivisions(reason=f"{type(error).__name__}: {error}") from error


def plan_network(
    lines: Sequence[Division],
    offices: Iterable[dict[str, str]],
    *,
    since: date,
    own_nodes: Sequence[str] = (),
) -> Plan:
    """The nodes and units of a county; villages in `own_nodes` (codes) get a node of their own."""
    county = next(line for line in lines if line.level == 3)
    network = f"huiyin-{county.code[:6]}"
    bureau, *departments = list(offices)
    make = _EntryMaker(network, since)
    root = make.entry(
        county.code,
        f"{county.name}{bureau['name_zh'].removeprefix('县')}",
        bureau["name_en"],
        UnitKind.COUNTY,
        None,
        "county",
    )
    for running, office in enumerate(departments, start=1):
        code = f"{county.code[:6]}000{running:03d}"
        make.entry(
            code,
            f"{county.name}{office['name_zh'].removeprefix('县')}",
            office["name_en"],
            UnitKind.DEPARTMENT,
            root,
            "county",
        )
    nodes = [PlannedNode("county", Tier.COUNTY, county.code[:6])]
    for town in (line for line in lines if line.level == 4):
        nodes += _plan_town(make, root, town, [line for line in lines if line.parent == town.code], own_nodes)
    return Plan(network, tuple(nodes), tuple(make.entries))


def _plan_town(
    make: "_EntryMaker", root: UUID, town: Division, villages: list[Division], own_nodes: Sequence[str]
) -> list[PlannedNode]:
    area, short = town.code[:9], town.code[6:9]
    parent = make.entry(town.code, town.name, _latin(town.pinyin), UnitKind.TOWNSHIP, root, f"town-{short}")
    nodes = [PlannedNode(f"town-{short}", Tier.TOWNSHIP, area)]
    if villages:
        nodes.append(PlannedNode(f"villages-{short}", Tier.VILLAGE, area))
    for village in villages:
        node = f"villages-{short}"
        if village.code in own_nodes:
            node = f"village-{short}-{village.code[9:12]}"
            nodes.append(PlannedNode(node, Tier.VILLAGE, area))
        community = int(village.code[9:12]) < _RESIDENTS_BELOW
        kind = UnitKind.COMMUNITY if community else UnitKind.VILLAGE
        make.entry(village.code, village.name, _latin(village.pinyin), kind, parent, node)
    return nodes


class _EntryMaker:
    def __init__(self, network: str, since: date) -> None:
        self._network = network
        self._since = since
        self.entries: list[tuple[UUID, UnitEntry]] = []

    def entry(
        self, code: str, name: str, name_en: str, kind: UnitKind, parent: UUID | None, node: str
    ) -> UUID:
        unit = derived_id("unit", self._network, code)
        made = UnitEntry(
            code=code,
            mark=code[6:12],
            name=name,
            name_en=name_en,
            kind=kind,
            parent=parent,
            node=node,
            contact="",
            since=self._since,
        )
        self.entries.append((unit, made))
        return unit


def _latin(pinyin: str) -> str:
    return " ".join(part.capitalize() for part in pinyin.split())
