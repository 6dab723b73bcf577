"""The node's own tables beside the recorder's `stored_events`; one set in each node's schema.

| table | holds |
| --- | --- |
| journal | the order in which this node came to know facts, own and received; replay reads it |
| received | canonical bytes of facts from other nodes, with where and when they arrived |
| orders | answers of orders by idempotency key, so that a repeated request finds its first answer |
| routes, places | per route the last number and chain, and each departed fact's number |
| ended_lives | of sources that were restored: where their earlier incarnations ended |
| sources | per source, incarnation and route what this node holds without a gap |
| stream_writers | per record that came from another node, the node that began it |
| evidence_given | which facts were sent to which node besides their routes, since it asked for them |
| handed_over | others' facts of the records of offices that moved here, and by which fact each was handed over |
| offices_taken | offices that moved here, and of which all is here that the earlier node had |
| awaited_facts | facts of others that an office had heard before it moved here, and whether what follows had followed |
| came_too_late | facts for an office that had moved away, until they are handed over, too |
| parked_refused | per source how many messages could not even be parked, since so much of it is parked already |
| holdings | what others say they hold of this node's routes (their receipts) |
| gaps | per source, incarnation and route with a gap, since when nothing closed it |
| parked | messages that could not be taken, with the reason |
| discarded | parked messages that somebody gave up: who, when and why |
| wanted_keys | cases and letters whose keys are awaited, the nodes to ask, and facts with texts that they open |
| sent | per route the last number that the wire acknowledged |
| wire_places | per topic its identity and the next offset to read |
| node_state | name, incarnation and other single values |
| returned, restore_answers | while a node is restored: its own facts as others give them back, and what they say |
"""

from typing import Any

from eventsourcing_sqlalchemy.models import StoredEventRecord
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
)

LOG = MetaData()
UP = "up"
"""The route upward, as tables and wire name it."""

_StreamId = StoredEventRecord.originator_id.type
"""The adapter's own type for stream ids, so that the journal joins with its table on both databases."""
_Big = BigInteger().with_variant(Integer(), "sqlite")

JOURNAL = Table(
    "journal",
    LOG,
    Column("position", _Big, primary_key=True, autoincrement=False),
    Column("fact", Uuid, nullable=False, unique=True),
    Column("stream", _StreamId, nullable=False),
    Column("stream_version", Integer, nullable=False),
    Column("own", Boolean, nullable=False),
)
RECEIVED = Table(
    "received",
    LOG,
    Column("fact", Uuid, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("arrived_at", String, nullable=False),
)
RECEIVED_PLACES = Table(
    "received_places",
    LOG,
    Column("source", String, primary_key=True),
    Column("incarnation", Integer, primary_key=True),
    Column("route", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("fact", Uuid, nullable=False),
    Column("chain", LargeBinary, nullable=False),
    Column("signature", String, nullable=False),
)
STREAM_WRITERS = Table(
    "stream_writers",
    LOG,
    Column("stream", Uuid, primary_key=True),
    Column("source", String, nullable=False),
)
EVIDENCE_GIVEN = Table(
    "evidence_given",
    LOG,
    Column("node", String, primary_key=True),
    Column("fact", Uuid, primary_key=True),
    Column("stream", Uuid, nullable=False),
    Index("evidence_given_by_stream", "stream"),
)
HANDED_OVER = Table(
    "handed_over",
    LOG,
    Column("stream", _StreamId, primary_key=True),
    Column("stream_version", Integer, primary_key=True, autoincrement=False),
    Column("fact", Uuid, nullable=False),
    Column("hand_over", Uuid, nullable=False),
)
OFFICES_TAKEN = Table(
    "offices_taken",
    LOG,
    Column("unit", Uuid, primary_key=True),
    Column("home", Integer, primary_key=True),
)
AWAITED_FACTS = Table(
    "awaited_facts",
    LOG,
    Column("fact", Uuid, primary_key=True),
    Column("source", String, nullable=False),
    Column("followed", Boolean, nullable=False),
)
CAME_TOO_LATE = Table(
    "came_too_late",
    LOG,
    Column("fact", Uuid, primary_key=True),
    Column("unit", Uuid, primary_key=True),
)
PARKED_REFUSED = Table(
    "parked_refused",
    LOG,
    Column("source", String, primary_key=True),
    Column("messages", Integer, nullable=False),
)
ORDERS = Table(
    "orders",
    LOG,
    Column("key", String, primary_key=True),
    Column("fingerprint", String, nullable=False),
    Column("answer", Text, nullable=False),
    Column("answered_at", String, nullable=False),
)
ROUTES = Table(
    "routes",
    LOG,
    Column("route", String, primary_key=True),
    Column("last", Integer, nullable=False),
    Column("chain", LargeBinary, nullable=False),
)
PLACES = Table(
    "places",
    LOG,
    Column("route", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("position", _Big, nullable=False),
    Column("chain", LargeBinary, nullable=False),
)
SENT = Table(
    "sent",
    LOG,
    Column("route", String, primary_key=True),
    Column("number", Integer, nullable=False),
)
SOURCES = Table(
    "sources",
    LOG,
    Column("source", String, primary_key=True),
    Column("incarnation", Integer, primary_key=True),
    Column("route", String, primary_key=True),
    Column("held", Integer, nullable=False),
    Column("chain", LargeBinary, nullable=False),
    Column("highest", Integer, nullable=False),
)
ENDED_INCARNATIONS = Table(
    "ended_lives",
    LOG,
    Column("source", String, primary_key=True),
    Column("before", Integer, nullable=False),
    Column("ends", Text, nullable=False),
    Column("marks", Text, nullable=False),
)
HOLDINGS = Table(
    "holdings",
    LOG,
    Column("holder", String, primary_key=True),
    Column("route", String, primary_key=True),
    Column("held", Integer, nullable=False),
    Column("told_at", String, nullable=False),
)
GAPS = Table(
    "gaps",
    LOG,
    Column("source", String, primary_key=True),
    Column("incarnation", Integer, primary_key=True),
    Column("route", String, primary_key=True),
    Column("since", String, nullable=False),
)


def _message() -> list[Column[Any]]:
    """A message that could not be taken, and why."""
    return [
        Column("id", Uuid, primary_key=True),
        Column("topic", String, nullable=False),
        Column("reason", String, nullable=False),
        Column("source", String, nullable=False),
        Column("type", String, nullable=False),
        Column("subject", String, nullable=False),
        Column("detail", Text, nullable=False),
        Column("headers", Text, nullable=False),
        Column("value", LargeBinary, nullable=False),
        Column("parked_at", String, nullable=False),
        Column("admitted", Boolean, nullable=False),
    ]


PARKED = Table("parked", LOG, *_message(), Index("parked_by_subject", "subject"))
DISCARDED = Table(
    "discarded",
    LOG,
    *_message(),
    Column("discarded_at", String, nullable=False),
    Column("discarded_by", String, nullable=False),
    Column("why", Text, nullable=False),
)
WIRE_PLACES = Table(
    "wire_places",
    LOG,
    Column("topic", String, primary_key=True),
    Column("identity", String, nullable=False),
    Column("offset", _Big, nullable=False),
)
WANTED_KEYS = Table(
    "wanted_keys",
    LOG,
    Column("subject", Uuid, primary_key=True),
    Column("ask", String, nullable=False),
    Column("facts", Text, nullable=False),
)
RETURNED = Table(
    "returned",
    LOG,
    Column("incarnation", Integer, primary_key=True),
    Column("route", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("chain", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
RESTORE_ANSWERS = Table(
    "restore_answers",
    LOG,
    Column("node", String, primary_key=True),
    Column("said", Text, nullable=False),
)
NODE_STATE = Table(
    "node_state",
    LOG,
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
)
