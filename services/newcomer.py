"""The computer of an office that joins a living network: what is made for it, each step so that it can be done again.

The folder is made below `admitting` and moved to the nodes' folders once the county has taken it in and everything is
there; what was killed half way is found there and goes on.
"""

import shutil
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url

from services import server_roles
from services.nodes import open_node
from services.opening import open_wire
from services.owners import as_owner, role_of
from shared.accounts.store import SETUP, Accounts
from shared.event_log.node_keys import NodeKeys
from shared.settings.network import (
    Network,
    NodeSettings,
    read_network,
    write_network,
    write_node,
    write_privately,
)
from shared.transport import topics
from shared.work.common.unit_info import UnitInfo
from shared.work.common.words import Tier, UnitKind

ADMITTING = "admitting"
NOTE = "admitting.toml"
LOGIN = "admin"
LONGEST_AT_A_SERVER = 63
"""Longest name at PostgreSQL. Unit: bytes."""


@dataclass(frozen=True)
class Place:
    """Where a computer stands in the network: its name, tier and area, and the codes of its office and of its township."""

    name: str
    tier: str
    area: str
    office: str
    township: str


def place_of(name: str, unit: UnitInfo, township: UnitInfo) -> Place:
    """The place of a computer for an office."""
    tier = Tier.TOWNSHIP if unit.kind == UnitKind.TOWNSHIP else Tier.VILLAGE
    return Place(name, tier.value, township.code[:9], unit.code, township.code)


def folder_of(data: Path, name: str) -> Path | None:
    """The folder of a computer that is being taken in; none when nothing was begun or everything was done."""
    for folder in (data / ADMITTING / name, data / "nodes" / name):
        if (folder / NOTE).exists():
            return folder
    return None


def begun_for(folder: Path) -> Place:
    """For which place a folder was begun."""
    return Place(**tomllib.loads((folder / NOTE).read_text()))


def begin(data: Path, place: Place, network: Network) -> Path:
    """A folder with keys of its own, whole or not at all."""
    folder = data / ADMITTING / place.name
    part = folder.with_name(f"{place.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    (data / ADMITTING).mkdir(exist_ok=True, mode=0o700)
    part.mkdir(mode=0o700)
    NodeKeys.make().save(part / "keys.json")
    write_node(part, place.name, place.tier, place.area)
    write_network(part, network)
    write_privately(part / NOTE, asdict(place))
    part.rename(folder)
    return folder


def give_up(folder: Path) -> None:
    """Nothing was made but the folder, and it is not wanted."""
    shutil.rmtree(folder)


def schema_of(network: Network, name: str) -> str:
    """The schema of a computer at PostgreSQL."""
    return f"{network.schemas}{name.replace('-', '_')}"


def topics_of(network: Network, place: Place, areas: Sequence[str]) -> tuple[list[str], list[str]]:
    """The topics that a computer reads, and those that it writes besides the mailboxes; `areas` have villages' nodes."""
    where = {"tier": place.tier, "area": place.area}
    reads = topics.topics_read_by(network.name, place.name, **where, village_areas=areas)
    return reads, topics.topics_written_by(network.name, **where)


def make_topics(data: Path, network: Network, place: Place) -> None:
    """The topics that it reads and writes, at the broker. Errors: WireDown."""
    if network.kafka:
        wire = open_wire(data, network)
        try:
            wire.ensure_topics(sorted({one for made in topics_of(network, place, ()) for one in made}))
        finally:
            wire.close()


def make_schema(folder: Path, place: Place, owner: str, together: str) -> None:
    """Its schema, and its role where it has one of its own. Errors: MayMakeNoRoles."""
    network = read_network(folder)
    server_roles.require_schema(owner, network.name, schema_of(network, place.name))
    if together:
        addresses = {place.name: network.postgres or "", server_roles.TOGETHER: together}
        server_roles.require_roles(owner, addresses)


def first_administrator(folder: Path, place: Place, office: UnitInfo, owner: str) -> str:
    """Tables, rights on them, and the first administrator; his new first password."""
    settings = NodeSettings(place.name, place.tier, place.area, folder, read_network(folder))
    opened = as_owner(settings, owner) if owner else settings
    node = open_node(opened)
    try:
        password = _password(node.accounts, office, node.now())
    finally:
        node.stop()
    if owner and role_of(settings) != make_url(owner).username:
        server_roles.give_rights(owner, {settings.schema or "": role_of(settings)})
    return password


def _password(accounts: Accounts, office: UnitInfo, at: datetime) -> str:
    """Of an account that a killed making left nobody knows the password: it gets another one."""
    left = accounts.find(LOGIN)
    if left is not None:
        return accounts.reset_password(left.id, by=SETUP, at=at)
    made = accounts.create_first_administrator(LOGIN, "Administrator", office.unit, at=at)
    return made.temporary_password or ""


def move_in(data: Path, folder: Path, name: str) -> Path:
    """The folder to its place among the nodes' folders."""
    home = data / "nodes" / name
    if folder != home:
        folder.rename(home)
    return home


def end(folder: Path) -> None:
    """Everything is done and told."""
    (folder / NOTE).unlink()
