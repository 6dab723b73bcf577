"""A node's disk is lost: from its backup, or with an empty database, it takes back what others hold; by commands."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.journeys.conftest import FIRST_DAY, MakeNetwork
from tests.journeys.county import BUREAU, COUNTY_NODE, NODE_OF, TOWN, VILLAGE, fresh_county
from tests.journeys.network import Network
from tests.journeys.orders import moment, petition
from tests.journeys.people import Person, Refused
from tests.journeys.processes import huiyin
from tests.parts.backups import Backup, empty, of_owner

AT_NINE = moment(FIRST_DAY, 9)
AT_TEN = moment(FIRST_DAY, 10)


@dataclass(frozen=True)
class Office:
    """A small network at work; the disk of one of its nodes can be lost."""

    network: Network
    folder: Path

    def stop(self, node: str) -> None:
        """Stop the node; on one machine a process runs all of them."""
        self.network.host(node).end()

    def start(self, node: str) -> None:
        """Start it again and wait until everything has settled."""
        self.network.host(node).start()
        self.network.settle()

    def backup(self, node: str) -> Backup:
        """A copy of the node's database, taken while it is stopped."""
        self.stop(node)
        kept = Backup(of_owner(self.network.data, node), self.folder)
        self.start(node)
        return kept

    def restore(self, node: str) -> dict:
        """What the command reports."""
        return json.loads(huiyin("restore", "--data", self.network.data, "--name", node, "--json").stdout)

    def verify(self) -> list[dict]:
        """What is found on all nodes, which are stopped for it."""
        self.network.stop()
        findings = self.network.verify()["findings"]
        self.network.start()
        return findings


@pytest.fixture(scope="module")
def office(
    setting: str, make_network: MakeNetwork, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """A county with one township; a process a node on servers, one process on one machine."""
    network = make_network(setting, fresh_county(towns=("101",)))
    if setting == "servers":
        network.run_alone(NODE_OF[VILLAGE], NODE_OF[TOWN], COUNTY_NODE)
    else:
        network.run_in_one()
    network.settle()
    yield Office(network, tmp_path_factory.mktemp("backups"))


def register(network: Network, clerk: Person) -> str:
    """A matter of the village, offered to its township; its number."""
    answer = clerk.order("register-matter", at=AT_NINE, **petition(network.unit(VILLAGE), FIRST_DAY))
    clerk.order("refer-matter", at=AT_TEN, case=answer["case"], to=network.unit(TOWN))
    return answer["number"]


def test_a_node_goes_on_from_its_backup_with_all_that_others_hold(office: Office):
    # Given a village that worked before and after its backup
    network, node = office.network, NODE_OF[VILLAGE]
    clerk = network.person(VILLAGE, "information_officer")
    register(network, clerk)
    network.settle()
    kept = office.backup(node)
    number = register(network, clerk)
    network.settle()
    facts = set(network.facts(node))
    # When its disk is lost and its backup put back
    office.stop(node)
    kept.put_back()
    report = office.restore(node)
    office.start(node)
    # Then everybody signs in again
    with pytest.raises(Refused, match="401"):
        register(network, clerk)
    for person in (clerk, network.administrator(node)):
        person.sign_in_again()
    # And it knows all of its facts, and the clerk's page tells what came of it
    assert facts <= set(network.facts(node))  # and what was done to accounts since is told upward
    assert (report["life"], report["lost"], report["torn"]) == (2, [], [])
    assert report["taken_back"] == 2
    assert number in clerk.page("/matters?scope=own")
    assert "已从备份恢复" in network.administrator(node).page("/state")
    # And a new matter gets a number of the new life, and reaches the county
    assert "-100001-" in register(network, clerk)
    network.settle()
    assert office.verify() == []


@pytest.mark.parametrize("unit", [TOWN, BUREAU])
def test_a_parent_with_an_empty_database_is_made_anew_from_its_children(office: Office, unit: str):
    # Given a network at work
    network, node = office.network, NODE_OF[unit]
    register(network, network.person(VILLAGE, "information_officer"))
    network.settle()
    facts = set(network.facts(node))
    # When a node above begins with an empty database
    office.stop(node)
    empty(of_owner(network.data, node))
    report = office.restore(node)
    said = huiyin("administrator", "--data", network.data, "--name", node).stdout
    office.start(node)
    # Then it knows all of its facts again, and a first administrator may come in
    assert set(network.facts(node)) >= facts
    assert report["torn"] == [] and report["silent"] == []
    login, password = said.strip().split(" / ")
    Person(network.address(node), login, password).change_password(password)
    assert office.verify() == []
