"""The machine's faults: a full disk, a held lock, a database that is gone, a clock that jumped."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from uuid import UUID

import psycopg2
import pytest
from sqlalchemy import text

from shared.audit.verify import verify_node
from shared.node.node import Node
from shared.work.catalogue import PROJECTIONS
from shared.work.common.order_refusals import NotStored
from shared.work.common.quota import MattersOfPersonReached, Quotas
from shared.work.common.refusals import Refusal
from shared.work.common.words import MatterClass, Purpose
from shared.work.matters.orders.referring import AssessMatter
from tests.parts.tiny_network import ALONE, NINE, VILLAGE_2, TinyNetwork, change_network

LONG = "田" * 15_000


def registered(tiny: TinyNetwork, node: Node, count: int = 1) -> list[UUID]:
    """Matters whose registration was acknowledged; ends at the first refusal."""
    kept: list[UUID] = []
    for _ in range(count):
        try:
            kept.append(tiny.register(node, VILLAGE_2, account=LONG))
        except NotStored:
            break
    return kept


def everything_acknowledged_is_here(node: Node, cases: list[UUID]) -> bool:
    with node.engine.connect() as connection:
        streams = [known.envelope.stream for known in node.log.since(connection) if known.arrived is None]
    return streams == cases and verify_node(node).findings == ()


def test_a_full_database_refuses_and_goes_on_when_there_is_room(tiny_on_files: TinyNetwork):
    # Given a village whose disk has room for some matters only
    (village,) = tiny_on_files.open(ALONE)
    with village.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    limit_pages(village, (pages or 0) + 100)
    # When it registers until the database is full
    kept = registered(tiny_on_files, village, 100)
    assert 0 < len(kept) < 100
    # Then the next order is refused too, and the one after there is room again is kept
    assert registered(tiny_on_files, village) == []
    limit_pages(village, 1_000_000)
    kept += registered(tiny_on_files, village, 3)
    assert everything_acknowledged_is_here(village, kept)


def test_given_matters_that_could_not_be_kept_when_the_disk_has_room_again_then_no_quota_has_counted_them(
    tiny_on_files: TinyNetwork,
):
    # Given a village that may register two matters a day, and whose database refuses at the commit
    change_network(tiny_on_files.data, quotas=Quotas(matters_of_a_person=2))
    (village,) = tiny_on_files.open(ALONE)
    kept = registered(tiny_on_files, village)
    with village.engine.begin() as database:
        for statement in FAILS_AT_COMMIT:
            database.exec_driver_sql(statement)
    for _ in range(3):
        assert registered(tiny_on_files, village) == []
    # When the database is mended, then the second matter of the day is taken, and the third is not
    with village.engine.begin() as database:
        database.exec_driver_sql("DROP TRIGGER fails_at_commit")
    kept += registered(tiny_on_files, village)
    assert len(kept) == 2
    with pytest.raises(MattersOfPersonReached):
        registered(tiny_on_files, village)


def test_a_commit_that_fails_leaves_nothing_open_behind_it(tiny_on_files: TinyNetwork):
    # Given a village whose database finds only at the commit that it cannot keep a fact
    (village,) = tiny_on_files.open(ALONE)
    kept = registered(tiny_on_files, village)
    with village.engine.begin() as database:
        for statement in FAILS_AT_COMMIT:
            database.exec_driver_sql(statement)
    # When an order is refused because of that
    assert registered(tiny_on_files, village) == []
    # Then no link sees what was not kept, and none holds a lock: the database is mended and goes on
    links = [village.engine.connect() for _ in range(4)]
    assert {link.scalar(text("SELECT max(position) FROM journal")) for link in links} == {
        village.log.last_position()
    }
    for link in links:
        link.close()
    with village.engine.begin() as database:
        database.exec_driver_sql("DROP TRIGGER fails_at_commit")
    kept += registered(tiny_on_files, village, 2)
    assert len(kept) == 3 and everything_acknowledged_is_here(village, kept)


FAILS_AT_COMMIT = (
    "CREATE TABLE parent (id INTEGER PRIMARY KEY)",
    "CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)",
    "CREATE TRIGGER fails_at_commit AFTER INSERT ON journal BEGIN INSERT INTO child VALUES (1); END",
)
"""A promise between two tables that SQLite checks at the commit alone."""


def limit_pages(node: Node, pages: int) -> None:
    """Let no connection of the node make its file larger."""
    connections = [node.engine.connect() for _ in range(4)]
    for connection in connections:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        connection.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a lock for a tenth of a second only."""
    short = "-c lock_timeout=100ms -c statement_timeout=15s -c idle_in_transaction_session_timeout=10s"
    monkeypatch.setattr("shared.database.engines._PG_OPTIONS", short)
    monkeypatch.setattr("shared.database.engines.BUSY_SECONDS", 0.1)


@pytest.mark.usefixtures("impatient")
def test_a_lock_that_somebody_holds_is_refused_and_harmless(tiny: TinyNetwork):
    # Given somebody who holds the journal for himself
    (village,) = tiny.open(ALONE)
    kept = registered(tiny, village, 2)
    with village.engine.connect() as other:
        if village.settings.schema:
            other.execute(text(f'LOCK TABLE "{village.settings.schema}".journal IN EXCLUSIVE MODE'))
        else:
            other.exec_driver_sql("BEGIN IMMEDIATE")
        # When an order comes, then it is not stored
        assert registered(tiny, village) == []
    # And when he lets go, the next one is
    kept += registered(tiny, village, 2)
    assert everything_acknowledged_is_here(village, kept)


def test_sessions_that_are_ended_cost_no_order_that_was_acknowledged(tiny_on_server: TinyNetwork):
    # Given a village at work on a server
    (village,) = tiny_on_server.open(ALONE)
    kept: list[UUID] = []
    for _ in range(5):
        # When the server ends every session between orders
        end_sessions(village)
        kept += registered(tiny_on_server, village, 3)
    kept += registered(tiny_on_server, village, 1)
    # Then all that was acknowledged is there, and the numbers go on
    assert len(kept) >= 6
    assert everything_acknowledged_is_here(village, kept)


def end_sessions(node: Node) -> None:
    with closing(psycopg2.connect(node.settings.database)) as connection:
        connection.cursor().execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


JUMPS = [timedelta(hours=-2), timedelta(hours=2), timedelta(days=-366), timedelta(days=366)]


@pytest.mark.parametrize("jump", JUMPS, ids=["2 hours back", "2 hours on", "a year back", "a year on"])
def test_a_clock_that_jumps_and_comes_back_breaks_nothing(tiny: TinyNetwork, jump: timedelta):
    # Given matters from before a jump of the clock, from during it and from after it
    (village,) = tiny.open(ALONE)
    cases: list[UUID] = []
    for moment in (NINE, NINE + jump, NINE + timedelta(hours=1)):
        tiny.clock.at = moment
        cases.append(register_on(tiny, village))
        # When each of them is worked on whatever the clock says
        for case in cases:
            tiny.give(village, VILLAGE_2, classified(case))
    # Then facts stand in the order in which they were recorded, with all their versions
    with village.engine.connect() as connection:
        known = [(k.envelope.stream, k.envelope.stream_version) for k in village.log.since(connection)]
    own = [place for place in known if place[0] in cases]
    assert [version for stream, version in own if stream == cases[0]] == [1, 2, 3, 4]
    assert verify_node(village).findings == ()
    # And a restart finds the same
    dump = village.ask(PROJECTIONS.dump)
    tiny.close(ALONE)
    (village,) = tiny.open(ALONE)
    assert village.ask(PROJECTIONS.dump) == dump
    assert tiny.give(village, VILLAGE_2, classified(cases[0]))["version"] == 5


def register_on(tiny: TinyNetwork, node: Node) -> UUID:
    return tiny.register(node, VILLAGE_2, received_on=(tiny.clock.at - timedelta(days=1)).date())


def classified(case: UUID) -> AssessMatter:
    return AssessMatter(case=case, matter_class=MatterClass.HEALTH, purpose=Purpose.SUGGESTION)


def test_a_key_ring_that_takes_no_key_refuses_the_order(tiny_on_files: TinyNetwork):
    # Given a village whose key ring somebody else holds
    (village,) = tiny_on_files.open(ALONE)
    kept = registered(tiny_on_files, village, 1)
    village.ring._db.execute("PRAGMA busy_timeout = 100")
    with closing(sqlite3.connect(village.settings.folder / "keyring.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        # When an order comes that needs a new key, then it is refused, because its facts could not be read
        with pytest.raises(Refusal):
            tiny_on_files.register(village, VILLAGE_2)
    # And the next one is kept with its key
    kept += registered(tiny_on_files, village, 1)
    assert all(village.ring.of_subject(case) for case in kept)
    assert everything_acknowledged_is_here(village, kept)
