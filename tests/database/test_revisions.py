"""Tables of an empty, an old, a half made, a newer database: what a start makes of them, on both databases."""

import importlib.util
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Engine, MetaData, insert, inspect, select, text

from shared.accounts.tables import TOKENS
from shared.database.engines import engine_for
from shared.database.migrations import migrate as migrating
from shared.database.migrations.migrate import migrate, one_transaction
from shared.database.migrations.refusals import DatabaseIsNewer, UpgradeHeldUp
from shared.database.migrations.revisions import VERSIONS, pending, revision_of, scripts_in
from shared.event_log.tables import NODE_STATE, ORDERS
from shared.node.storage import DECLARED
from tests.database.conftest import Releases

TODAY = scripts_in(VERSIONS)
ROW = {"key": "k", "fingerprint": "f", "answer": "{}", "answered_at": "2026-03-02"}
ADD_A_COLUMN = """
from alembic import op
from sqlalchemy import Column, String
CHANGES = ("orders",)
def upgrade():
    op.add_column("orders", Column("asked_by", String))
    op.execute("UPDATE orders SET asked_by = 'somebody'")
"""
MAKE_A_TABLE = """
from alembic import op
from sqlalchemy import Column, String
CHANGES = ()
def upgrade():
    op.create_table("letters_of_thanks", Column("text", String))
"""
FAIL = """
CHANGES = ()
def upgrade():
    raise RuntimeError("no further")
"""


def as_0_1_made_them(engine: Engine) -> None:
    """The tables of release 0.1, which knew no revisions."""
    path = VERSIONS / "r0001_as_0_1_made_them.py"
    spec = importlib.util.spec_from_file_location("as_0_1", path)
    assert spec and spec.loader
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with one_transaction(engine) as connection, Operations.context(MigrationContext.configure(connection)):
        module.upgrade()


def differences(engine: Engine) -> list[Any]:
    """What the tables are otherwise than this release declares them."""
    declared = [table for metadata in DECLARED for table in metadata.tables.values()]
    whole = MetaData()
    for table in declared:
        table.to_metadata(whole)
    names = set(whole.tables)
    options = {
        "include_name": lambda name, kind, _: kind != "table" or name in names,
        "compare_type": type_differs,
    }
    with one_transaction(engine) as connection:
        return compare_metadata(MigrationContext.configure(connection, opts=options), whole)


def type_differs(
    context: MigrationContext, _: Any, declared: Column[Any], _found: Any, kind: Any
) -> bool | None:
    """SQLite keeps the words of a type, and reads some of them back as another; on a server Alembic compares."""
    if context.dialect.name != "sqlite":
        return None
    assert context.connection
    rows = context.connection.exec_driver_sql(f'PRAGMA table_info("{declared.table.name}")').mappings()
    words = {row["name"]: row["type"] for row in rows}
    return words[declared.name] != kind.compile(context.dialect)


def columns(engine: Engine, table: str) -> set[str]:
    with one_transaction(engine) as connection:
        return {column["name"] for column in inspect(connection).get_columns(table)}


def tables(engine: Engine) -> set[str]:
    with one_transaction(engine) as connection:
        return set(inspect(connection).get_table_names())


def revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return revision_of(connection)


def an_order(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(ORDERS).values(ROW))


def test_given_an_empty_database_when_a_node_starts_then_its_tables_are_those_that_are_declared(
    place: Engine,
) -> None:
    migrate(place, TODAY, "county")
    assert revision(place) == TODAY.get_current_head()
    assert differences(place) == []


def test_given_a_declaration_without_a_revision_then_the_comparison_finds_it(place: Engine) -> None:
    migrate(place, TODAY, "county")
    with one_transaction(place) as connection:
        connection.execute(text("DROP INDEX parked_by_subject"))
        connection.execute(text("ALTER TABLE sent ADD COLUMN twice INTEGER"))
        connection.execute(text("DROP TABLE gaps"))
    assert {found[0] for found in differences(place)} == {"add_index", "remove_column", "add_table"}


def test_given_the_tables_of_0_1_with_work_in_them_when_a_node_starts_then_the_work_is_kept(
    place: Engine,
) -> None:
    as_0_1_made_them(place)
    an_order(place)
    assert revision(place) is None
    migrate(place, TODAY, "county")
    assert differences(place) == []
    with place.connect() as connection:
        assert [dict(row) for row in connection.execute(select(ORDERS)).mappings()] == [ROW]
    # And the next start has nothing to do
    assert migrate(place, TODAY, "county").steps == ()


def test_given_a_first_start_of_0_1_that_was_killed_half_way_then_what_is_missing_is_made(
    place: Engine,
) -> None:
    as_0_1_made_them(place)
    with one_transaction(place) as connection:
        for statement in ("DROP TABLE parked", "DROP TABLE accounts", "DROP INDEX tiles_by_first"):
            connection.execute(text(statement))
    migrate(place, TODAY, "county")
    assert differences(place) == []


def test_given_a_database_of_a_newer_release_when_a_node_starts_then_it_is_refused_and_nothing_changes(
    place: Engine, later: Releases
) -> None:
    migrate(place, later(MAKE_A_TABLE), "county")
    before = tables(place)
    with pytest.raises(DatabaseIsNewer, match="newer release .*9001") as refused:
        migrate(place, TODAY, "county")
    assert refused.value.code == "database-is-newer"
    assert (revision(place), tables(place)) == ("9001", before)


def test_given_several_releases_that_were_skipped_when_a_node_starts_then_their_steps_come_in_order(
    place: Engine, later: Releases
) -> None:
    as_0_1_made_them(place)
    release = later(ADD_A_COLUMN, MAKE_A_TABLE)
    told: list[tuple[str, int, int]] = []
    migrate(place, release, "county", progress=lambda *words: told.append(words))
    assert revision(place) == "9002"
    steps = [words for words in told if "copy" not in words[0]]
    ours = len(list(TODAY.walk_revisions()))
    assert [done for _, done, _ in steps] == list(range(ours + 3))
    assert steps[ours] == ("county: Step 9001", ours, ours + 2)


def test_given_a_step_that_fails_then_the_steps_before_it_are_undone_and_the_next_start_does_all(
    place: Engine, later: Releases
) -> None:
    migrate(place, TODAY, "county")
    an_order(place)
    with pytest.raises(RuntimeError):
        migrate(place, later(ADD_A_COLUMN, FAIL), "county")
    assert revision(place) == TODAY.get_current_head()
    assert "asked_by" not in columns(place, "orders")
    migrate(place, later(ADD_A_COLUMN, MAKE_A_TABLE), "county")
    assert "asked_by" in columns(place, "orders")


def test_given_a_step_that_changes_a_table_then_a_copy_from_before_is_kept(
    place: Engine, later: Releases, tmp_path: Path
) -> None:
    migrate(place, TODAY, "county")
    an_order(place)
    (kept,) = migrate(place, later(ADD_A_COLUMN), "county").copies
    if place.dialect.name == "sqlite":
        before = engine_for(f"sqlite:///{kept}", None)
        assert Path(kept).name.startswith("log-before-9001-")
        assert Path(kept).stat().st_mode == (tmp_path / "log.sqlite").stat().st_mode
        assert revision(before) == TODAY.get_current_head()
        assert differences(before) == []
    else:
        before = place
        assert kept == "orders_before_9001"
    name = "orders" if place.dialect.name == "sqlite" else kept
    assert columns(before, name) == set(ROW)
    with one_transaction(before) as connection:
        assert connection.execute(text(f"SELECT * FROM {name}")).mappings().one() == ROW


def test_given_a_table_that_somebody_holds_then_a_start_says_so_and_changes_nothing(
    place: Engine, later: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(place, TODAY, "county")
    monkeypatch.setattr(migrating, "LOCK_SECONDS", 0.2)
    with place.connect() as other:
        if place.dialect.name == "sqlite":
            other.exec_driver_sql("BEGIN IMMEDIATE")
        other.execute(insert(NODE_STATE).values(name="held", value=""))
        other.execute(insert(ORDERS).values(ROW))
        with pytest.raises(UpgradeHeldUp, match="county"):
            migrate(place, later(ADD_A_COLUMN), "county")
        other.commit()
    assert revision(place) == TODAY.get_current_head()
    migrate(place, later(ADD_A_COLUMN), "county")


def test_the_revisions_are_one_line_without_forks_and_each_says_what_it_changes() -> None:
    assert len(TODAY.get_heads()) == 1
    for script in TODAY.walk_revisions():
        assert script.doc
        assert set(script.module.CHANGES) <= {name for one in DECLARED for name in one.tables}


def test_what_waits_is_told_oldest_first(place: Engine, later: Releases) -> None:
    release: ScriptDirectory = later(ADD_A_COLUMN, MAKE_A_TABLE)
    migrate(place, TODAY, "county")
    with place.connect() as connection:
        waiting = pending(connection, release, "county")
    assert [(one.revision, one.changes) for one in waiting] == [("9001", ("orders",)), ("9002", ())]


def test_given_tables_that_somebody_emptied_all_together_then_a_start_goes_on_with_them(
    place: Engine,
) -> None:
    migrate(place, TODAY, "county")
    with one_transaction(place) as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    assert [step.revision for step in migrate(place, TODAY, "county").steps] == [
        script.revision for script in reversed(list(TODAY.walk_revisions()))
    ]
    assert differences(place) == []


def test_given_a_token_of_0_1_that_lives_for_a_year_when_a_node_starts_then_it_ends_within_90_days(
    place: Engine,
) -> None:
    as_0_1_made_them(place)
    now = datetime.now(UTC)
    lives = {"soon": now + timedelta(days=3), "year": now + timedelta(days=365)}
    with place.begin() as connection:
        for name, end in lives.items():
            row = {"id": name, "secret_sha256": name, "account_id": "a", "name": "program", "created_at": now}
            connection.execute(insert(TOKENS).values(**row, expires_at=end))
    migrate(place, TODAY, "county")
    with place.connect() as connection:
        ends = dict(connection.execute(select(TOKENS.c.id, TOKENS.c.expires_at)).all())
    assert ends["soon"] == lives["soon"]
    assert now < ends["year"] <= datetime.now(UTC) + timedelta(days=90)
