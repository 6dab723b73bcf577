"""Hosts as processes: clean stops, one writer a node, a node's folder that is all a computer needs."""

import json
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import httpx
import pytest

from tests.journeys.conftest import MakeNetwork
from tests.journeys.county import BUREAU, COUNTY_NODE, NODE_OF, OWN_NODE_VILLAGE
from tests.journeys.network import Network
from tests.journeys.orders import moment, petition
from tests.journeys.processes import Host, huiyin

OWN_NODE = NODE_OF[OWN_NODE_VILLAGE]


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_host_that_is_told_to_stop_ends_cleanly_and_starts_again_with_its_data(
    shared_network: Network, by: signal.Signals
):
    # Given a network at work
    host = shared_network.host(COUNTY_NODE)
    shared_network.settle()
    before = shared_network.facts(COUNTY_NODE)
    # When the county's process is told to stop
    assert host.stop(by) == 0
    # Then it answers no more; started again at the same address it holds what it held
    with pytest.raises(httpx.ConnectError):
        httpx.get(host.url)
    host.start()
    assert shared_network.facts(COUNTY_NODE)[: len(before)] == before
    shared_network.settle()


def test_a_second_process_for_a_running_node_refuses_to_start(shared_network: Network):
    # Given a running node, when another process is started for it, or a command wants to write to it
    second = huiyin("node", "--data", shared_network.data, "--name", OWN_NODE, "--port", 0, expect=2)
    writing = huiyin("rebuild", "--data", shared_network.data, "--name", OWN_NODE, expect=2)
    # Then both say in one line that there is one writer
    for said in (second.stderr, writing.stderr):
        assert OWN_NODE in said and "one writer" in said
        assert len(said.strip().splitlines()) == 1


def test_a_running_node_can_be_looked_at_and_checked(shared_network: Network):
    # When a running network is looked at, whole and one node of it
    state = huiyin("status", "--data", shared_network.data, "--name", OWN_NODE, "--json")
    verdict = shared_network.verify()
    # Then both are answered, and the processes go on
    assert [one["node"] for one in json.loads(state.stdout)] == [OWN_NODE]
    assert verdict["findings"] == []
    shared_network.settle()


def test_on_servers_a_second_computer_cannot_run_a_node_that_runs(make_network: MakeNetwork, tmp_path: Path):
    # Given a node that runs, and its folder copied to another computer
    network = make_network("servers", host=Host).run_alone(OWN_NODE)
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(network.data / "nodes" / OWN_NODE, elsewhere / "nodes" / OWN_NODE)
    # When the copy is started beside it, then the database's lease refuses it
    said = huiyin("node", "--data", elsewhere, "--name", OWN_NODE, "--port", 0, expect=2).stderr
    assert OWN_NODE in said and "lease" in said
    # But once the first is dead, the copy takes over
    network.host(OWN_NODE).kill()
    with running_elsewhere(elsewhere) as url:
        assert httpx.get(url + "/readyz").status_code == 200


def test_a_nodes_folder_is_all_that_another_computer_needs_on_servers(
    make_network: MakeNetwork, tmp_path: Path, day: date
):
    # Given a network of which one node's folder was carried to a computer of its own
    network = make_network("servers", host=Host)
    elsewhere = tmp_path / "elsewhere"
    shutil.move(network.data / "nodes" / OWN_NODE, elsewhere / "nodes" / OWN_NODE)
    # When it runs there, and the others where they were made
    network.run_in_one()
    with running_elsewhere(elsewhere) as url:
        network.reach({OWN_NODE: url})
        network.settle()
        # Then the directory has reached it, and what is registered there reaches the county
        clerk, unit = network.person(OWN_NODE_VILLAGE, "information_officer"), network.unit(OWN_NODE_VILLAGE)
        case = clerk.order("register-matter", at=moment(day, 9), **petition(unit, day))["case"]
        network.settle()
        assert network.person(BUREAU, "director").ask(f"/api/matters/{case}")["line"]["owner"] == str(unit)


@contextmanager
def running_elsewhere(data: Path) -> Iterator[str]:
    """The village's own node run from another folder; its address."""
    host = Host("node", "--data", data, "--name", OWN_NODE, log=data / "host.log").start()
    try:
        yield host.url
    finally:
        host.end()
