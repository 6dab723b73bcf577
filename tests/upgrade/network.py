"""A network in a folder, run by the program of any release, and its people; everything goes by command or HTTP."""

import csv
import json
import subprocess
import tomllib
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import tomli_w

from tests.journeys.people import Person
from tests.journeys.processes import COMMAND, TODAY, Host, Program, huiyin
from tests.journeys.waiting import until
from tests.parts.backups import Backup, of_owner
from tests.upgrade.county import COUNTY, NODE_OF, full_code

TIERS = ("village", "township", "county")
_DESTROY = """
import sys
from pathlib import Path
from shared.event_log.key_ring import KeyRing
for ring in sys.argv[2:]:
    opened = KeyRing(Path(ring))
    opened.destroy([sys.argv[1]])
    opened.close()
"""
"""No release has a command for it yet."""

PASSWORDS = ("rehearsal-clerks.csv", "first-passwords.csv")


class Network:
    """The nodes of a folder; `programs` says for a tier which release runs it, today's where nothing is said.

    Its processes end with the `with` that it is used in.
    """

    def __init__(self, data: Path, programs: Mapping[str, Program] | None = None) -> None:
        self.data = data
        self._programs = dict.fromkeys(TIERS, TODAY) | dict(programs or {})
        self._modules = dict.fromkeys(TIERS, COMMAND)
        self._hosts: dict[str, Host] = {}
        self._people: dict[tuple[str, str], Person] = {}

    def __enter__(self) -> "Network":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @cached_property
    def tier_of(self) -> dict[str, str]:
        """Every node with its tier, as its folder says."""
        files = sorted((self.data / "nodes").glob("*/node.toml"))
        return {file.parent.name: tomllib.loads(file.read_text())["tier"] for file in files}

    def run_in_one(self) -> "Network":
        """One process runs all nodes."""
        host = self._start("all", TIERS[-1], "up", "--data", self.data)
        return self._runs(host, self.tier_of)

    def run_tier(self, tier: str) -> "Network":
        """A process for the nodes of one tier."""
        host = self._start(tier, tier, "up", "--data", self.data, "--tier", tier)
        return self._runs(host, [node for node, of in self.tier_of.items() if of == tier])

    def run_node(self, node: str) -> "Network":
        """A process for one node, at an address of its own."""
        alone = self._start(node, self.tier_of[node], "node", "--data", self.data, "--name", node)
        return self._runs(alone, [node])

    def change(self, tier: str, program: Program, module: str = COMMAND) -> None:
        """From its next start on a tier runs another release's program."""
        self._programs[tier], self._modules[tier] = program, module

    def stop(self, *tiers: str) -> None:
        """Stop the processes cleanly: all, or those of the tiers."""
        gone = [node for node in self._hosts if not tiers or self.tier_of[node] in tiers]
        for host in dict.fromkeys(self._hosts.pop(node) for node in gone):
            host.end()
        self._people = {key: person for key, person in self._people.items() if key[0] not in gone}

    def address(self, node: str) -> str:
        """Where a node answers."""
        host = self._hosts[node]
        alone = host.command_line()[0] == "node"
        return host.url if alone else f"{host.url}/n/{node}"

    def person(self, unit: str, role: str, node: str = "") -> Person:
        """Somebody who was hired by the rehearsal at an office, signed in."""
        return self.by_login(node or NODE_OF[unit], f"{role.split('_')[-1]}-{full_code(unit)}")

    def administrator(self, node: str) -> Person:
        """The first administrator of a node, signed in."""
        return self.by_login(node, "admin")

    def by_login(self, node: str, login: str) -> Person:
        """Somebody with an account at a node, signed in."""
        if (node, login) not in self._people:
            self._people[node, login] = Person(
                self.address(node),
                login,
                self._password(node, login),
                token=tomllib.loads((self.data / "network.toml").read_text()).get("rehearsal_token", ""),
            )
        return self._people[node, login]

    @cached_property
    def units(self) -> dict[str, dict[str, Any]]:
        """Every unit of the directory as the county says it, by the last six digits of its code."""
        listed = self.administrator("county").ask("/api/units")
        return {row["code"].removeprefix(COUNTY): row for row in listed}

    def unit(self, unit: str) -> str:
        """The id of a unit."""
        return self.units[unit]["unit"]

    def settle(self) -> None:
        """Wait until every node that runs says that all it sent is held, and that it has the keys it wants."""
        until(lambda: all(map(self.is_settled, self._hosts)), "settling")

    def is_settled(self, node: str) -> bool:
        """Whether a node says so."""
        reply = httpx.get(self.address(node) + "/settledz", timeout=20)
        return reply.status_code == 200 and reply.json() is True

    def state(self, node: str) -> dict[str, Any]:
        """What a running node says of itself."""
        return httpx.get(self.address(node) + "/statusz", timeout=20).json()

    def command(self, *arguments: object, expect: int | None = 0) -> str:
        """What a command of the county's program answers about the folder; nothing may be running for most."""
        release = {"program": self._programs["county"], "module": self._modules["county"]}
        return huiyin(*arguments, "--data", self.data, expect=expect, **release).stdout

    def dump(self) -> str:
        """The canonical dump of every projection."""
        return self.command("status", "--dump")

    def backup(self, node: str) -> Backup:
        """A copy of a node's database, beside the network; nothing may be running."""
        return Backup(of_owner(self.data, node), self.data.parent)

    def destroy_key(self, name: str) -> None:
        """Delete a key from every key ring, as the program itself does it; nothing may be running."""
        rings = sorted((self.data / "nodes").glob("*/keyring.sqlite"))
        program = self._programs["county"]
        command = [program.python, "-c", _DESTROY, name, *rings]
        subprocess.run(command, env=program.environment(), cwd=program.sources, check=True)

    def verify(self) -> dict[str, Any]:
        """What `huiyin verify` finds."""
        return json.loads(self.command("verify", "--json", expect=None))

    def _start(self, name: str, tier: str, *arguments: object) -> Host:
        log, program = self.data.with_name(f"{self.data.name}-{name}.log"), self._programs[tier]
        return Host(*arguments, log=log, module=self._modules[tier], program=program).start()

    def _runs(self, host: Host, nodes: Sequence[str] | Mapping[str, str]) -> "Network":
        self._hosts |= dict.fromkeys(nodes, host)
        return self

    def _password(self, node: str, login: str) -> str:
        for name in PASSWORDS:
            if (self.data / name).exists():
                with (self.data / name).open(encoding="utf-8", newline="") as file:
                    for row in csv.DictReader(file):
                        if row["login"] == login and row.get("node", node) == node:
                            return row["password"]
        raise KeyError(f"nobody is called {login} at {node}")


def move_to(data: Path, *, postgres: str, kafka: str) -> None:
    """Let a network that was kept on servers find today's: their addresses stand in its settings."""
    for file in [data / "network.toml", *sorted((data / "nodes").glob("*/network.toml"))]:
        settings = tomllib.loads(file.read_text()) | {"postgres": postgres, "kafka": kafka}
        file.write_text(tomli_w.dumps(settings))
