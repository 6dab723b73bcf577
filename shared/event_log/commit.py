"""Whether a commit whose answer got lost was kept."""

from eventsourcing.persistence import StoredEvent
from sqlalchemy import Connection, Engine, bindparam, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.event_log.known import end_of_journal
from shared.event_log.recorder import STORED_EVENTS
from shared.work.common.order_refusals import CommitInDoubt

_STATE_OF = select(STORED_EVENTS.c.state).where(
    STORED_EVENTS.c.originator_id == bindparam("stream"),
    STORED_EVENTS.c.originator_version == bindparam("version"),
)


def was_kept(engine: Engine, last: StoredEvent | None, position: int) -> bool:
    """Whether a group is in the database whose last own fact and last journal position are these.

    Another process may write this journal by now, so its end alone says nothing of an own fact: that is compared
    to the byte. Errors: CommitInDoubt.
    """
    try:
        with engine.connect() as connection:
            return _is_stored(connection, last, position)
    except (DBAPIError, PoolTimeout) as error:
        raise CommitInDoubt() from error


def _is_stored(connection: Connection, last: StoredEvent | None, position: int) -> bool:
    if last is None:
        return end_of_journal(connection) == position
    state = connection.scalar(_STATE_OF, {"stream": last.originator_id, "version": last.originator_version})
    return state is not None and bytes(state) == last.state
