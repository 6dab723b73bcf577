"""The time line of a matter, and what just came in, with what the county's overrides make of it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, select

from shared.projections.timeline import TIMELINE, Entry, came_in, entry_values, happened
from shared.work.common.fact import UnitId
from shared.work.matters.questions.referrals import OVERRIDES


@dataclass(frozen=True)
class MatterEntry(Entry):
    """One fact; `after_override` marks what an office recorded after the county had taken the matter from it."""

    after_override: bool


def timeline(connection: Connection, case: UUID) -> list[MatterEntry]:
    """Everything this node knows of a case, in the order in which it was recorded; at one moment as it came here."""
    return _entries(connection, happened(case))


def feed(
    connection: Connection,
    *,
    names: Collection[str] | None = None,
    units: Collection[UnitId] | None = None,
    own: bool = False,
    limit: int | None = 50,
    offset: int = 0,
) -> list[MatterEntry]:
    """What came in at this node, the last first; `own` adds what it recorded itself."""
    query = came_in(names=names, units=units, own=own)
    return _entries(connection, query.limit(limit).offset(offset))


def registration(connection: Connection, case: UUID) -> UUID | None:
    """The fact with which a case begins; none when this node does not know it."""
    query = select(TIMELINE.c.fact).where(
        TIMELINE.c.correlation == case, TIMELINE.c.name == "case.registered"
    )
    return connection.scalar(query)


def _entries(connection: Connection, query: Select[Any]) -> list[MatterEntry]:
    """Entries, each judged by the moment at which its referral was overridden."""
    overridden = select(OVERRIDES.c.recorded_at).where(OVERRIDES.c.referral == TIMELINE.c.stream)
    marked = query.add_columns(overridden.limit(1).scalar_subquery().label("overridden_at"))
    return [_entry(row) for row in connection.execute(marked)]


def _entry(row: Row[Any]) -> MatterEntry:
    late = row.overridden_at is not None and row.recorded_at > row.overridden_at
    return MatterEntry(**entry_values(row), after_override=late and row.name != "referral.stopped")
