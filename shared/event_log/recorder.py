"""The recorder of the mandated library, made safe for many nodes on one database server.

The node's writer uses it for two things, each other than the adapter's own way (found by running it, see
decision 0003): an advisory lock instead of LOCK TABLE, so that an append-only role works and index builds do not
block writers; and rows that are written without the ORM and without NOTIFY, which locks the whole server at commit.

The adapter's tracking table is made, too, since networks have it; nothing of ours reads or writes it.
"""

from collections.abc import Sequence
from typing import Any

from eventsourcing.persistence import StoredEvent
from eventsourcing_sqlalchemy.datastore import SQLAlchemyDatastore
from eventsourcing_sqlalchemy.models import StoredEventRecord
from eventsourcing_sqlalchemy.recorders import SQLAlchemyProcessRecorder
from sqlalchemy import Connection, Engine, Table
from sqlalchemy.orm import sessionmaker

from shared.database.writes import Writes
from shared.event_log.tables import JOURNAL

EVENTS = "stored_events"
TRACKING = "notification_tracking"
_EVENT_RECORD: Any = SQLAlchemyDatastore.define_record_class(
    cls_name="StoredEvent", table_name=EVENTS, schema_name=None, base_cls=StoredEventRecord
)
STORED_EVENTS: Table = _EVENT_RECORD.__table__
"""The adapter's own table of facts; `state` holds the canonical bytes, `topic` the stable name."""
OWN_EVENT = (STORED_EVENTS.c.originator_id == JOURNAL.c.stream) & (
    STORED_EVENTS.c.originator_version == JOURNAL.c.stream_version
)
"""Joins a journal row of an own fact with its stored event."""


class SafeRecorder(SQLAlchemyProcessRecorder):
    """Records facts inside a transaction that the node's writer owns."""

    def write_events(self, writes: Writes, stored_events: Sequence[StoredEvent]) -> None:
        """Let facts wait among the changes of a transaction that was opened with `opening`."""
        writes.insert(STORED_EVENTS, [vars(event) for event in stored_events])

    def opening(self, connection: Connection) -> list[str]:
        """What goes before the first change: positions become visible in the order in which they are taken."""
        if connection.dialect.name != "postgresql":
            return []
        schema = (connection.get_execution_options().get("schema_translate_map") or {}).get(None, "public")
        return [f"SELECT pg_advisory_xact_lock(hashtext('{schema}.{EVENTS}'))"]


def recorder_on(engine: Engine) -> SafeRecorder:
    """The recorder of one node; `engine` carries the node's schema as a translation."""
    datastore = SQLAlchemyDatastore(session_maker=sessionmaker(bind=engine, autoflush=False))
    return SafeRecorder(datastore, events_table_name=EVENTS, tracking_table_name=TRACKING)
