"""A network made by `huiyin init` and run by host processes, on either setting."""

import csv
import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
from sqlalchemy import NullPool, create_engine, select

from services.founding import FIRST_PASSWORDS
from shared.event_log.key_ring import KeyRing
from shared.event_log.tables import JOURNAL
from shared.settings.network import node_names, read_network, read_node
from tests.journeys.county import NODE_OF, County
from tests.journeys.forked import Forked
from tests.journeys.people import PASSWORD, Person
from tests.journeys.processes import Host, huiyin
from tests.journeys.waiting import until

TIERS = ("village", "township", "county")


@dataclass(frozen=True)
class Servers:
    """What a network setting stands on: a PostgreSQL database of its own, and a broker's HOST:PORT."""

    postgres: str
    kafka: str


class Network:
    """One network in a folder; hosts run its nodes."""

    def __init__(
        self,
        folder: Path,
        county: County,
        *,
        servers: Servers | None = None,
        rehearsal: bool = True,
        host: type[Host] = Forked,
    ) -> None:
        self.county = county
        self.data = folder / "network"
        self.servers = servers
        self.rehearsal = rehearsal
        self._new_host = host
        self._folder = folder
        self._host_of: dict[str, Host] = {}
        self._address: dict[str, str] = {}
        self._people: dict[tuple[str, str], Person] = {}
        huiyin("init", *self.init_arguments(folder))

    def init_arguments(self, folder: Path) -> list[object]:
        """What the network is made with."""
        divisions, offices = self.county.write(folder)
        options: list[object] = ["--divisions", divisions, "--offices", offices, "--data", self.data]
        options += ["--name", self.county.network]
        options += [part for code in self.county.own_nodes for part in ("--own-node", code)]
        if self.servers:
            options += ["--postgres", self.servers.postgres, "--kafka", self.servers.kafka]
        return options + (["--rehearsal"] if self.rehearsal else [])

    def run_in_one(self) -> "Network":
        """One process runs all nodes."""
        return self._run("up", node_names(self.data), "up", "--data", self.data)

    def run_by_tier(self) -> "Network":
        """A process a tier."""
        for tier in TIERS:
            nodes = [name for name in node_names(self.data) if read_node(self.data, name).tier == tier]
            self._run(tier, nodes, "up", "--data", self.data, "--tier", tier)
        return self

    def run_alone(self, *names: str) -> "Network":
        """A process a node."""
        for name in names:
            self._run(name, [name], "node", "--data", self.data, "--name", name)
            self._address[name] = self._host_of[name].url
        return self

    def reach(self, addresses: Mapping[str, str]) -> None:
        """Nodes that others run answer at these addresses."""
        self._address.update(addresses)

    def host(self, node: str) -> Host:
        """The process that runs a node."""
        return self._host_of[node]

    def hosts(self) -> list[Host]:
        """Every process of the network."""
        return list(dict.fromkeys(self._host_of.values()))

    def stop(self) -> None:
        """Stop every process that runs."""
        for host in self.hosts():
            host.end()

    def start(self) -> None:
        """Start every process again."""
        for host in self.hosts():
            host.launch()
        for host in self.hosts():
            host.wait_until_it_answers()

    def unit(self, unit: str) -> UUID:
        """The id of a unit."""
        return self.county.unit(unit)

    def address(self, node: str) -> str:
        """Where a node answers."""
        return self._address[node]

    def person(self, unit: str, role: str) -> Person:
        """Somebody at an office, signed in; made by the administrator of the node at the first call."""
        if (unit, role) not in self._people:
            login = f"{role.replace('_', '-')}-{unit}"
            body = {"login": login, "name": "王秀英", "unit": str(self.unit(unit)), "role": role}
            self.administrator(NODE_OF[unit]).http.post(
                "/api/accounts", json=body | {"password": PASSWORD}
            ).raise_for_status()
            self._people[unit, role] = Person(self.address(NODE_OF[unit]), login, token=self.token)
        return self._people[unit, role]

    def administrator(self, node: str) -> Person:
        """The first administrator of a node, signed in; on a real network with a password of their own."""
        if (node, "administrator") not in self._people:
            first = self.first_password(node)
            made = Person(self.address(node), "admin", first, token=self.token)
            if not self.rehearsal:
                made.change_password(first)
            self._people[node, "administrator"] = made
        return self._people[node, "administrator"]

    @property
    def token(self) -> str:
        """What lets people set the clock; empty in a real network."""
        return read_network(self.data).rehearsal_token

    def first_password(self, node: str) -> str:
        """The password that was made with the network."""
        with (self.data / FIRST_PASSWORDS).open(encoding="utf-8", newline="") as file:
            return next(row["password"] for row in csv.DictReader(file) if row["node"] == node)

    def settle(self) -> None:
        """Wait until every node says that all it sent is held, and that it has the keys it wants."""
        until(lambda: all(map(self._is_settled, self._address)), "settling")

    def wire_of(self, node: str) -> str:
        """Whether a node's wire is up or down, as its state says."""
        return httpx.get(self.address(node) + "/statusz", timeout=20).json()["wire"]

    def facts(self, node: str) -> list[UUID]:
        """Ids of all facts that a node knows, own and received, in the order of its journal."""
        settings = read_node(self.data, node)
        engine = create_engine(settings.database, poolclass=NullPool)
        with engine.execution_options(schema_translate_map={None: settings.schema}).connect() as connection:
            return list(connection.scalars(select(JOURNAL.c.fact).order_by(JOURNAL.c.position)))

    def keys_of(self, node: str, subject: str) -> dict[str, bytes]:
        """The keys of a matter or letter that a node holds."""
        with closing(KeyRing(self.data / "nodes" / node / "keyring.sqlite")) as ring:
            return ring.of_subject(UUID(subject))

    def dump(self) -> str:
        """The canonical dump of every projection; the hosts must not be running."""
        return huiyin("status", "--data", self.data, "--dump").stdout

    def verify(self, *, expect: int = 0) -> dict:
        """What `huiyin verify` finds; the hosts must not be running."""
        return json.loads(huiyin("verify", "--data", self.data, "--json", expect=expect).stdout)

    def _run(self, name: str, nodes: list[str], *arguments: object) -> "Network":
        host = self._new_host(*arguments, log=self._folder / f"{name}.log").start()
        for node in nodes:
            self._host_of[node] = host
            self._address[node] = f"{host.url}/n/{node}"
        return self

    def _is_settled(self, node: str) -> bool:
        reply = httpx.get(self.address(node) + "/settledz", timeout=20)
        return reply.status_code == 200 and reply.json() is True
