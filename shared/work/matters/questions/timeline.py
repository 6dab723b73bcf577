"""The time line of a matter, and what just came in, with what the county's overrides make of it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, Uuid, bindparam, select

from shared.projections.listing import part_of
from shared.projections.timeline import AS_IT_CAME, CAME_IN, HAPPENED, TIMELINE, Entry, entry_values
from shared.work.common.stretch import FIRST, Stretch
from shared.work.matters.questions.referrals import OVERRIDES


@dataclass(frozen=True)
class MatterEntry(Entry):
    """One fact; `after_override` marks what an office recorded after the county had taken the matter from it."""

    after_override: bool


def timeline(connection: Connection, case: UUID) -> list[MatterEntry]:
    """Everything this node knows of a case, in the order in which it was recorded; at one moment as it came here."""
    return [_entry(row) for row in connection.execute(_HAPPENED, {"concerned": case})]


def feed(connection: Connection, *, stretch: Stretch = FIRST) -> list[MatterEntry]:
    """What came in at this node, the last first."""
    return [_entry(row) for row in part_of(connection, _CAME_IN, AS_IT_CAME, stretch)]


def registration(connection: Connection, case: UUID) -> UUID | None:
    """The fact with which a case begins; none when this node does not know it."""
    return connection.scalar(_REGISTRATION, {"concerned": case})


def _marked(question: Select[Any]) -> Select[Any]:
    """Rows with the moment at which their referral was overridden."""
    overridden = select(OVERRIDES.c.recorded_at).where(OVERRIDES.c.referral == TIMELINE.c.stream)
    return question.add_columns(overridden.limit(1).scalar_subquery().label("overridden_at"))


_HAPPENED, _CAME_IN = _marked(HAPPENED), _marked(CAME_IN)
_REGISTRATION = select(TIMELINE.c.fact).where(
    TIMELINE.c.correlation == bindparam("concerned", type_=Uuid()), TIMELINE.c.name == "case.registered"
)


def _entry(row: Row[Any]) -> MatterEntry:
    late = row.overridden_at is not None and row.recorded_at > row.overridden_at
    return MatterEntry(**entry_values(row), after_override=late and row.name != "referral.stopped")
