"""A process that is killed while tables change leaves them as they were, and the next start begins again."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select

from shared.database.engines import engine_for
from shared.database.migrations.copies import copy_file, settle
from shared.database.migrations.migrate import migrate
from shared.database.migrations.revisions import VERSIONS, scripts_in
from shared.event_log.tables import ORDERS
from shared.node.storage import wanted
from shared.projections.states import STATES
from shared.settings.network import read_node
from shared.work.catalogue import PROJECTIONS
from tests.database.conftest import Releases
from tests.database.test_revisions import ADD_A_COLUMN, ROW, columns, revision
from tests.database.test_stale_projections import mark_as_of_another_release, state
from tests.parts.tiny_network import ALONE, VILLAGE_2, TinyNetwork

TODAY = scripts_in(VERSIONS)
STOPS_AT = """
import os, pathlib, signal
CHANGES = ()
def upgrade():
    if pathlib.Path({mark!r}).exists():
        os.kill(os.getpid(), signal.SIGKILL)
"""
MIGRATE = """
import sys
from pathlib import Path
from shared.database.engines import engine_for
from shared.database.migrations.migrate import migrate
from shared.database.migrations.revisions import VERSIONS, scripts_in
url, schema, folder = sys.argv[1:]
migrate(engine_for(url, schema or None), scripts_in(VERSIONS, Path(folder)), "county")
"""
UPGRADE = """
import os, signal, sys
from pathlib import Path
from shared.node.storage import upgrade_node
from shared.settings.network import read_node
from shared.work.catalogue import PROJECTIONS

def kill_in_the_middle(what, done, of):
    if "replaying" in what and done == of:
        os.kill(os.getpid(), signal.SIGKILL)

upgrade_node(read_node(Path(sys.argv[1]), sys.argv[2]), PROJECTIONS, kill_in_the_middle)
"""


def killed(program: str, *arguments: object) -> None:
    """Run a program that is killed on its way."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


def test_given_a_process_that_is_killed_between_two_steps_then_the_next_start_does_both(
    place: Engine, later: Releases, tmp_path: Path
) -> None:
    # Given tables with work in them, and a release with two steps
    mark = tmp_path / "kill"
    release = later(ADD_A_COLUMN, STOPS_AT.format(mark=str(mark)))
    migrate(place, TODAY, "county")
    with place.begin() as connection:
        connection.execute(insert(ORDERS).values(ROW))
    # When the process is killed after the first of them, twice
    mark.touch()
    schema = (place.get_execution_options().get("schema_translate_map") or {}).get(None, "")
    for _ in range(2):
        url = place.url.render_as_string(hide_password=False)
        killed(MIGRATE, url, schema or "", release.version_locations[1])
        # Then nothing is changed
        assert revision(place) == TODAY.get_current_head()
        assert "asked_by" not in columns(place, "orders")
    mark.unlink()
    # And the next start does both, and keeps one copy of what stood there before
    done = migrate(place, release, "county")
    assert revision(place) == "9002"
    assert "asked_by" in columns(place, "orders")
    assert len(done.copies) == 1
    assert [path.name for path in tmp_path.glob("log-before-*")] == [
        Path(copy).name for copy in done.copies if place.dialect.name == "sqlite"
    ]


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_given_a_process_that_is_killed_right_after_the_change_then_the_next_start_keeps_its_copy(
    place: Engine, tmp_path: Path
) -> None:
    migrate(place, TODAY, "county")
    with place.connect() as connection:
        begun = copy_file(connection, tmp_path / "log.sqlite", TODAY.get_current_head() or "")
    done = migrate(place, TODAY, "county")
    assert not begun.exists()
    assert [Path(copy).exists() for copy in done.copies] == [True]
    assert settle(tmp_path / "log.sqlite", TODAY.get_current_head() or "") is None


def test_given_a_replay_that_is_killed_then_the_next_start_replays_again(tiny: TinyNetwork) -> None:
    # Given a node with a matter, whose projections are of another release
    (node,) = tiny.open(ALONE)
    case = tiny.register(node, VILLAGE_2)
    before = node.ask(PROJECTIONS.dump)
    mark_as_of_another_release(node, "cases", "timeline")
    marked = state(node)
    tiny.close()
    # When the process that replays them is killed at the end of the journal
    killed(UPGRADE, tiny.data, ALONE)
    # Then they are what they were, and the next start replays them
    settings = read_node(tiny.data, ALONE)
    engine = engine_for(settings.database, settings.schema)
    assert {one.name for one in wanted(engine, PROJECTIONS, ALONE).stale.refilled} == {"cases", "timeline"}
    with engine.connect() as connection:
        assert PROJECTIONS.dump(connection) == before
    engine.dispose()
    (node,) = tiny.open(ALONE)
    assert state(node) != marked
    assert node.ask(PROJECTIONS.dump) == before
    assert str(case) in before
    assert node.ask(lambda connection: len(connection.execute(select(STATES)).all())) == len(
        PROJECTIONS.declared
    )
