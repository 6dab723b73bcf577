"""What a network is to consist of: the nodes and units made of a county's divisions and offices."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.division_file import COUNTY, TOWN, VILLAGE, Division
from shared.settings.names import require_name_of_network
from shared.work.common.cannot_go_on import CannotGoOn
from shared.work.common.fact import derived_id
from shared.work.common.words import Tier, UnitKind
from shared.work.directory.unit import UnitEntry

SINCE_LIST = date(2023, 6, 30)
"""The day of the statistics bureau's list that the packaged county comes from."""

PRACTICE = "-practice"
"""Ends the name of a network to practise with, so that it meets the real one nowhere."""

_RESIDENTS_BELOW = 200
"""Village codes 001 to 199 are residents' committees (communities), the rest villagers' committees."""


class UnknownOwnNode(CannotGoOn):
    """A village that is to have a node of its own is not in the divisions file."""

    code = "unknown-own-node"


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


def name_of(lines: Sequence[Division], *, rehearsal: bool) -> str:
    """What a county's network is called unless somebody says otherwise; one to practise with is called so."""
    return f"huiyin-{_county(lines).code[:6]}{PRACTICE if rehearsal else ''}"


def plan_network(
    lines: Sequence[Division],
    offices: Iterable[dict[str, str]],
    *,
    since: date,
    own_nodes: Sequence[str] = (),
    name: str = "",
) -> Plan:
    """The nodes and units of a county; villages in `own_nodes` (codes) get a node of their own.

    Without a `name` the network has the real one's. Errors: UnknownOwnNode, NameOfNetworkMalformed.
    """
    require_name_of_network(name)
    _require_villages(lines, own_nodes)
    network, county = name or name_of(lines, rehearsal=False), _county(lines)
    make = _EntryMaker(network, since)
    root = _plan_county(make, county, list(offices))
    nodes = [PlannedNode("county", Tier.COUNTY, county.code[:6])]
    for town in (line for line in lines if line.level == TOWN):
        nodes += _plan_town(make, root, town, [line for line in lines if line.parent == town.code], own_nodes)
    return Plan(network, tuple(nodes), tuple(make.entries))


def _county(lines: Sequence[Division]) -> Division:
    return next(line for line in lines if line.level == COUNTY)


def _require_villages(lines: Sequence[Division], own_nodes: Sequence[str]) -> None:
    levels = {line.code: line.level for line in lines}
    wrong = [code for code in own_nodes if levels.get(code) != VILLAGE]
    if wrong:
        said = [f"{code} (level {levels[code]})" if code in levels else code for code in wrong]
        raise UnknownOwnNode(f"--own-node: no village (level 5) of the divisions file: {', '.join(said)}")


def _plan_county(make: "_EntryMaker", county: Division, offices: list[dict[str, str]]) -> UUID:
    """The bureau and its departments; the bureau's id."""

    def entry(code: str, office: dict[str, str], kind: UnitKind, above: UUID | None) -> UUID:
        name = f"{county.name}{office['name_zh'].removeprefix('县')}"
        return make.entry(code, name, office["name_en"], kind, above, "county")

    root = entry(county.code, offices[0], UnitKind.COUNTY, None)
    for running, office in enumerate(offices[1:], start=1):
        entry(f"{county.code[:6]}000{running:03d}", office, UnitKind.DEPARTMENT, root)
    return root


def _plan_town(
    make: "_EntryMaker", root: UUID, town: Division, villages: list[Division], own_nodes: Sequence[str]
) -> list[PlannedNode]:
    area, short = town.code[:9], town.code[6:9]
    parent = make.entry(town.code, town.name, _latin(town.pinyin), UnitKind.TOWNSHIP, root, f"town-{short}")
    nodes = [PlannedNode(f"town-{short}", Tier.TOWNSHIP, area)]
    if any(village.code not in own_nodes for village in villages):
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
