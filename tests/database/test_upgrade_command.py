"""`huiyin upgrade` for a whole folder, what it refuses, and what a restricted role needs."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from sqlalchemy import make_url, text
from typer.testing import CliRunner, Result

from services.cli import app, told_in_one_line
from shared import __version__
from shared.database.engines import engine_for
from shared.database.migrations.migrate import one_transaction
from shared.database.migrations.refusals import DatabaseIsNewer, UpgradeIsTheOwners, UpgradeNeeded
from shared.database.migrations.revisions import VERSIONS, scripts_in
from shared.event_log.grants import grants
from shared.event_log.schemas import schemas
from shared.node.node import Node
from shared.node.storage import create_node_tables, upgrade_node
from shared.projections.states import STATES
from shared.settings.network import NodeSettings, read_network, read_node, write_network
from shared.work.catalogue import PROJECTIONS
from shared.writer_lease.lease import NodeIsRunning, TakenOver, lease_of
from tests.parts.tiny_network import ALONE, VILLAGE_2, TinyNetwork

NODES = ["county", "town-100", "town-101", ALONE, "villages-100", "villages-101"]


def run_sql(settings: NodeSettings, *statements: str) -> None:
    engine = engine_for(settings.database, settings.schema)
    with one_transaction(engine) as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def as_0_1_left_it(settings: NodeSettings) -> None:
    """A node whose database knows nothing of revisions."""
    run_sql(settings, "DROP TABLE alembic_version", f"DROP TABLE {STATES.name}")


def huiyin(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def answer(*arguments: object, expect: int = 0) -> dict[str, Any]:
    said = huiyin(*arguments, "--json")
    assert said.exit_code == expect, said.output
    return json.loads(said.stdout)


@pytest.fixture
def old(tiny: TinyNetwork) -> TinyNetwork:
    """The small county as release 0.1 left it, with a matter at one node."""
    (node,) = tiny.open(ALONE)
    tiny.register(node, VILLAGE_2)
    tiny.close()
    for name in NODES:
        as_0_1_left_it(read_node(tiny.data, name))
    return tiny


def test_given_a_folder_of_0_1_when_it_is_checked_then_all_is_told_and_nothing_done(old: TinyNetwork) -> None:
    for _ in range(2):
        told = answer("upgrade", "--data", old.data, "--check", expect=1)
        assert sorted(told["nodes"]) == NODES
        assert {tuple(node["revisions"]) for node in told["nodes"].values()} == {
            tuple(script.revision for script in reversed(list(scripts_in(VERSIONS).walk_revisions())))
        }
        assert all("cases" in node["projections"] for node in told["nodes"].values())


def test_given_a_folder_of_0_1_when_it_is_upgraded_then_every_node_is_of_this_release(
    old: TinyNetwork,
) -> None:
    told = answer("upgrade", "--data", old.data)
    assert told["release"] == __version__
    assert sorted(told["nodes"]) == NODES
    on_files = read_node(old.data, ALONE).schema is None
    copies = [copy for node in told["nodes"].values() for copy in node["copies"]]
    assert copies and all(Path(copy).is_file() if on_files else "_before_" in copy for copy in copies)
    # And the folder describes every fact of this release
    assert {path.stem for path in (old.data / "schemas").glob("*.json")} == set(schemas())
    # And then there is nothing left to do, and all is right
    assert huiyin("upgrade", "--data", old.data, "--check").exit_code == 0
    assert answer("verify", "--data", old.data)["findings"] == []


def test_given_one_node_by_name_then_the_others_wait_for_their_own_start(old: TinyNetwork) -> None:
    assert list(answer("upgrade", "--data", old.data, "--name", "county")["nodes"]) == ["county"]
    told = answer("upgrade", "--data", old.data, "--check", expect=1)["nodes"]
    assert [name for name in NODES if not told[name]["revisions"]] == ["county"]


@pytest.mark.parametrize("looking", ["verify", "status"])
def test_given_tables_of_an_earlier_release_then_who_only_looks_does_not_change_them(
    old: TinyNetwork, looking: str
) -> None:
    assert refused(lambda: huiyin(looking, "--data", old.data)) == "upgrade-needed"
    assert huiyin("upgrade", "--data", old.data, "--check").exit_code == 1


def test_given_tables_of_a_newer_release_then_no_command_opens_them(
    tiny: TinyNetwork, capsys: pytest.CaptureFixture[str]
) -> None:
    run_sql(read_node(tiny.data, "county"), "UPDATE alembic_version SET version_num = '7777'")
    for arguments in (["upgrade"], ["upgrade", "--check"], ["status"], ["verify"]):
        assert refused(lambda given=arguments: huiyin(*given, "--data", tiny.data)) == "database-is-newer"
    with pytest.raises(SystemExit) as ended, told_in_one_line():
        tiny.open("county")
    assert ended.value.code == 2
    assert "county was written by a newer release" in capsys.readouterr().err


def refused(command: Callable[[], Result]) -> str:
    error = command().exception
    assert isinstance(error, DatabaseIsNewer | UpgradeNeeded), error
    return error.code


def test_given_a_node_that_runs_then_it_can_be_checked_and_not_upgraded(tiny: TinyNetwork) -> None:
    tiny.open("county")
    assert huiyin("upgrade", "--data", tiny.data, "--check").exit_code == 0
    if read_node(tiny.data, "county").schema is None:
        error = huiyin("upgrade", "--data", tiny.data, "--name", "county").exception
        assert isinstance(error, NodeIsRunning)


def test_given_a_lease_that_another_process_took_then_no_table_is_touched(
    tiny_on_server: TinyNetwork,
) -> None:
    settings = read_node(tiny_on_server.data, ALONE)
    as_0_1_left_it(settings)
    lease = lease_of(settings)
    run_sql(settings, "UPDATE writer SET epoch = epoch + 1, holder = 'another'")
    engine = engine_for(settings.database, settings.schema)
    with pytest.raises(TakenOver):
        create_node_tables(engine, settings.schema, PROJECTIONS, ALONE, lease)
    assert answer("upgrade", "--data", tiny_on_server.data, "--name", ALONE, "--check", expect=1)
    lease.give_back()


def test_given_a_role_that_may_change_no_table_then_the_owner_upgrades(tiny_on_server: TinyNetwork) -> None:
    # Given a node of 0.1 that runs under a role of its own
    owner = read_node(tiny_on_server.data, ALONE)
    as_0_1_left_it(owner)
    role = "may_only_add"
    rights = [*grants(owner.schema or "", role)]
    as_owner(owner, f"CREATE ROLE {role} LOGIN PASSWORD 'adds'", *rights)
    address = make_url(owner.database).set(username=role, password="adds")
    restricted = replace(read_network(owner.folder), postgres=address.render_as_string(hide_password=False))
    write_network(owner.folder, restricted)
    # When it starts with this release, it is refused in words
    with pytest.raises(UpgradeIsTheOwners, match="huiyin upgrade --postgres"):
        tiny_on_server.open(ALONE)
    # When the owner has upgraded it and given the rights again
    answer("upgrade", "--data", tiny_on_server.data, "--name", ALONE, "--postgres", owner.database)
    as_owner(owner, *rights)
    # Then it works, and a release that only brings other rules needs no owner
    (node,) = tiny_on_server.open(ALONE)
    tiny_on_server.register(node, VILLAGE_2)
    tiny_on_server.close()
    run_sql(owner, f"UPDATE {STATES.name} SET rules = 'older' WHERE name = 'cases'")
    (node,) = tiny_on_server.open(ALONE)
    assert isinstance(node, Node)
    tiny_on_server.close()
    as_owner(owner, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def as_owner(settings: NodeSettings, *statements: str) -> None:
    connection = psycopg2.connect(settings.database)
    with connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.close()


def test_how_far_it_is_is_told(old: TinyNetwork) -> None:
    told: list[tuple[str, int, int]] = []
    upgrade_node(read_node(old.data, ALONE), PROJECTIONS, lambda *words: told.append(words))
    replayed = [(done, of) for what, done, of in told if "replaying" in what]
    assert replayed[0][0] == 0
    assert replayed[-1][0] == replayed[-1][1] > 0
