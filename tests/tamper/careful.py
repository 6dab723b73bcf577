"""A thief who knows our code, but not the keys of the offices above: leaves a log that is right in itself."""

import sqlite3
from random import Random

from sqlalchemy import Connection, delete, insert, select, update

from shared.envelope import CHAIN_START, Envelope, next_chain
from shared.event_log.recorder import OWN_EVENT, STORED_EVENTS
from shared.event_log.tables import JOURNAL, PLACES, ROUTES
from shared.node.node import Node
from shared.proof.tables import CHECKPOINTS, COSIGNATURES, TILES, TREES
from tests.parts.tiny_network import ALONE, TinyNetwork
from tests.tamper.damage import Deed, open_file


def rewrite(network: TinyNetwork, random: Random) -> Deed:
    """Change a fact, or cut the log's end off; chain everything anew, throw away what was signed."""
    deed = random.choice((_edit, _cut))(network, random)
    (village,) = network.open(ALONE)
    with village.engine.begin() as connection:
        _chain_anew(connection)
        for table in (TILES, TREES, CHECKPOINTS, COSIGNATURES):
            connection.execute(delete(table))
    village.rebuild()
    network.close(ALONE)
    return deed


def _edit(network: TinyNetwork, random: Random) -> Deed:
    db = open_file(network.data, ALONE)
    rows = db.execute("SELECT id, state FROM stored_events WHERE topic = 'case.registered.v2'").fetchall()
    id_, state = random.choice(rows)
    db.execute(
        "UPDATE stored_events SET state = ? WHERE id = ?",
        (state.replace(b'"persons":1', b'"persons":9'), id_),
    )
    db.commit()
    db.close()
    return Deed("careful edit", "stored_events", f"row {id_}")


def _cut(network: TinyNetwork, random: Random) -> Deed:
    db = open_file(network.data, ALONE)
    count = random.randint(1, 5)
    gone = db.execute(
        "SELECT position, stream, stream_version FROM journal WHERE own ORDER BY position DESC LIMIT ?",
        (count,),
    ).fetchall()
    for position, stream, version in gone:
        _delete_fact(db, position, stream, version)
    db.commit()
    db.close()
    return Deed("careful truncation", "stored_events", f"the last {count} facts")


def _delete_fact(db: sqlite3.Connection, position: int, stream: bytes, version: int) -> None:
    db.execute("DELETE FROM journal WHERE position = ?", (position,))
    db.execute("DELETE FROM places WHERE position = ?", (position,))
    db.execute(
        "DELETE FROM stored_events WHERE originator_id = ? AND originator_version = ?", (stream, version)
    )


def _chain_anew(connection: Connection) -> None:
    for (route,) in connection.execute(select(ROUTES.c.route)).all():
        query = select(PLACES.c.number, STORED_EVENTS.c.state).join(
            JOURNAL, JOURNAL.c.position == PLACES.c.position
        )
        query = query.join(STORED_EVENTS, OWN_EVENT).where(PLACES.c.route == route).order_by(PLACES.c.number)
        last, chain = 0, CHAIN_START
        for row in connection.execute(query).all():
            last, chain = row.number, next_chain(chain, row.number, Envelope.read(bytes(row.state)).digest)
            this = (PLACES.c.route == route, PLACES.c.number == last)
            connection.execute(update(PLACES).where(*this).values(chain=chain))
        connection.execute(delete(ROUTES).where(ROUTES.c.route == route))
        connection.execute(insert(ROUTES).values(route=route, last=last, chain=chain))


def parent_alarms(network: TinyNetwork, parent: Node) -> list[str]:
    """What a parent says of the village's log."""
    return [alarm["kind"] for alarm in parent.proofs.state()["alarms"] if alarm["source"] == ALONE]
