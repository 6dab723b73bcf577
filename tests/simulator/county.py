"""The network that every run begins with: founded once, its directory known everywhere, then copied."""

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.division_file import read_divisions
from services.divisions import plan_network
from services.founding import found_network
from shared.database.engines import dispose_all
from shared.event_log.node_keys import NodeKeys, ReceivingKey
from shared.settings.network import NodeSettings, node_names, read_node

FOUNDED = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
COUNTY = "430321000000"
TOWNS = ("100", "101", "102")
VILLAGES = ("201", "202", "203", "204")
ALONE = ("203", "204")
"""Villages of each township that have a node of their own; the others share the township's village node."""
LIAR = "205"
"""The village whose node lies, where there is one."""
OFFICES = [
    {"name_zh": "县信访局", "name_en": "County petition bureau"},
    {"name_zh": "县民政局", "name_en": "Civil affairs bureau"},
]
MEMORY = Path("/dev/shm")
"""A folder in memory where there is one: every commit of a run is made durable, and a disk would take a minute."""


TOGETHER = 2
"""Most orders of a group. Unit: orders; few, so that some wait while a group is on its way and are decided on top of it."""


@dataclass(frozen=True)
class Template:
    """A founded network; `settings` of its nodes by name."""

    folder: Path
    settings: dict[str, NodeSettings]

    def copy(self, folder: Path) -> dict[str, NodeSettings]:
        """A network of its own in a folder; the settings of its nodes."""
        shutil.copytree(self.folder / "nodes", folder / "nodes")
        return {
            name: replace(settings, folder=folder / "nodes" / name)
            for name, settings in self.settings.items()
        }


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    place = MEMORY if MEMORY.is_dir() else None
    with TemporaryDirectory(prefix="huiyin-simulator-", dir=place) as folder:
        yield Path(folder)


def found(folder: Path, *, with_liar: bool = False) -> Template:
    """Make the network; its keys come from a fixed seed, so that facts are the same on every machine.

    `with_liar` gives it one village more, whose node no process runs (`evil.py`).
    """
    keys = random.Random(1)
    divisions = folder / "divisions.csv"
    divisions.write_text("\n".join([*_lines(), *([_liar()] if with_liar else [])]), encoding="utf-8")
    own = [f"430321{town}{village}" for town in TOWNS for village in ALONE]
    own += [f"430321{TOWNS[0]}{LIAR}"] if with_liar else []
    plan = plan_network(read_divisions(divisions), OFFICES, since=date(2026, 1, 1), own_nodes=own)
    with patch.object(NodeKeys, "make", lambda: _keys(keys)):
        found_network(folder, plan, at=FOUNDED)
    dispose_all()
    return Template(folder, {name: _in_small_groups(read_node(folder, name)) for name in node_names(folder)})


def _in_small_groups(settings: NodeSettings) -> NodeSettings:
    flow = replace(settings.network.flow, group=TOGETHER)
    return replace(settings, network=replace(settings.network, flow=flow))


def _keys(chance: random.Random) -> NodeKeys:
    signing = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
    return NodeKeys(signing, ReceivingKey.of(chance.randbytes(96)))


def _lines() -> Iterator[str]:
    yield "code12,level,kind,name_zh,name_pinyin,parent_code12"
    yield f"{COUNTY},3,county,湘潭县,xiang tan xian,430300000000"
    for town in TOWNS:
        yield f"430321{town}000,4,town,第{town}镇,zhen {town},{COUNTY}"
        for village in VILLAGES:
            yield f"430321{town}{village},5,village,第{village}村,cun {village},430321{town}000"


def _liar() -> str:
    town = TOWNS[0]
    return f"430321{town}{LIAR},5,village,第{LIAR}村,cun {LIAR},430321{town}000"


def _layouts() -> list[list[tuple[str, ...]]]:
    """How nodes may be spread over processes: one each, a process a tier, or some together."""
    alone = [f"village-{town}-{village}" for town in TOWNS for village in ALONE]
    towns, shared = [f"town-{town}" for town in TOWNS], [f"villages-{town}" for town in TOWNS]
    nodes = ["county", *towns, *shared, *alone]
    each = [(node,) for node in nodes]
    by_tier = [("county",), tuple(towns), (*shared, *alone)]
    by_town = [("county",), *(tuple(node for node in nodes if town in node) for town in TOWNS)]
    return [each, by_tier, by_town]


LAYOUTS = _layouts()
