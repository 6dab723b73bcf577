"""From Apache Kafka to a node's inbox and projections on PostgreSQL, against a bare poll and bulk insert.

Ours is what the reader's thread of the county's node does, called by hand: poll, check each fact by
number, chain and signature, store and project it, commit. The yardstick polls the same messages
with the same consumer, takes nothing apart, and puts the same rows, made already, into tables of the
same shape with the driver alone, one commit a poll. Rows that many facts share, such as when an
office was last heard, it leaves out. Both begin without a connection to Kafka.
"""

from collections.abc import Iterator
from time import perf_counter
from typing import Any

import psycopg2
from kafka import TopicPartition
from psycopg2.extras import execute_values
from sqlalchemy import Table

from shared.event_log.tables import LOG
from shared.node.node import Node
from shared.transport.kafka.clients import Clients
from shared.transport.kafka.wire import DEADLINE
from shared.transport.routes import UP
from shared.work.catalogue import PROJECTIONS
from tests.benchmarks.append import record
from tests.benchmarks.ground import Ground, by_hand, network_on, running_kafka
from tests.benchmarks.race import Race
from tests.benchmarks.relay import last_of, relay_all
from tests.parts.tiny_network import ALONE, TinyNetwork

FACTS = 3_000
"""Facts that arrive in one run. Unit: facts; a run takes some seconds."""
SCHEMA = "node_county"
TABLES = [table for table in (*LOG.sorted_tables, *PROJECTIONS.tables) if "fact" in table.c]
"""Tables in which each fact has a row of its own."""


def arrival(ground: Ground) -> Iterator[Race]:
    """The race; a run of the yardstick reads what ours read last."""
    with running_kafka(ground.folder / "kafka-of-arrival") as kafka:
        tiny = network_on(ground, kafka, "arrival")
        with by_hand(tiny, kafka, ALONE) as (host, village):
            bare = Bare(tiny, kafka, village.ways.topic_of(UP))

            def ours() -> float:
                bare.first = bare.end()
                record(village.log, FACTS)
                relay_all(host, village)
                return arrive(tiny, kafka, last_of(village))

            yield Race("arrival", ours, bare.read, "messages/s", 0.8)
            bare.close()


def arrive(tiny: TinyNetwork, kafka: str, last: int) -> float:
    """Let the county take what has come; gives messages a second."""
    with by_hand(tiny, kafka, "county") as (host, county):
        begun_at, begun = held_of(county), perf_counter()
        while held_of(county) < last:
            host.finish(host.receive(0.5))
        return (last - begun_at) / (perf_counter() - begun)


def held_of(county: Node) -> int:
    """How far the county holds what the village sent."""
    return county.receipts.durable.get((ALONE, 1, UP), 0)


class Bare:
    """A poll and an insert, with the drivers alone."""

    def __init__(self, tiny: TinyNetwork, kafka: str, topic: str) -> None:
        self._clients = Clients(kafka, {}, DEADLINE)
        self._partition = TopicPartition(topic, 0)
        self._link = psycopg2.connect(tiny.network().postgres)
        self.first = 0
        with self._link as link, link.cursor() as cursor:
            cursor.execute("CREATE SCHEMA bare")
            for table in TABLES:
                cursor.execute(f"CREATE TABLE bare.{table} (LIKE {SCHEMA}.{table} INCLUDING ALL)")

    def end(self) -> int:
        """The offset at which the next message will stand."""
        consumer = self._clients.consumer(DEADLINE)
        end = consumer.end_offsets([self._partition])[self._partition]
        consumer.close()
        return end

    def read(self) -> float:
        """Read the last run's messages again, and insert their rows; gives messages a second."""
        rows = {table.name: self._rows(table) for table in TABLES}
        self._empty()
        done, begun = 0, perf_counter()
        consumer = self._clients.consumer(DEADLINE)
        consumer.assign([self._partition])
        consumer.seek(self._partition, self.first)
        while done < FACTS:
            for found in consumer.poll(timeout_ms=500).values():
                self._insert(rows, done, done + len(found))
                done += len(found)
        took = perf_counter() - begun
        consumer.close()
        return done / took

    def close(self) -> None:
        """Let go of the database."""
        self._link.close()

    def _rows(self, table: Table) -> list[tuple[Any, ...]]:
        """What the last run put into a table, as text, which goes in again without more work."""
        shown = ", ".join(f'new."{column.name}"::text' for column in table.c)
        with self._link as link, link.cursor() as cursor:
            cursor.execute(
                f"SELECT {shown} FROM {SCHEMA}.{table} new JOIN {SCHEMA}.journal known USING (fact)"
                f" ORDER BY known.position DESC LIMIT {FACTS}"
            )
            return cursor.fetchall()

    def _empty(self) -> None:
        with self._link as link, link.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(f'bare.{table}' for table in TABLES)}")

    def _insert(self, rows: dict[str, list[tuple[Any, ...]]], first: int, end: int) -> None:
        with self._link as link, link.cursor() as cursor:
            for table in TABLES:
                columns = ", ".join(f'"{column.name}"' for column in table.c)
                insert = f"INSERT INTO bare.{table} ({columns}) VALUES %s"
                execute_values(cursor, insert, rows[table.name][first:end], page_size=end - first)
