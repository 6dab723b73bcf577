"""Alarms: a log that is not what was witnessed of it. They are kept, and shown until the log has a new incarnation."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select

from shared.envelope import moment_of, moment_text
from shared.proof.checkpoint import Checkpoint, LogName
from shared.proof.tables import ALARMS, CHECKPOINTS, WITNESSED


class AlarmKind(StrEnum):
    """What is wrong with a log."""

    ROLLED_BACK = "rolled-back"
    FORKED = "forked"
    OTHER_FACTS = "other-facts"


@dataclass(frozen=True)
class Alarm:
    """A log that was found to be shorter or other than what was witnessed; sizes in facts."""

    log: str
    source: str
    kind: str
    found_by: str
    found_at: datetime
    size: int
    witnessed_size: int


def raise_alarm(
    connection: Connection,
    kind: AlarmKind,
    checkpoint: Checkpoint,
    *,
    note: str,
    witnessed: int,
    by: str,
    at: datetime,
) -> None:
    """Keep an alarm; the first one of its kind, log and finder stays, with the note as evidence."""
    keys = {"log": str(checkpoint.log), "kind": kind.value, "found_by": by}
    known = select(ALARMS.c.log).where(*(ALARMS.c[name] == value for name, value in keys.items()))
    if connection.execute(known).first() is None:
        sizes = {"size": checkpoint.size, "witnessed_size": witnessed}
        found = {"source": checkpoint.log.node, "found_at": moment_text(at), "note": note}
        connection.execute(insert(ALARMS), keys | sizes | found)


def alarms(connection: Connection) -> list[Alarm]:
    """Alarms about logs that are still written, the newest first; a restored node has begun another log."""
    names = Alarm.__dataclass_fields__
    rows = connection.execute(select(*(ALARMS.c[name] for name in names)).order_by(ALARMS.c.found_at.desc()))
    found: list[dict[str, Any]] = [dict(row._mapping) for row in rows]
    made = [Alarm(**{**row, "found_at": moment_of(row["found_at"])}) for row in found]
    return [alarm for alarm in made if not _has_a_new_incarnation(connection, LogName.read(alarm.log))]


def _has_a_new_incarnation(connection: Connection, log: LogName) -> bool:
    """Whether a later incarnation of the log's node was witnessed or signed here."""
    theirs = select(WITNESSED.c.log).where(WITNESSED.c.source == log.node).distinct()
    seen = {*connection.scalars(theirs), *connection.scalars(select(CHECKPOINTS.c.log).distinct())}
    logs = map(LogName.read, seen)
    return any(one.node == log.node and one.incarnation > log.incarnation for one in logs)
