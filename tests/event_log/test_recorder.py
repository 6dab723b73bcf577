"""The recorder made safe: atomic tracking, positions in order, an append-only role, no blocked writers."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Thread
from uuid import UUID, uuid4

import psycopg2
import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent, Tracking
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.orm import Session

from shared.event_log.recorder import STORED_EVENTS, SafeRecorder, recorder_on
from tests.transport.wire_tools import until

TRACKS = """
import sys
from sqlalchemy.exc import OperationalError
from eventsourcing.persistence import IntegrityError, Tracking
from shared.engines import engine_for
from shared.event_log.recorder import recorder_on
recorder = recorder_on(engine_for(sys.argv[1], sys.argv[2] or None))
won = 0
for number in range(1, 101):
    try:
        recorder.insert_events([], tracking=Tracking("town-100", number))
        won += 1
    except IntegrityError:
        pass
print(won)
"""


def event(stream: UUID, version: int) -> StoredEvent:
    return StoredEvent(stream, version, "case.registered.v1", b"{}")


def wins(recorder: SafeRecorder, number: int) -> bool:
    """Whether this caller is the one who takes the number."""
    try:
        recorder.insert_events([], tracking=Tracking("town-100", number))
    except IntegrityError:
        return False
    return True


def test_of_several_threads_exactly_one_takes_each_number(engine: Engine):
    # Given eight threads that want every number
    recorder = recorder_on(engine)
    recorder.create_table()
    with ThreadPoolExecutor(8) as pool:
        for number in range(1, 51):
            # When they try at the same time
            tries = [pool.submit(wins, recorder, number) for _ in range(8)]
            # Then one of them has it
            assert [one.result() for one in tries].count(True) == 1
    assert recorder.max_tracking_id("town-100") == 50


def test_of_several_processes_none_takes_a_number_twice(engine: Engine):
    # Given two processes that want the same hundred numbers
    recorder_on(engine).create_table()
    schema = engine.get_execution_options().get("schema_translate_map", {}).get(None, "")
    address = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", TRACKS, address, schema]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    # When both are done
    won = [int(process.communicate(timeout=60)[0]) for process in both]
    # Then no number was won twice, and the last one is taken
    assert sum(won) <= 100
    assert recorder_on(engine).max_tracking_id("town-100") == 100


def test_a_number_and_its_facts_are_kept_together_or_not_at_all(engine: Engine):
    # Given a number that was taken
    recorder = recorder_on(engine)
    recorder.create_table()
    recorder.insert_events([event(uuid4(), 1)], tracking=Tracking("town-100", 7))
    # When other facts come with the same number
    with pytest.raises(IntegrityError):
        recorder.insert_events([event(uuid4(), 1)], tracking=Tracking("town-100", 7))
    # Then they are not there
    assert positions(engine) == [1]


def test_positions_become_visible_in_order_under_load(engine: Engine):
    # Given a reader that never looks back
    recorder, seen, done = recorder_on(engine), [], Event()

    def follow() -> None:
        while not (done.wait(0.001) and len(seen) == 1_200):
            seen.extend(positions(engine, after=seen[-1] if seen else 0))

    reader = Thread(target=follow, daemon=True)
    reader.start()

    def write(_: int) -> None:
        stream = uuid4()
        for batch in range(5):
            facts = [event(stream, batch * 20 + number) for number in range(1, 21)]
            with Session(engine) as session, session.begin():
                recorder.insert_events(facts, session=session)

    # When twelve streams are written by six threads at once
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(12)))
    done.set()
    reader.join(60)
    # Then it has seen every fact
    assert not reader.is_alive(), f"{1_200 - len(seen)} missed"
    assert seen == positions(engine)


def positions(engine: Engine, after: int = 0) -> list[int]:
    query = STORED_EVENTS.select().where(STORED_EVENTS.c.id > after).order_by(STORED_EVENTS.c.id)
    with engine.connect() as connection:
        return [row.id for row in connection.execute(query)]


@pytest.fixture
def on_server(postgres: str) -> Iterator[Engine]:
    """The recorder's tables in a schema of the server, owned by its administrator."""
    schema = f"append_{uuid4().hex[:8]}"
    engine = create_engine(postgres).execution_options(schema_translate_map={None: schema})
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    recorder_on(engine).create_table()
    yield engine
    engine.dispose()


@contextmanager
def as_appender(owner: Engine) -> Iterator[Engine]:
    """The same tables for a role that may look and add, and nothing else."""
    schema = owner.get_execution_options()["schema_translate_map"][None]
    with owner.begin() as connection:
        connection.execute(text(f"CREATE ROLE {schema} LOGIN PASSWORD 'appender'"))
        connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {schema}"))
        connection.execute(text(f"GRANT SELECT, INSERT ON {schema}.stored_events TO {schema}"))
        connection.execute(text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {schema}"))
    address = make_url(str(owner.url.render_as_string(hide_password=False)))
    engine = create_engine(address.set(username=schema, password="appender"))
    yield engine.execution_options(schema_translate_map={None: schema})
    engine.dispose()


def record(engine: Engine, *facts: StoredEvent) -> None:
    with Session(engine) as session, session.begin():
        recorder_on(engine).insert_events(list(facts), session=session)


def test_a_role_that_may_only_look_and_add_is_enough(on_server: Engine):
    # Given a role without the right to change or delete
    with as_appender(on_server) as engine:
        # When it records, then the fact is there
        record(engine, event(uuid4(), 1))
        assert positions(engine) == [1]
        # And the server lets it change nothing
        for change in ("UPDATE {}.stored_events SET topic = 'x'", "DELETE FROM {}.stored_events"):
            with pytest.raises(Exception, match="permission denied"), engine.begin() as connection:
                connection.execute(text(change.format(engine.url.username)))


def test_building_an_index_does_not_stop_the_writers(on_server: Engine):
    # Given an index build that waits for a reader who takes his time
    record(on_server, event(uuid4(), 1))
    with on_server.connect().execution_options(isolation_level="REPEATABLE READ") as reader:
        reader.execute(STORED_EVENTS.select())
        build = Thread(target=build_index, args=(on_server,))
        build.start()
        until(lambda: is_waiting(on_server, "CREATE INDEX CONCURRENTLY"))
        # When facts are recorded meanwhile, then they are there at once
        for version in range(2, 12):
            record(on_server, event(uuid4(), version))
        assert is_waiting(on_server, "CREATE INDEX CONCURRENTLY")
        assert len(positions(on_server)) == 11
    build.join(30)


def build_index(engine: Engine) -> None:
    schema = engine.get_execution_options()["schema_translate_map"][None]
    connection = psycopg2.connect(engine.url.render_as_string(hide_password=False))
    connection.autocommit = True
    connection.cursor().execute(f"CREATE INDEX CONCURRENTLY by_topic ON {schema}.stored_events (topic)")
    connection.close()


def is_waiting(engine: Engine, query: str) -> bool:
    with engine.connect() as connection:
        return bool(_waiting(connection, query))


def _waiting(connection: Connection, query: str) -> int:
    found = connection.execute(
        text(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND query LIKE :query AND pid <> pg_backend_pid()"
        ),
        {"query": f"{query}%"},
    )
    return found.scalar() or 0
