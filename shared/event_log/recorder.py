"""The recorder of the mandated library, made safe for many nodes on one database server.

Differences from the adapter's own (each found by running it, see docs and decision 0003):
an advisory lock instead of LOCK TABLE, so that an append-only role works and index builds do not
block writers; rows written without the ORM; no NOTIFY, which locks the whole server at commit;
tracking that is atomic instead of check-then-update.
"""

from collections.abc import Sequence
from typing import Any

from eventsourcing.persistence import IntegrityError, StoredEvent, Tracking
from eventsourcing_sqlalchemy.datastore import SQLAlchemyDatastore
from eventsourcing_sqlalchemy.models import StoredEventRecord
from eventsourcing_sqlalchemy.recorders import SQLAlchemyProcessRecorder
from sqlalchemy import Connection, Engine, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, sessionmaker

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
    """Records facts inside a session that the node's writer owns."""

    def _insert_stored_events(
        self, session: Session, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int]:
        self._lock_table(session)
        writes = Writes(session.connection())
        self.write_events(writes, stored_events)
        writes.send()
        return []

    def write_events(self, writes: Writes, stored_events: Sequence[StoredEvent]) -> None:
        """Let facts wait among the changes of a transaction that was opened with `opening`."""
        writes.insert(STORED_EVENTS, [vars(event) for event in stored_events])

    def opening(self, connection: Connection) -> list[str]:
        """What goes before the first change: positions become visible in the order in which they are taken."""
        if connection.dialect.name != "postgresql":
            return []
        schema = (connection.get_execution_options().get("schema_translate_map") or {}).get(None, "public")
        return [f"SELECT pg_advisory_xact_lock(hashtext('{schema}.{EVENTS}'))"]

    def _lock_table(self, session: Session) -> None:
        connection = session.connection()
        for statement in self.opening(connection):
            connection.exec_driver_sql(statement)

    def _insert_tracking(self, session: Session, tracking: Tracking) -> None:
        """Move a source's place forward; exactly one of several attempts wins. Errors: IntegrityError."""
        table = self.tracking_table
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        new = dialect.insert(table).values(
            application_name=tracking.application_name, notification_id=tracking.notification_id
        )
        moved = new.on_conflict_do_update(
            index_elements=[table.c.application_name],
            set_={"notification_id": new.excluded.notification_id},
            where=table.c.notification_id < new.excluded.notification_id,
        )
        if session.execute(moved.returning(table.c.notification_id)).first() is None:
            raise IntegrityError(f"{tracking} was already taken")


def recorder_on(engine: Engine) -> SafeRecorder:
    """The recorder of one node; `engine` carries the node's schema as a translation."""
    datastore = SQLAlchemyDatastore(session_maker=sessionmaker(bind=engine, autoflush=False))
    return SafeRecorder(datastore, events_table_name=EVENTS, tracking_table_name=TRACKING)
