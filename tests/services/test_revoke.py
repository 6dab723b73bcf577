"""`huiyin revoke`: a computer leaves the network, and whoever gives the command knows what stays to be done."""

from pathlib import Path

import pytest

from services.revoke_cli import LEFT
from shared.settings.network import node_names
from tests.parts.terminal import Said, huiyin
from tests.parts.tiny_fixtures import founded_on_files, tiny_on_files  # noqa: F401
from tests.parts.tiny_network import ALONE, COUNTY, VILLAGE_2, TinyNetwork
from tests.services.network import Stage
from tests.services.test_admit import at_work, token
from tests.transport.wire_tools import until


@pytest.fixture
def network(tiny_on_files: TinyNetwork) -> TinyNetwork:  # noqa: F811
    """The small county, nobody runs it."""
    return tiny_on_files


def revoke(data: Path, *more: object, name: str = ALONE, reason: str = "电脑被盗") -> Said:
    return huiyin("revoke", "--data", data, "--name", name, "--reason", reason, *more)


def test_given_a_county_that_is_stopped_then_a_computer_leaves_and_its_offices_are_named(
    network: TinyNetwork,
):
    said = revoke(network.data)
    assert said.code == 0, said.err
    assert VILLAGE_2 in said.out and "move each to another computer" in said.out
    # Then nothing of the network takes its folder for a node, and it keeps what it recorded
    assert ALONE not in node_names(network.data)
    assert (network.data / LEFT / ALONE / "log.sqlite").exists()
    # And everybody hears of it
    with at_work(network.data) as (host, _):
        until(lambda: host.nodes["town-100"].directory.nodes[ALONE].revoked_on)
    assert huiyin("verify", "--data", network.data).code == 0


def test_given_a_computer_that_runs_then_nothing_is_taken_of_it_and_the_folder_waits(network: TinyNetwork):
    with at_work(network.data) as (host, address):
        said = revoke(network.data, "--url", f"{address}/n/county", "--token", token(host))
        assert (said.code, len(said.err.splitlines())) == (2, 1) and "still runs it" in said.err
        assert host.nodes["county"].directory.nodes[ALONE].revoked_on
    # When it is stopped and the command is given again, then the rest is done
    assert revoke(network.data).code == 0
    assert ALONE not in node_names(network.data)


def test_an_office_of_a_computer_that_left_gets_another_one(network: TinyNetwork):
    assert revoke(network.data).code == 0
    said = huiyin("admit", "--data", network.data, "--name", "village-100-202b", "--unit", VILLAGE_2)
    assert said.code == 0, said.err
    with at_work(network.data) as (host, _):
        until(lambda: host.nodes["village-100-202b"].keeps(network.units[VILLAGE_2]))


def test_the_countys_page_names_the_offices_that_nobody_keeps_and_how_each_gets_another_computer(
    network: TinyNetwork,
):
    # Given a computer that left, with its office
    assert revoke(network.data).code == 0
    with at_work(network.data) as (host, address):
        stage = Stage(host, address)
        administrator, clerk = (stage.newcomer(COUNTY, role) for role in ("administrator", "director"))
        # Then whoever may change the directory is led to the order, others read the name
        way, told = f"/directory/{network.units[VILLAGE_2]}/rehost", "Nobody keeps these offices now."
        page = administrator.get("/directory/nodes").text
        assert told in page and way in page
        page = clerk.get("/directory/nodes").text
        assert told in page and "石井村" in page and way not in page
        # And the computer that left is not offered
        page = administrator.get(way).text
        assert f'value="{ALONE}"' not in page and 'value="villages-100"' in page


WRONG = {
    "nobody": ({"name": "nobody"}, "--name"),
    "the county": ({"name": "county"}, "cannot be taken out"),
    "no reason": ({"reason": " "}, "--reason"),
    "two lines": ({"reason": "a\nb"}, "--reason"),
}


@pytest.mark.parametrize(("given", "told"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_option_is_told_in_one_line(given: dict[str, str], told: str, network: TinyNetwork):
    said = revoke(network.data, **given)
    assert (said.code, len(said.err.splitlines())) == (2, 1) and told in said.err
    assert ALONE in node_names(network.data)
