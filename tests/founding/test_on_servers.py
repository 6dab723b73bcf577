"""Networks on PostgreSQL and Kafka: names that never meet, roles that open one schema, nothing left half made."""

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from psycopg2.errors import InsufficientPrivilege
from sqlalchemy import make_url

from services import founding, server_roles
from services.nodes import open_node
from services.opening import open_host
from services.unfinished import FIRST_PASSWORDS
from shared.database.engines import dispose_all
from shared.event_log.node_keys import NodeKeys
from shared.node.own_keys import KeysOfAnother
from shared.settings.network import (
    NETWORK_FILE,
    UNFINISHED,
    SettingsMissing,
    node_names,
    read_network,
    read_node,
)
from shared.transport.kafka.wire import KafkaWire
from shared.transport.wire import Message
from tests.founding.conftest import NODES
from tests.parts.kafka import KafkaBroker
from tests.parts.terminal import Said, huiyin

Init = Callable[..., Said]


def sql(address: str, statement: str) -> list[tuple[Any, ...]]:
    """What a database says to whoever has this address."""
    with closing(psycopg2.connect(address)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def schemas(address: str) -> set[str]:
    return {
        row[0] for row in sql(address, "SELECT nspname FROM pg_namespace WHERE nspname ~ '^(huiyin|node|n)_'")
    }


def roles(address: str, network: str) -> list[str]:
    return [
        row[0] for row in sql(address, f"SELECT rolname FROM pg_roles WHERE rolname LIKE '{network}\\_\\_%'")
    ]


@pytest.fixture
def init(divisions: Path, database: str, kafka: KafkaBroker) -> Init:
    """`huiyin init` on this test's database."""
    servers = ("--postgres", database, "--kafka", kafka.bootstrap)
    return lambda data, *more: huiyin("init", "--data", data, "--divisions", divisions, *servers, *more)


@pytest.fixture
def network(init: Init, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A network with a role for each node."""
    name = f"n-{abs(hash(request.node.name)) % 10**9}"
    said = init(tmp_path / "net", "--name", name)
    assert said.code == 0, said.err
    return tmp_path / "net"


def carried(network: Path, node: str, to: Path) -> str:
    """A node's folder alone on another computer; the address that is in it."""
    shutil.copytree(network / "nodes" / node, to / "nodes" / node)
    return read_node(to, node).database


def test_a_carried_folder_holds_no_right_beyond_its_node(network: Path, tmp_path: Path):
    # Given a node's folder on another computer
    address = carried(network, "villages-100", tmp_path / "away")
    own, other = (read_node(network, name).schema for name in ("villages-100", "villages-101"))
    # Then its address opens its own node
    open_node(read_node(tmp_path / "away", "villages-100")).stop()
    # But it changes and deletes nothing that was recorded, and sees nothing of any other node
    for statement in (
        f"DELETE FROM {own}.stored_events",
        f"UPDATE {own}.journal SET position = 0",
        f"SELECT * FROM {other}.stored_events",
        f"DELETE FROM {other}.stored_events",
        f"DROP SCHEMA {other} CASCADE",
        "CREATE SCHEMA mine",
        "CREATE ROLE another",
    ):
        with pytest.raises(InsufficientPrivilege):
            sql(address, statement)
    # And the owner's address stands nowhere in it
    owner = server_roles.read_owner(network)
    texts = [path.read_text() for path in (tmp_path / "away").rglob("*.toml")]
    assert owner and not any(owner in text for text in texts)
    dispose_all()


def test_the_nodes_of_the_folder_run_together_under_one_role_that_changes_no_fact(network: Path):
    host = open_host(network, node_names(network))
    host.start_nodes()
    address = host.nodes["county"].settings.database
    for node in host.nodes.values():
        assert node.settings.database == address
        node.stop()
    with pytest.raises(InsufficientPrivilege):
        sql(address, f"DELETE FROM {host.nodes['county'].settings.schema}.stored_events")
    host.wire.close()


def test_every_file_with_a_password_is_for_its_owner_alone(network: Path):
    for path in (*network.rglob(NETWORK_FILE), network / server_roles.OWNER_FILE, network / FIRST_PASSWORDS):
        assert path.stat().st_mode & 0o077 == 0, path


def test_practice_and_real_work_share_a_database_and_a_broker_without_touching(
    init: Init, database: str, tmp_path: Path
):
    # When both are made from the same files on the same servers
    real, practice = init(tmp_path / "real"), init(tmp_path / "practice", "--rehearsal")
    assert (real.code, practice.code) == (0, 0), real.err + practice.err
    # Then each has its own name, schemas, topics and offices
    names = [read_network(tmp_path / folder).name for folder in ("real", "practice")]
    assert names == ["huiyin-430321", "huiyin-430321-practice"]
    assert len(schemas(database)) == 2 * len(NODES)
    for folder in ("real", "practice"):
        assert huiyin("verify", "--data", tmp_path / folder).code == 0


def test_a_second_network_of_the_same_name_is_refused_as_what_it_is(
    init: Init, network: Path, tmp_path: Path
):
    name = read_network(network).name
    before = (network / NETWORK_FILE).read_bytes()
    said = init(tmp_path / "second", "--name", name)
    assert said.code == 2
    assert f"network called {name} already" in said.err and "--name" in said.err
    assert len(said.err.splitlines()) == 1
    assert not (tmp_path / "second").exists()
    assert (network / NETWORK_FILE).read_bytes() == before


def test_a_name_under_which_the_broker_has_carried_messages_is_refused(
    init: Init, kafka: KafkaBroker, tmp_path: Path
):
    wire = KafkaWire(kafka.bootstrap)
    wire.send([Message("n-once-at-work.county", "county", {}, b"old")])
    wire.close()
    said = init(tmp_path / "net", "--name", "n-once-at-work")
    assert (said.code, len(said.err.splitlines())) == (2, 1)
    assert "has carried messages of a network called n-once-at-work" in said.err


def test_schemas_of_an_earlier_release_are_in_nobodys_way(init: Init, database: str, tmp_path: Path):
    sql(database, "CREATE SCHEMA node_county; CREATE TABLE node_county.stored_events (id int)")
    assert init(tmp_path / "net", "--name", "n-new").code == 0
    assert sql(database, "SELECT count(*) FROM node_county.stored_events") == [(0,)]


class PowerCut(BaseException):
    """The computer goes off: nobody cleans up."""


AT = (
    "make_schemas",
    "make_roles",
    "write_schemas",
    "_write_directory",
    "_give_rights",
    "_keep_first_passwords",
)


@pytest.mark.parametrize("point", AT)
def test_given_an_init_that_was_killed_then_the_next_one_begins_anew_and_nothing_is_left(
    point: str, init: Init, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # Given an init that is killed at some point
    data, name = tmp_path / "net", f"n-{point.strip('_').replace('_', '-')}"[:20]
    _killed_at(monkeypatch, point, lambda: init(data, "--name", name))
    # Then whoever wants to run it is told what to do
    assert (data / UNFINISHED).exists()
    said = huiyin("up", "--data", data, "--port", 0)
    assert said.code == 2 and "ended half way" in said.err and len(said.err.splitlines()) == 1
    # When the same command is given again, then there is a whole network, and nothing of the first
    said = init(data, "--name", name)
    assert said.code == 0, said.err
    assert "removed" in said.err
    assert len(schemas(database)) == len(NODES)
    assert len(roles(database, name.replace("-", "_"))) == len(NODES) + 1
    assert not (data / UNFINISHED).exists()
    assert huiyin("verify", "--data", data).code == 0


def _killed_at(monkeypatch: pytest.MonkeyPatch, point: str, work: Callable[[], object]) -> None:
    def killed(*_: object, **__: object) -> None:
        raise PowerCut

    with monkeypatch.context() as power:
        place = server_roles if hasattr(server_roles, point) else founding
        power.setattr(place, point, killed)
        power.setattr(founding.unfinished, "remove", killed)
        with pytest.raises(PowerCut):
            work()
    dispose_all()


def test_given_an_init_that_fails_then_it_cleans_up_after_itself(
    init: Init, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "first-passwords.csv")

    monkeypatch.setattr(founding, "_keep_first_passwords", full)
    said = init(tmp_path / "net", "--name", "n-full")
    assert (said.code, len(said.err.strip().splitlines()) > 0) == (2, True)
    assert "No space left" in said.err
    assert not (tmp_path / "net").exists()
    assert schemas(database) == set() and roles(database, "n_full") == []


def test_new_keys_on_an_old_schema_are_refused(network: Path):
    # Given a node whose keys were made anew
    settings = read_node(network, "town-100")
    (settings.folder / "keys.json").unlink()
    NodeKeys.make().save(settings.folder / "keys.json")
    # Then it never starts
    with pytest.raises(KeysOfAnother, match="other keys"):
        open_node(settings)


def test_new_keys_on_a_schema_that_no_release_has_marked_are_refused_by_the_directory(network: Path):
    # Given the county's schema as an earlier release left it: no mark of its keys, but a directory
    settings = read_node(network, "county")
    sql(server_roles.read_owner(network) or "", f"DELETE FROM {settings.schema}.node_state")
    open_node(settings).stop()
    sql(server_roles.read_owner(network) or "", f"DELETE FROM {settings.schema}.node_state")
    (settings.folder / "keys.json").unlink()
    NodeKeys.make().save(settings.folder / "keys.json")
    with pytest.raises(KeysOfAnother):
        open_node(settings)


def test_an_address_that_may_make_no_roles_is_told_so_and_leaves_nothing(
    divisions: Path, database: str, kafka: KafkaBroker, tmp_path: Path
):
    sql(database, "DROP ROLE IF EXISTS maker; CREATE ROLE maker LOGIN PASSWORD 'x'")
    sql(database, f'GRANT CREATE ON DATABASE "{make_url(database).database}" TO maker')
    maker = make_url(database).set(username="maker", password="x").render_as_string(hide_password=False)
    files = ("init", "--data", tmp_path / "net", "--divisions", divisions, "--name", "n-humble")
    servers = ("--postgres", maker, "--kafka", kafka.bootstrap)
    said = huiyin(*files, *servers)
    assert (said.code, len(said.err.splitlines())) == (2, 1) and "--one-role" in said.err
    assert schemas(database) == set()
    # And with one role for all it can
    assert huiyin(*files, *servers, "--one-role").code == 0
    sql(database, "DROP OWNED BY maker CASCADE; DROP ROLE maker")


def test_a_network_of_one_role_gets_roles_by_a_command(init: Init, tmp_path: Path):
    # Given a network as earlier releases made them: every node has the owner's address
    data = tmp_path / "net"
    assert init(data, "--name", "n-shared", "--one-role").code == 0
    owner = read_network(data).postgres
    assert {read_network(data / "nodes" / name).postgres for name in NODES} == {owner}
    # When each gets a role
    said = huiyin("roles", "--data", data)
    assert said.code == 0, said.err
    # Then a carried folder opens its node and no other's
    address = carried(data, "town-100", tmp_path / "away")
    open_node(read_node(tmp_path / "away", "town-100")).stop()
    with pytest.raises(InsufficientPrivilege):
        sql(address, f"SELECT * FROM {read_node(data, 'county').schema}.stored_events")
    assert huiyin("verify", "--data", data).code == 0
    dispose_all()


def test_roles_that_a_new_server_lacks_are_made_again_with_the_passwords_of_the_files(network: Path):
    owner, role = (
        server_roles.read_owner(network) or "",
        read_network(network / "nodes" / "town-100").postgres,
    )
    name = make_url(role or "").username
    sql(owner, f"DROP OWNED BY {name}; DROP ROLE {name}")
    assert huiyin("roles", "--data", network).code == 0
    assert sql(role or "", "SELECT 1") == [(1,)]


def test_tables_that_only_the_owner_may_make_are_made_by_the_owner_whom_the_folder_knows(
    network: Path, tmp_path: Path
):
    # Given a node whose database is empty, as after a loss
    settings, owner = read_node(network, "town-100"), server_roles.read_owner(network) or ""
    sql(owner, f"DROP SCHEMA {settings.schema} CASCADE")
    # When it is opened where the owner is not known, then that is said
    carried(network, "town-100", tmp_path / "away")
    said = huiyin("status", "--data", tmp_path / "away")
    assert said.code == 2
    said = huiyin("rebuild", "--data", tmp_path / "away")
    assert (said.code, len(said.err.splitlines())) == (2, 1) and "huiyin upgrade --postgres" in said.err
    # When it is opened in the folder that was made with it, then the tables are there, and its role may use them
    assert huiyin("rebuild", "--data", network, "--name", "town-100").code == 0
    open_node(read_node(tmp_path / "away", "town-100")).stop()
    dispose_all()


def test_a_folder_without_servers_has_no_roles(divisions: Path, tmp_path: Path):
    assert huiyin("init", "--data", tmp_path / "net", "--divisions", divisions).code == 0
    said = huiyin("roles", "--data", tmp_path / "net")
    assert (said.code, "only PostgreSQL" in said.err) == (2, True)
    with pytest.raises(SettingsMissing):
        read_network(tmp_path)
