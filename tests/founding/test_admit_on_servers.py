"""`huiyin admit` and `huiyin revoke` on PostgreSQL and Kafka: a role that opens one schema comes and goes with its computer."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from psycopg2 import OperationalError
from psycopg2.errors import InsufficientPrivilege

from services import newcomer, server_roles
from services.nodes import open_node
from services.running import running
from shared.database.engines import dispose_all
from shared.node.node import Node
from shared.process.host import Host
from shared.settings.network import node_names, read_network, read_node
from shared.transport.kafka.wire import KafkaWire
from tests.founding.conftest import VILLAGE
from tests.founding.test_on_servers import PowerCut, carried, init, network, roles, sql  # noqa: F401
from tests.parts.terminal import Said, huiyin
from tests.transport.wire_tools import until

NAME = "village-100-201"


def admit(data: Path, *more: object) -> Said:
    return huiyin("admit", "--data", data, "--name", NAME, "--unit", VILLAGE, *more)


@contextmanager
def at_work(data: Path) -> Iterator[Host]:
    """All nodes of the folder in one process."""
    with running(data, node_names(data), port=0) as (host, _):
        yield host


def _trusted(node: Node) -> set[str]:
    known = node.directory.nodes
    return {NAME} if NAME not in known else {one.name for one in node.directory.trusted}


def keeps_its_office(host: Host) -> bool:
    return [unit.code for unit in host.nodes[NAME].units()] == [VILLAGE]


@pytest.fixture
def grown(network: Path) -> Path:  # noqa: F811
    """A network with a role for each node, and a computer that was taken in later."""
    said = admit(network)
    assert said.code == 0, said.err
    return network


def test_a_computer_that_was_taken_in_works_with_a_role_that_opens_its_schema_alone(
    grown: Path, tmp_path: Path
):
    # Given its folder on another computer
    address = carried(grown, NAME, tmp_path / "away")
    own, other = (read_node(grown, name).schema for name in (NAME, "town-100"))
    # Then its address opens its own node, changes nothing that was recorded, and sees nothing of others
    open_node(read_node(tmp_path / "away", NAME)).stop()
    for statement in (f"DELETE FROM {own}.stored_events", f"SELECT * FROM {other}.stored_events"):
        with pytest.raises(InsufficientPrivilege):
            sql(address, statement)
    # And it works with all others in one process, too, under the role for all of them
    with at_work(grown) as host:
        until(lambda: keeps_its_office(host))
    assert huiyin("verify", "--data", grown).code == 0
    dispose_all()


def test_the_rights_that_a_broker_is_to_give_are_told(network: Path):  # noqa: F811
    said, name = admit(network), read_network(network).name
    assert f"reads {name}.to.{NAME}; it writes {name}.village.430321100, {name}.to.*" in said.out
    wire = KafkaWire(read_network(network).kafka or "")
    wire.ensure_topics([f"{name}.to.{NAME}"])
    assert f"{name}.to.{NAME}" in wire.identities()
    wire.close()


POINTS = ("require_schema", "require_roles", "give_rights")


@pytest.mark.parametrize("point", POINTS)
def test_given_a_command_that_was_killed_at_the_server_then_the_same_one_goes_on(
    point: str,
    network: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
):
    def cut(*_: object, **__: object) -> None:
        raise PowerCut

    with monkeypatch.context() as power, pytest.raises(PowerCut):
        power.setattr(server_roles, point, cut)
        admit(network)
    dispose_all()
    said = admit(network)
    assert said.code == 0, said.err
    owner = server_roles.read_owner(network) or ""
    schema = read_node(network, NAME).schema or ""
    assert (
        len(
            [one for one in roles(owner, read_network(network).schemas.rstrip("_")) if one.startswith(schema)]
        )
        == 1
    )
    with at_work(network) as host:
        until(lambda: keeps_its_office(host))


def test_a_computer_that_leaves_takes_its_role_along_and_leaves_its_facts(grown: Path, tmp_path: Path):
    # Given a computer, and its address in somebody's hands
    address, schema = carried(grown, NAME, tmp_path / "away"), read_node(grown, NAME).schema
    # When it leaves
    said = huiyin("revoke", "--data", grown, "--name", NAME, "--reason", "电脑被盗")
    assert said.code == 0, said.err
    # Then the address opens nothing any more, and what was recorded is there
    with pytest.raises(OperationalError):
        sql(address, "SELECT 1")
    owner = server_roles.read_owner(grown) or ""
    assert sql(owner, f"SELECT count(*) >= 0 FROM {schema}.stored_events") == [(True,)]
    assert re.search(r"Its role at PostgreSQL \(\S+\) has ended", said.out)
    # And the others work together without it
    with at_work(grown) as host:
        assert NAME not in host.nodes
        until(lambda: all(NAME not in _trusted(node) for node in host.nodes.values()))
    dispose_all()


def test_an_owner_who_is_not_known_is_asked_for_before_anything_is_made(network: Path):  # noqa: F811
    (network / server_roles.OWNER_FILE).unlink()
    said = admit(network)
    assert (said.code, len(said.err.splitlines())) == (2, 1) and "--postgres" in said.err
    assert newcomer.folder_of(network, NAME) is None


def test_a_name_too_long_for_the_server_and_a_schema_that_is_there_are_told_first(network: Path):  # noqa: F811
    owner = server_roles.read_owner(network) or ""
    sql(owner, f'CREATE SCHEMA "{read_network(network).schemas}village_100_201"')
    for said in (admit(network), huiyin("admit", "--data", network, "--name", "v" * 50, "--unit", VILLAGE)):
        assert (said.code, len(said.err.splitlines())) == (2, 1) and "--name" in said.err
    assert not (network / newcomer.ADMITTING).exists()
