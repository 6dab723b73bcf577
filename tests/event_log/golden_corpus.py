"""A small real log and what it has always come to: the county's journal of a day in which every order was given.

The facts are as their nodes recorded them, and stay so for ever. `python -m tests.event_log.golden_corpus`
writes what the projections make of them again: do that when a projection was changed on purpose, and
look at every line that changed. With `--new` it makes another journal; that is a new corpus.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine

from services.running import running
from shared.database.engines import engine_for
from shared.envelope import Envelope, moment_of, moment_text
from shared.event_log.mapper import data_of
from shared.projections.rows import RecordedFact
from shared.settings.network import node_names
from shared.work.catalogue import PROJECTIONS
from tests.projections.world import replay

FOLDER = Path(__file__).parent / "golden"
FACTS, DUMP = FOLDER / "county.jsonl", FOLDER / "county.dump"


@dataclass(frozen=True)
class Line:
    """A fact of the corpus and when it arrived; none for the county's own."""

    envelope: Envelope
    arrived: datetime | None


def facts() -> list[Line]:
    """The corpus in the order of the journal."""
    lines = FACTS.read_bytes().splitlines()
    return [_line(*line.split(b" ", 1)) for line in lines]


def happenings() -> list[RecordedFact]:
    """The corpus as projections take it."""
    lines = enumerate(facts(), start=1)
    return [RecordedFact(line.envelope, data_of(line.envelope), line.arrived, place) for place, line in lines]


def replayed(engine: Engine) -> str:
    """What projections make of the corpus in an empty database."""
    PROJECTIONS.create_tables(engine)
    with engine.begin() as connection:
        replay(connection, happenings())
        return PROJECTIONS.dump(connection)


def _line(arrived: bytes, body: bytes) -> Line:
    return Line(Envelope.read(body), None if arrived == b"own" else moment_of(arrived.decode()))


def _made(folder: Path) -> Iterator[bytes]:
    """The county's journal of a day with every order, a line a fact: when it arrived, and its canonical bytes."""
    from tests.services.every_order import give_all
    from tests.services.network import Stage, found_small, until

    data = found_small(folder / "network")
    with running(data, node_names(data), port=0) as (host, web):
        for _ in give_all(Stage(host, f"http://127.0.0.1:{web.port}")):
            pass
        until(lambda: all(node.is_settled() for node in host.nodes.values()))
        county = host.nodes["county"]
        with county.engine.connect() as connection:
            for known in county.log.since(connection):
                arrived = moment_text(known.arrived) if known.arrived else "own"
                yield arrived.encode() + b" " + known.envelope.body + b"\n"


def main(arguments: list[str]) -> None:
    """Write the dump, or a whole new corpus."""
    FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        if "--new" in arguments:
            FACTS.write_bytes(b"".join(_made(Path(folder))))
        DUMP.write_text(replayed(engine_for(f"sqlite:///{folder}/replay.sqlite", None)), encoding="utf-8")
    counted: dict[str, int] = {}
    for line in facts():
        counted[line.envelope.type] = counted.get(line.envelope.type, 0) + 1
    print(json.dumps(counted, indent=1, sort_keys=True))


if __name__ == "__main__":
    main(sys.argv[1:])
