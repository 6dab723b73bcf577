"""The county's projections rebuilt from N facts, against the stock reader reading the same facts.

Ours is `huiyin rebuild` of a node: every projection is emptied, the journal replayed, one commit. The
facts are zero reports that villages sent. The yardstick has the same bytes in the table of the mandated
library's own recorder, and selects them a thousand at a time, as our journal is read; it makes no
objects of them and writes nothing.
"""

from collections.abc import Callable, Iterator
from time import perf_counter

from eventsourcing_sqlalchemy.datastore import SQLAlchemyDatastore
from eventsourcing_sqlalchemy.recorders import SQLAlchemyApplicationRecorder
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

from shared.event_log.journal import READ_AT_ONCE
from shared.event_log.mapper import stored
from shared.node.node import Node
from tests.benchmarks.ground import Ground, chunks, facts_of, network_on, receive, running_kafka
from tests.benchmarks.race import Race


def rebuild(ground: Ground) -> Iterator[Race]:
    """The race, in facts a second."""
    with running_kafka(ground.folder / "kafka-of-rebuild") as kafka:
        tiny = network_on(ground, kafka, "rebuild")
        (county,) = tiny.open("county")
        recorder = stock_recorder(county.settings.database)
        for facts in chunks(facts_of("villages-100", ground.facts)):
            receive(county, facts)
            recorder.insert_events([stored(fact) for fact in facts])
        yield Race("rebuild", ours(county), stock(recorder, ground.facts), "facts/s", 0.6, facts=ground.facts)
        tiny.close()


def ours(county: Node) -> Callable[[], float]:
    """Empty and replay."""

    def run() -> float:
        begun = perf_counter()
        facts = county.rebuild()
        return facts / (perf_counter() - begun)

    return run


def stock_recorder(url: str) -> SQLAlchemyApplicationRecorder:
    """The library's recorder with its adapter, as it comes, on a table of its own."""
    store = SQLAlchemyDatastore(session_maker=sessionmaker(bind=create_engine(url)))
    recorder = SQLAlchemyApplicationRecorder(store, events_table_name="stock_facts")
    recorder.create_table()
    return recorder


def stock(recorder: SQLAlchemyApplicationRecorder, facts: int) -> Callable[[], float]:
    """Select everything, in portions."""

    def run() -> float:
        read, position = 0, 1
        begun = perf_counter()
        while found := recorder.select_notifications(start=position, limit=READ_AT_ONCE):
            read, position = read + len(found), found[-1].id + 1
        took = perf_counter() - begun
        if read != facts:
            raise RuntimeError(f"{read} facts were read instead of {facts}")
        return read / took

    return run
