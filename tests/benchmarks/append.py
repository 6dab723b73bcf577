"""An order decided and durable, against one row inserted and committed.

Ours is the node's log as a node uses it: an order is decided (a zero report of a unit and day), its
fact canonicalised, its stream looked up, and it is answered after the commit. The yardstick writes a
row of the same size with the driver alone, one row and one commit a call, each client on a
connection of its own. Facts are about 400 bytes.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg2
from eventsourcing.persistence import StoredEvent
from eventsourcing_sqlalchemy.datastore import SQLAlchemyDatastore
from eventsourcing_sqlalchemy.recorders import SQLAlchemyAggregateRecorder
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import sessionmaker

from shared.database.engines import create_schema, engine_for
from shared.database.writes import Writes
from shared.event_log.key_ring import KeyRing
from shared.event_log.known import JournaledFact
from shared.event_log.node_log import NodeLog
from shared.event_log.transaction import Transaction
from shared.event_log.writer import WriterPool
from shared.node.projecting import recorded_fact_of
from shared.node.storage import create_node_tables
from shared.settings.limits import Flow
from shared.work.catalogue import PROJECTIONS
from shared.work.common.actor import Actor
from shared.work.common.order_request import OrderRequest
from shared.work.reports.reporting_day import ReportingDay
from shared.writer_lease.lease import FileLease, Lease
from shared.writer_lease.postgres import ServerLeases
from tests.benchmarks.ground import UNITS, Ground, chunks, filling, unit, zero_report
from tests.benchmarks.race import Race, rate

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DAY = date(2026, 3, 2)
CLERK = Actor(account="clerk", unit=uuid4(), role="information_officer", name="值班员")
EACH = 1_500
"""Orders of all clients together in one run. Unit: orders; a run takes about a second."""

_numbers, _orders = count(1), count()


class NoDepartures:
    """A log alone: nothing departs."""

    def read_again(self, connection: Any) -> None: ...
    def depart(self, transaction: Transaction, news: list[JournaledFact]) -> None: ...
    def commit(self) -> None: ...
    def rollback(self) -> None: ...


def order() -> OrderRequest:
    """An order nobody has given before: the report of the county's next unit, and after the last for the day before."""
    back, number = divmod(next(_orders), UNITS)
    by, day = unit(number), DAY - timedelta(days=back)
    return OrderRequest(
        CLERK,
        AT,
        lambda context: context.add(zero_report(by, day, context.at)),
        expected_new=(ReportingDay.id_for(by, day),),
    )


@contextmanager
def log_on(engine: Engine, folder: Path, *, projected: bool = False) -> Iterator[NodeLog]:
    """A node's log on an empty schema or file."""
    schema = (engine.get_execution_options().get("schema_translate_map") or {}).get(None)
    create_node_tables(engine, schema, PROJECTIONS)
    ring = KeyRing(folder / f"ring-{next(_numbers)}.sqlite")
    crew = WriterPool()
    lease = _lease(engine, schema, folder)
    log = NodeLog(
        name="bench",
        engine=engine,
        incarnation=1,
        crew=crew,
        ring=ring,
        projector=_project if projected else _nothing,
        departures=NoDepartures(),
        reactions=lambda context, known: None,
        fence=lease,
        flow=Flow(),
        after_commit=lambda: None,
    )
    log.start()
    try:
        yield log
    finally:
        log.stop()
        lease.give_back()
        crew.close()
        ring.close()


def _lease(engine: Engine, schema: str | None, folder: Path) -> Lease:
    """The right to write, checked in every commit as on a real node."""
    if schema is None:
        return FileLease(folder / f"lock-{next(_numbers)}")
    lease = ServerLeases().take(engine.url.render_as_string(hide_password=False), schema)
    assert lease is not None
    return lease


def _project(writes: Any, news: list[Any]) -> None:
    """The node's own projections."""
    PROJECTIONS.apply(writes, map(recorded_fact_of, news))


def _nothing(writes: Writes, news: list[JournaledFact]) -> None:
    """No projection."""


def ours(log: NodeLog, clients: int) -> Callable[[], float]:
    """Clients that each wait for their order's answer before they give the next."""
    return lambda: rate(clients, EACH // clients, lambda *_: _given(log))


def _given(log: NodeLog) -> None:
    log.change(order()).result()


def record(log: NodeLog, count: int) -> None:
    """Let a log record zero reports that nobody has sent before."""
    for orders in chunks(order() for _ in filling(count)):
        for answer in log.change_many(orders):
            answer.result()


def raw_postgres(url: str, clients: int) -> Callable[[], float]:
    """One row inserted and committed a call, with psycopg2 alone."""
    links = [psycopg2.connect(url) for _ in range(clients)]
    with links[0] as link, link.cursor() as cursor:
        cursor.execute(_RAW_TABLE.format(key="BIGSERIAL PRIMARY KEY", bytes="BYTEA", id="UUID"))
    state = os.urandom(400)

    def one(client: int, _: int) -> None:
        link = links[client]
        with link.cursor() as cursor:
            cursor.execute(
                "INSERT INTO raw_events (stream, version, topic, state) VALUES (%s, %s, %s, %s)",
                (str(uuid4()), 1, "report.filed.v1", state),
            )
        link.commit()

    return lambda: rate(clients, EACH // clients, one)


_RAW_TABLE = (
    "CREATE TABLE IF NOT EXISTS raw_events (id {key}, stream {id} NOT NULL, version INTEGER NOT NULL,"
    " topic TEXT NOT NULL, state {bytes} NOT NULL, UNIQUE (stream, version))"
)


def raw_sqlite(path: Path) -> Callable[[], float]:
    """One row inserted and committed a call, with the driver alone; SQLite has one writer."""
    link = sqlite3.connect(path, check_same_thread=False)
    link.execute("PRAGMA journal_mode=WAL")
    link.execute("PRAGMA synchronous=FULL")
    link.execute(_RAW_TABLE.format(key="INTEGER PRIMARY KEY AUTOINCREMENT", bytes="BLOB", id="TEXT"))
    state = os.urandom(400)

    def one(client: int, _: int) -> None:
        link.execute(
            "INSERT INTO raw_events (stream, version, topic, state) VALUES (?, ?, ?, ?)",
            (str(uuid4()), 1, "report.filed.v1", state),
        )
        link.commit()

    return lambda: rate(1, EACH, one)


def stock(url: str, clients: int) -> Callable[[], float]:
    """The stock recorder of the mandated library with its SQLAlchemy adapter, as it comes."""
    engine = create_engine(url, pool_size=clients)
    store = SQLAlchemyDatastore(session_maker=sessionmaker(bind=engine))
    recorder = SQLAlchemyAggregateRecorder(store, events_table_name="stock_events")
    recorder.create_table()
    state = os.urandom(400)

    def one(client: int, _: int) -> None:
        recorder.insert_events([StoredEvent(uuid4(), 1, "report.filed.v1", state)])

    return lambda: rate(clients, EACH // clients, one)


def append(ground: Ground, clients: int, goal: float, yard: int | None = None) -> Iterator[Race]:
    """`append-N`: the log only, on PostgreSQL."""
    with log_on_server(ground) as (log, url):
        yield Race(
            f"append-{clients}", ours(log, clients), raw_postgres(url, yard or clients), "orders/s", goal
        )


def append_projected(ground: Ground) -> Iterator[Race]:
    """`append-8-projected`: with the node's own projections in the same commit."""
    with log_on_server(ground, projected=True) as (log, url):
        yield Race("append-8-projected", ours(log, 8), raw_postgres(url, 8), "orders/s", 0.5)


def append_stock(ground: Ground) -> Iterator[Race]:
    """`append-8-stock`: against the event store that people would take off the shelf."""
    with log_on_server(ground) as (log, url):
        yield Race("append-8-stock", ours(log, 8), stock(url, 8), "orders/s", 8.0)


def append_sqlite(ground: Ground) -> Iterator[Race]:
    """`append-sqlite-8`: eight callers on a file."""
    engine = engine_for(f"sqlite:///{ground.folder / 'ours.sqlite'}", None)
    with log_on(engine, ground.folder) as log:
        yield Race("append-sqlite-8", ours(log, 8), raw_sqlite(ground.folder / "raw.sqlite"), "orders/s", 1.2)


@contextmanager
def log_on_server(ground: Ground, *, projected: bool = False) -> Iterator[tuple[NodeLog, str]]:
    """A node's log in a schema of its own on the server, and the server's address."""
    schema = f"bench_{next(_numbers)}"
    engine = engine_for(ground.server, schema)
    create_schema(engine, schema)
    with ExitStack() as held:
        yield held.enter_context(log_on(engine, ground.folder, projected=projected)), ground.server
