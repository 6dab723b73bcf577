"""The network that is tampered with: built once, copied for every case."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from services.divisions import Plan
from shared.database.engines import dispose_all
from shared.node.node import Node
from shared.work.matters.orders.referring import AssessMatter, KeepMatter, WithdrawMatter
from tests.parts.tiny_network import ALONE, VILLAGE_2, ClockOfTests, TinyNetwork
from tests.proof.exchange import LATER, send, witness

NODES = (ALONE, "town-100", "county")
EARLIER = 3
"""How many earlier states of the village's folder are kept, to roll back to."""


@dataclass(frozen=True)
class Ground:
    """A folder with the network's nodes, and the village's folder as it was earlier."""

    data: Path
    earlier: tuple[Path, ...]
    plan: Plan
    clock: ClockOfTests

    def copy(self, folder: Path) -> TinyNetwork:
        """A copy to tamper with; only the three nodes of which something is looked at."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.data, folder, ignore=lambda path, names: _others(Path(path), names))
        return TinyNetwork(folder, self.plan, ClockOfTests(self.clock.at + LATER))

    def roll_back(self, folder: Path, to: int) -> None:
        """Put an earlier state of the village's folder in the place of the present one."""
        village = folder / "nodes" / ALONE
        shutil.rmtree(village)
        shutil.copytree(self.earlier[to], village)


def build(founded: Path, plan: Plan, folder: Path) -> Ground:
    """Let the village work, with what it does sent and witnessed in between."""
    data, earlier = folder / "ground", []
    shutil.copytree(founded, data)
    network = TinyNetwork(data, plan, ClockOfTests())
    for turn in range(EARLIER + 1):
        nodes = network.open(*NODES)
        work(network, nodes, turn)
        network.close()
        dispose_all()
        if turn < EARLIER:
            earlier.append(folder / f"earlier-{turn}")
            shutil.copytree(data / "nodes" / ALONE, earlier[-1])
    return Ground(data, tuple(earlier), plan, network.clock)


def work(network: TinyNetwork, nodes: Sequence[Node], turn: int) -> None:
    """Some matters with what follows, sent upward and witnessed."""
    village = nodes[0]
    for number in range(3):
        case = network.register(village, VILLAGE_2, summary=f"第{turn}次第{number}件")
        for order in _steps(case)[: number + 1]:
            network.give(village, VILLAGE_2, order)
    network.clock.at += LATER
    send(village, *nodes[1:])
    witness(*nodes)


def _steps(case: UUID) -> list[Any]:
    return [
        AssessMatter(case=case, version=1, matter_class="land", purpose="seeking_decision"),
        KeepMatter(case=case, version=2),
        WithdrawMatter(case=case, version=3, confirmed_by="second_call"),
    ]


def _others(path: Path, names: list[str]) -> list[str]:
    return [name for name in names if path.name == "nodes" and name not in NODES]
