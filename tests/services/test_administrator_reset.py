"""A lost last administrator gets a new first password at the computer, and the offices above see that it was given."""

import pytest

from services.care_cli import RESET
from shared.accounts.rights import Role
from shared.work.matters.questions.timeline import feed
from tests.parts.terminal import huiyin
from tests.parts.tiny_fixtures import founded_on_files, tiny_on_files  # noqa: F401
from tests.parts.tiny_network import ALONE, FOUNDED, TOWN_A, VILLAGE_2, TinyNetwork
from tests.transport.wire_tools import until

RESETTING = ("administrator", "--reset", "--name", ALONE)


@pytest.fixture
def network(tiny_on_files: TinyNetwork) -> TinyNetwork:  # noqa: F811
    """The small county, nobody runs it."""
    return tiny_on_files


def test_given_a_lost_last_administrator_then_a_new_first_password_opens_one_page(network: TinyNetwork):
    # When the computer gives a new first password
    said = huiyin(*RESETTING, "--data", network.data)
    assert said.code == 0, said.err
    login, password = said.out.strip().split(" / ")
    # Then it opens the account, and must be changed
    (node,) = network.open(ALONE)
    node.accounts.sign_in(login, password, address="here", at=node.now())
    account = node.accounts.find(login)
    assert account and account.must_change_password
    history = node.accounts.changes(account.id)
    assert (history[-1].change, history[-1].by) == ("password_reset", RESET)


def test_given_a_reset_then_the_offices_above_see_it_and_no_password(network: TinyNetwork):
    said = huiyin(*RESETTING, "--data", network.data)
    password = said.out.strip().split(" / ")[1]
    with network.host() as host:
        until(lambda: all(node.is_settled() for node in host.nodes.values()))
        for above in ("county", "town-100"):
            entries = [one for one in host.nodes[above].ask(feed) if one.name == "administrator.reset"]
            assert [(one.source, one.data["node"], one.data["login"]) for one in entries] == [
                (ALONE, ALONE, "admin")
            ]
            assert entries[0].unit == network.units[VILLAGE_2]
            assert password not in str(entries[0].data)


def test_given_a_reset_that_cannot_be_recorded_then_the_password_stays(
    network: TinyNetwork, monkeypatch: pytest.MonkeyPatch
):
    (node,) = network.open(ALONE)
    before = node.accounts.find("admin")
    network.close()

    def cut(*_: object) -> None:
        raise OSError(28, "No space left on device", "log")

    monkeypatch.setattr("services.care_cli.record_reset", cut)
    assert huiyin(*RESETTING, "--data", network.data).code == 2
    (node,) = network.open(ALONE)
    assert node.accounts.find("admin") == before


def test_given_several_administrators_then_one_is_to_be_named(network: TinyNetwork):
    (node,) = network.open(ALONE)
    unit = network.units[TOWN_A]
    node.accounts.create("second", "值班员", unit, Role.ADMINISTRATOR, by="admin", at=FOUNDED)
    network.close()
    said = huiyin(*RESETTING, "--data", network.data)
    assert (said.code, len(said.err.splitlines())) == (2, 1) and "admin, second" in said.err
    assert huiyin(*RESETTING, "--login", "second", "--data", network.data).out.startswith("second / ")
    assert huiyin(*RESETTING, "--login", "nobody", "--data", network.data).code == 2


def test_given_a_node_that_runs_then_it_is_stopped_first(network: TinyNetwork):
    network.open(ALONE)
    said = huiyin(*RESETTING, "--data", network.data)
    assert said.code == 2 and "one writer" in said.err
