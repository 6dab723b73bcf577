"""The `huiyin` command on networks that stand still: init, status, verify, rebuild, and what they refuse."""

import json
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kafka import KafkaAdminClient
from sqlalchemy import NullPool, create_engine, text

from shared.settings.network import NETWORK_FILE
from tests.journeys.conftest import FIRST_DAY, MakeNetwork
from tests.journeys.county import COUNTY_NODE, NODE_OF, NODES, TOWN, VILLAGE, fresh_county
from tests.journeys.network import Network
from tests.journeys.orders import moment, petition, report
from tests.journeys.processes import huiyin
from tests.parts.backups import of_owner
from tests.parts.kafka import KafkaBroker

VILLAGES = NODE_OF[VILLAGE]


@pytest.fixture(scope="module")
def standing(setting: str, make_network: MakeNetwork) -> Network:
    """A network that has worked for a day and was stopped."""
    network = make_network(setting).run_in_one()
    network.settle()
    clerk = network.person(VILLAGE, "information_officer")
    unit = network.unit(VILLAGE)
    answer = clerk.order("register-matter", at=moment(FIRST_DAY, 9), **petition(unit, FIRST_DAY))
    clerk.order("refer-matter", at=moment(FIRST_DAY, 10), case=answer["case"], to=network.unit(TOWN))
    clerk.order("file-report", at=moment(FIRST_DAY, 15), **report(unit, FIRST_DAY, "daily", new=1))
    network.settle()
    network.stop()
    return network


@contextmanager
def tampered(network: Network, node: str, table: str, statement: str) -> Iterator[None]:
    """Somebody with access to the database changes a table; it is put back afterwards."""
    write(network, node, f"CREATE TABLE kept AS SELECT * FROM {table}", statement)
    try:
        yield
    finally:
        back = f"INSERT INTO {table} SELECT * FROM kept"
        write(network, node, f"DELETE FROM {table}", back, "DROP TABLE kept")


def write(network: Network, node: str, *statements: str) -> None:
    """Statements in the database of a node, past the node."""
    settings = of_owner(network.data, node)
    with create_engine(settings.database, poolclass=NullPool).begin() as connection:
        if settings.schema:
            connection.execute(text(f'SET search_path TO "{settings.schema}"'))
        for statement in statements:
            connection.execute(text(statement))


def test_after_work_every_chain_signature_and_projection_is_right(standing: Network):
    # When a network that worked is verified
    verdict = standing.verify()
    # Then nothing is found, and all nodes with all their facts were looked at
    own = sum(state["facts"] for state in status(standing))
    assert verdict["findings"] == []
    assert verdict["nodes"] == len(NODES)
    assert 0 < verdict["facts"] < own


def status(network: Network) -> list[dict]:
    """What `huiyin status --json` says of every node."""
    return json.loads(huiyin("status", "--data", network.data, "--json").stdout)


def test_status_says_what_departed_and_who_holds_it(standing: Network):
    # When the state of a settled network is asked for
    states = {state["node"]: state for state in status(standing)}
    # Then every node is there, nothing is parked, and every holder has all of every route
    assert sorted(states) == NODES
    assert {state["parked"] for state in states.values()} == {0}
    routes = [route for state in states.values() for route in state["routes"]]
    assert all(held == route["last"] for route in routes for held in route["held"].values())
    up = next(route for route in states[VILLAGES]["routes"] if route["route"] == "up")
    assert set(up["held"]) == {NODE_OF[TOWN], COUNTY_NODE}


def test_a_rebuild_replays_the_log_to_the_same_projections(standing: Network):
    # Given the dump of every projection
    before = standing.dump()
    assert "cases" in before
    # When a projection is lost and the network is rebuilt
    write(standing, COUNTY_NODE, "DELETE FROM cases")
    assert standing.dump() != before
    huiyin("rebuild", "--data", standing.data)
    # Then the dump is the same, byte for byte
    assert standing.dump() == before


def test_grants_for_a_role_of_its_own_are_printed_for_a_node_on_a_server(standing: Network):
    arguments = ("grants", "--data", standing.data, "--name", VILLAGES, "--role", "appender")
    if standing.servers is None:
        # On one machine there are no roles
        assert "only PostgreSQL" in huiyin(*arguments, expect=2).stderr
    else:
        # On a server, what was recorded may be added to and never changed
        said = huiyin(*arguments).stdout
        assert "REVOKE UPDATE, DELETE" in said and '_villages_101".stored_events' in said


TAMPERINGS = {
    "a fact of the log": (
        VILLAGES,
        "stored_events",
        "DELETE FROM stored_events WHERE topic = 'case.referred.v1'",
    ),
    "a fact that was received": (NODE_OF[TOWN], "received", "DELETE FROM received"),
    "where a fact departed": (VILLAGES, "places", "DELETE FROM places WHERE number = 1"),
    "a projection": (NODE_OF[TOWN], "cases", "UPDATE cases SET number = 'x'"),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_verify_names_what_somebody_changed_in_the_database(standing: Network, what: str):
    # Given a stopped network in whose database somebody changes something
    node, table, statement = TAMPERINGS[what]
    with tampered(standing, node, table, statement):
        # When it is verified
        verdict = standing.verify(expect=1)
    # Then exit code 1, and each finding names the node and the first bad place
    assert {finding["node"] for finding in verdict["findings"]} == {node}
    assert all(finding["what"] and finding["where"] for finding in verdict["findings"])


def test_init_refuses_a_folder_that_holds_a_network_and_changes_nothing(standing: Network, tmp_path: Path):
    # Given a network
    before = (standing.data / NETWORK_FILE).read_bytes()
    # When somebody makes one there again
    said = huiyin("init", *standing.init_arguments(tmp_path), expect=2).stderr
    # Then that is refused in one line, and the network is as it was
    assert "already holds a network" in said
    assert (standing.data / NETWORK_FILE).read_bytes() == before


def test_every_setting_that_is_missing_is_named_at_once(tmp_path: Path):
    # Given a network file that says next to nothing
    (tmp_path / "nodes" / "county").mkdir(parents=True)
    (tmp_path / NETWORK_FILE).write_text('rehearsal = "perhaps"\nkafka = "127.0.0.1:9092"\n')
    (tmp_path / "nodes" / "county" / "node.toml").write_text(
        'name = "county"\ntier = "county"\narea = "990101"\n'
    )
    # When it is to run
    said = huiyin("up", "--data", tmp_path, "--port", 0, expect=2).stderr
    # Then one line names all that is missing or wrong
    for gap in ("name", "county_node", "county_signing_key", "rehearsal", "postgres"):
        assert gap in said
    assert len(said.strip().splitlines()) == 1


def test_init_makes_every_topic_of_the_network_before_anybody_runs(
    make_network: MakeNetwork, kafka: KafkaBroker
):
    # When a network is made on Kafka
    network = make_network("servers")
    # Then each tier's topics, the open one and everybody's mailbox are there
    admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    name, code = network.county.network, network.county.code
    up = [f"{name}.village.{code}101", f"{name}.village.{code}102", f"{name}.township", f"{name}.county"]
    mailboxes = [f"{name}.to.{node}" for node in NODES]
    made = {topic for topic in admin.list_topics() if topic.startswith(name + ".")}
    admin.close()
    assert made == {*up, *mailboxes}


@pytest.mark.parametrize("gone", ["postgres", "kafka"])
def test_init_says_which_server_does_not_answer_and_leaves_nothing_behind(
    gone: str, postgres: str, kafka: KafkaBroker, tmp_path: Path
):
    # Given a server that is not there
    divisions, offices = fresh_county().write(tmp_path)
    servers = {"postgres": postgres, "kafka": kafka.bootstrap}
    servers |= {gone: {"postgres": "postgresql://127.0.0.1:1/huiyin", "kafka": "127.0.0.1:1"}[gone]}
    files = ["--divisions", divisions, "--offices", offices, "--data", tmp_path / "network"]
    # When a network is to be made on it
    options = [part for name, value in servers.items() for part in (f"--{name}", value)]
    said = huiyin("init", *files, *options, expect=2).stderr
    # Then one line says so, and the folder is free for the next try
    assert {"postgres": "PostgreSQL", "kafka": "Kafka 127.0.0.1:1"}[gone] in said
    assert len(said.strip().splitlines()) == 1
    assert not (tmp_path / "network").exists()


def test_postgres_and_kafka_come_together_or_not_at_all(tmp_path: Path):
    said = huiyin("init", "--data", tmp_path / "network", "--kafka", "127.0.0.1:1", expect=2).stderr
    assert "--postgres and --kafka" in said


def test_settings_that_hold_a_servers_password_are_for_the_owner_alone(standing: Network):
    # Every settings file, key file and list of first passwords is closed to others
    secret = [*standing.data.rglob(NETWORK_FILE), *standing.data.rglob("keys.json")]
    secret += [*standing.data.rglob("keyring.sqlite"), standing.data / "first-passwords.csv"]
    assert len(secret) == 3 * len(NODES) + 2
    assert {path.stat().st_mode & 0o077 for path in secret} == {0}
    assert tomllib.loads((standing.data / NETWORK_FILE).read_text())["rehearsal"] is True
