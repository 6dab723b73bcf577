"""The recorder made safe: positions in order, an append-only role, no blocked writers."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event, Thread
from uuid import UUID, uuid4

import psycopg2
import pytest
from eventsourcing.persistence import StoredEvent
from sqlalchemy import Connection, Engine, create_engine, text

from shared.database.engines import create_schema, dispose_all, engine_for
from shared.database.writes import Writes
from shared.event_log.recorder import STORED_EVENTS, SafeRecorder, recorder_on
from tests.transport.wire_tools import until


def event(stream: UUID, version: int) -> StoredEvent:
    return StoredEvent(stream, version, "case.registered.v1", b"{}")


WRITERS, BATCHES, FACTS = 6, 400, 3


class Tail:
    """A reader of one log that never looks back."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._done = engine, Event()
        self.seen: list[int] = []
        self._thread = Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _follow(self) -> None:
        while not self._done.is_set():
            self._look()
        self._look()

    def _look(self) -> None:
        self.seen += positions(self._engine, after=self.seen[-1] if self.seen else 0)

    def end(self) -> list[int]:
        """Everything that it saw, after one last look."""
        self._done.set()
        self._thread.join(60)
        return self.seen


def write_batches(engine: Engine) -> None:
    """One writer's load: many small commits, in a stream of its own."""
    recorder, stream = recorder_on(engine), uuid4()
    for batch in range(BATCHES):
        facts = [event(stream, batch * FACTS + number) for number in range(1, FACTS + 1)]
        insert(engine, recorder, facts)


def test_positions_become_visible_in_order_under_load(on_server: Engine):
    # Given a reader that never looks back
    tail = Tail(on_server)
    # When six writers commit four hundred batches each into the same log
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write_batches, [on_server] * WRITERS))
    # Then it has seen every fact
    assert tail.end() == positions(on_server)
    assert len(tail.seen) == WRITERS * BATCHES * FACTS


def test_logs_of_one_server_do_not_disturb_each_other(on_server: Engine):
    # Given six nodes on one server, each with a reader
    engines = [log_beside(on_server) for _ in range(WRITERS)]
    tails = [Tail(engine) for engine in engines]
    # When each writes four hundred batches at the same time
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write_batches, engines))
    # Then no reader has missed a fact
    assert [len(tail.end()) for tail in tails] == [BATCHES * FACTS] * WRITERS


def log_beside(engine: Engine) -> Engine:
    """A log in a schema of its own, on the same pool."""
    schema = f"beside_{uuid4().hex[:8]}"
    beside = engine.execution_options(schema_translate_map={None: schema})
    create_schema(beside, schema)
    recorder_on(beside).create_table()
    return beside


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


def record(engine: Engine, *facts: StoredEvent) -> None:
    insert(engine, recorder_on(engine), list(facts))


def insert(engine: Engine, recorder: SafeRecorder, facts: list[StoredEvent]) -> None:
    """One commit, as a group of the node's writer makes it."""
    with engine.begin() as connection:
        for statement in recorder.opening(connection):
            connection.exec_driver_sql(statement)
        writes = Writes(connection)
        recorder.write_events(writes, facts)
        writes.send()


def test_nobody_is_notified_of_what_is_recorded(on_server: Engine):
    # Given somebody who listens on the channel that the adapter would use, since a notice locks the whole server
    with closing(psycopg2.connect(address_of(on_server))) as listener:
        listener.autocommit = True
        listener.cursor().execute(f'LISTEN "{recorder_on(on_server).channel_name}"')
        # When facts are recorded
        record(on_server, event(uuid4(), 1), event(uuid4(), 1))
        listener.cursor().execute("SELECT 1")
        listener.poll()
        # Then there is no word of it
        assert listener.notifies == []


def test_no_session_waits_for_a_lock_or_a_statement_without_end(postgres: str):
    # Given a session as nodes use it
    with engine_for(postgres, "public").connect() as connection:
        shown = {name: connection.exec_driver_sql(f"SHOW {name}").scalar() for name in LIMITS}
    dispose_all()
    # Then it gives up a lock, a statement and an idle transaction in time
    assert shown == LIMITS


LIMITS = {"lock_timeout": "3s", "statement_timeout": "15s", "idle_in_transaction_session_timeout": "10s"}


@pytest.mark.parametrize(
    "upkeep", ["CREATE INDEX CONCURRENTLY by_topic ON {} (topic)", "VACUUM (FREEZE) {}", "ANALYZE {}"]
)
def test_upkeep_beside_a_long_reader_does_not_stop_the_writers(on_server: Engine, upkeep: str):
    # Given upkeep of the log beside a reader who takes his time
    record(on_server, event(uuid4(), 1))
    with on_server.connect().execution_options(isolation_level="REPEATABLE READ") as reader:
        reader.execute(STORED_EVENTS.select())
        with ThreadPoolExecutor(1) as pool:
            work = pool.submit(keep_up, on_server, upkeep)
            until(lambda: work.done() or is_waiting(on_server, upkeep.split("{")[0]))
            # When facts are recorded meanwhile, then they are there at once
            for version in range(2, 12):
                record(on_server, event(uuid4(), version))
            assert len(positions(on_server)) == 11
            reader.rollback()
            work.result(30)


def keep_up(engine: Engine, statement: str) -> None:
    schema = engine.get_execution_options()["schema_translate_map"][None]
    with closing(psycopg2.connect(address_of(engine))) as connection:
        connection.autocommit = True
        connection.cursor().execute(statement.format(f"{schema}.stored_events"))


def address_of(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


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
