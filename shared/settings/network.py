"""Settings: read once, every gap named at once, no secret with a default.

A network folder holds `network.toml` (the same for all), and `nodes/NAME/` with `node.toml`,
`keys.json` and what the node keeps. Nothing here is read from the environment at import.
"""

import tomllib
from dataclasses import asdict, dataclass, field, replace
from datetime import time
from pathlib import Path
from typing import Any

import tomli_w

from shared.settings.front import Front, front_of, gaps_of_front, table_of
from shared.settings.limits import Flow, gaps_of, gaps_of_sizes
from shared.settings.names import wrong_with_kafka, wrong_with_postgres
from shared.work.common.cannot_go_on import CannotGoOn
from shared.work.common.closing import PERIODS, Closing
from shared.work.common.quota import Quotas

NETWORK_FILE = "network.toml"
NODE_FILE = "node.toml"
UNFINISHED = "unfinished-init.toml"
"""Stands in a folder as long as its network is being made; see services/unfinished.py."""

LARGEST_QUOTA = 1_000_000_000
"""Largest value of a quota; a network that wants none sets this."""

EARLIER_SCHEMAS = "node_"
"""How schemas of networks begin that releases before 0.2 made, whatever the network's name."""


class SettingsMissing(CannotGoOn):
    """One or more settings are missing or wrong; the message names every one of them."""

    code = "settings-missing"


@dataclass(frozen=True)
class CutOffs:
    """Until when a tier's daily report is on time; local time in Asia/Shanghai.

    Defaults follow published township notices (16:00) with an hour more for each tier.
    """

    village: time = time(16, 0)
    township: time = time(17, 0)
    county: time = time(18, 0)


@dataclass(frozen=True)
class Network:
    """What all nodes of a network share.

    `rehearsal_token` is what somebody shows who sets a rehearsal's clock; empty, as in networks of earlier releases: whoever is
    signed in may. `postgres` is the address for one node, or, with `together`, for a process that runs any nodes of the folder; `schemas`
    is how the names of the nodes' schemas begin.
    """

    name: str
    county_node: str
    county_signing_key: str
    rehearsal: bool
    postgres: str | None
    kafka: str | None
    cut_offs: CutOffs = field(default_factory=CutOffs)
    flow: Flow = field(default_factory=Flow)
    reports: Closing = field(default_factory=Closing)
    quotas: Quotas = field(default_factory=Quotas)
    front: Front = field(default_factory=Front)
    rehearsal_token: str = field(default="", repr=False)
    schemas: str = EARLIER_SCHEMAS
    together: bool = False

    @property
    def on_servers(self) -> bool:
        """Whether the network runs on PostgreSQL and Kafka."""
        return self.kafka is not None


@dataclass(frozen=True)
class NodeSettings:
    """One node: its name, its place in the network, and its folder."""

    name: str
    tier: str
    area: str
    folder: Path
    network: Network

    @property
    def database(self) -> str:
        """The database address of this node's log."""
        return self.network.postgres or f"sqlite:///{self.folder / 'log.sqlite'}"

    @property
    def schema(self) -> str | None:
        """The PostgreSQL schema of this node."""
        return f"{self.network.schemas}{self.name.replace('-', '_')}" if self.network.postgres else None


def schemas_of(network: str) -> str:
    """How the names of the schemas of a network begin; no other network's begin so."""
    return f"{network.replace('-', '_')}__"


def write_network(folder: Path, network: Network) -> None:
    """Write `network.toml`; the database address may hold a password, so it is the owner's alone."""
    cuts = network.cut_offs
    content: dict[str, Any] = {
        "name": network.name,
        "county_node": network.county_node,
        "county_signing_key": network.county_signing_key,
        "rehearsal": network.rehearsal,
        "cut_offs": {"village": cuts.village, "township": cuts.township, "county": cuts.county},
    }
    if network.flow != Flow():
        content["flow"] = asdict(network.flow)
    if network.reports != Closing():
        content["reports"] = asdict(network.reports)
    if network.quotas != Quotas():
        content["quotas"] = asdict(network.quotas)
    servers = {"postgres": network.postgres, "kafka": network.kafka, "together": network.together}
    content |= {key: value for key, value in servers.items() if value} | table_of(network.front)
    if network.rehearsal_token:
        content["rehearsal_token"] = network.rehearsal_token
    if network.schemas != EARLIER_SCHEMAS:
        content["schemas"] = network.schemas
    write_privately(folder / NETWORK_FILE, content)


def write_privately(path: Path, content: dict[str, Any]) -> None:
    """Write settings that only the owner of the file may read; whole, or as they were before."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    part.write_text(tomli_w.dumps(content))
    part.replace(path)


def read_network(folder: Path) -> Network:
    """Read `network.toml`. Errors: SettingsMissing."""
    raw = _read(folder / NETWORK_FILE)
    gaps = _gaps(raw, {"name": str, "county_node": str, "county_signing_key": str, "rehearsal": bool})
    gaps += _wrong(
        raw, {"postgres": str, "kafka": str, "schemas": str, "together": bool, "rehearsal_token": str}
    )
    if bool(raw.get("postgres")) != bool(raw.get("kafka")):
        gaps.append("postgres and kafka are given together or not at all")
    if not gaps:
        gaps += _wrong_addresses(raw)
    gaps += gaps_of(raw.get("flow", {})) + _gaps_of_closing(raw.get("reports", {}))
    gaps += gaps_of_sizes("quotas", Quotas, LARGEST_QUOTA, raw.get("quotas", {}))
    gaps += gaps_of_front(raw.get("web"))
    if gaps:
        raise SettingsMissing(f"{folder / NETWORK_FILE}: {'; '.join(gaps)}")
    return Network(
        name=raw["name"],
        county_node=raw["county_node"],
        county_signing_key=raw["county_signing_key"],
        rehearsal=raw["rehearsal"],
        postgres=raw.get("postgres"),
        kafka=raw.get("kafka"),
        cut_offs=CutOffs(**raw.get("cut_offs", {})),
        flow=Flow(**raw.get("flow", {})),
        reports=Closing(**raw.get("reports", {})),
        quotas=Quotas(**raw.get("quotas", {})),
        front=front_of(raw.get("web")),
        rehearsal_token=raw.get("rehearsal_token", ""),
        schemas=raw.get("schemas", EARLIER_SCHEMAS),
        together=raw.get("together", False),
    )


def _gaps_of_closing(raw: dict[str, Any]) -> list[str]:
    """What is wrong with the table `[reports]`, in words."""
    known = Closing.__dataclass_fields__
    gaps = [f"`reports.{name}` is not known: {', '.join(known)} are" for name in raw if name not in known]
    if raw.get("period", Closing.period) not in PERIODS:
        gaps.append(f"`reports.period` is one of {', '.join(PERIODS)}")
    days = raw.get("days_after", Closing.days_after)
    if type(days) is not int or days < 0:
        gaps.append("`reports.days_after` is a whole number of days, 0 or more")
    return gaps


def write_node(folder: Path, name: str, tier: str, area: str) -> None:
    """Write a node's `node.toml`."""
    (folder / NODE_FILE).write_text(tomli_w.dumps({"name": name, "tier": tier, "area": area}))


def read_node(data: Path, name: str) -> NodeSettings:
    """Read one node's settings; its folder may carry a `network.toml` of its own.

    In a folder whose nodes have roles of their own at PostgreSQL, a process goes by the address for all of them: a pool of
    connections each would be hundreds. Errors: SettingsMissing.
    """
    require_finished(data)
    folder = data / "nodes" / name
    raw = _read(folder / NODE_FILE)
    gaps = _gaps(raw, {"name": str, "tier": str, "area": str})
    if gaps:
        raise SettingsMissing(f"{folder / NODE_FILE}: {'; '.join(gaps)}")
    network = _network_of(data, folder)
    if (data / NETWORK_FILE).exists() and (all_of_them := read_network(data)).together:
        network = replace(network, postgres=all_of_them.postgres)
    return NodeSettings(raw["name"], raw["tier"], raw["area"], folder, network)


def node_names(data: Path) -> list[str]:
    """The nodes whose folders are here, by name. Errors: SettingsMissing when there is none."""
    require_finished(data)
    names = sorted(path.parent.name for path in (data / "nodes").glob(f"*/{NODE_FILE}"))
    if not names:
        raise SettingsMissing(f"{data}: no network here; make one with `huiyin init --data {data} ...`")
    return names


def _network_of(data: Path, folder: Path) -> Network:
    """The node's own file; what it does not say of the front stands in the network's, for all that run together."""
    if not (folder / NETWORK_FILE).exists():
        return read_network(data)
    own = read_network(folder)
    if own.front in (Front(), Front(hosts=None)) and (data / NETWORK_FILE).exists():
        return replace(own, front=read_network(data).front)
    return own


def require_finished(data: Path) -> None:
    """Errors: SettingsMissing where making a network ended half way."""
    if (data / UNFINISHED).exists():
        raise SettingsMissing(
            f"{data}: `huiyin init` ended half way here; give the same command again: it removes what was left behind "
            "and makes the network anew"
        )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except FileNotFoundError:
        require_finished(path.parent)
        raise SettingsMissing(f"{path} is missing; make a network with `huiyin init`") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsMissing(f"{path} cannot be read: {error}") from None


def _gaps(raw: dict[str, Any], needed: dict[str, type]) -> list[str]:
    missing = [f"`{key}` is missing" for key in needed if key not in raw]
    return missing + _wrong(raw, needed)


def _wrong_addresses(raw: dict[str, Any]) -> list[str]:
    said = {
        "postgres": wrong_with_postgres(raw["postgres"]) if raw.get("postgres") else "",
        "kafka": wrong_with_kafka(raw["kafka"]) if raw.get("kafka") else "",
    }
    return [f"`{key}`: {what}" for key, what in said.items() if what]


def _wrong(raw: dict[str, Any], kinds: dict[str, type]) -> list[str]:
    return [
        f"`{key}` is not a {kind.__name__}"
        for key, kind in kinds.items()
        if key in raw and not isinstance(raw[key], kind)
    ]
