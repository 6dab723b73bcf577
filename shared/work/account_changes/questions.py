"""What was changed of accounts here and at the offices below."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, Index, String, Table, Uuid, bindparam, func, select

from shared.database.utc_time import UtcTime
from shared.projections.listing import ListOrder, part_of
from shared.projections.projection import Projection
from shared.projections.rows import METADATA, Put, RecordedFact, RowChange
from shared.work.common.fact import UnitId
from shared.work.common.stretch import FIRST, Stretch

_SAID = ("account", "login", "person", "role", "change", "detail", "by", "by_name")
TOLD = Table(
    "told_account_changes",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("office", Uuid),
    Column("changed_at", UtcTime),
    *(Column(name, String) for name in _SAID),
    Index("told_account_changes_in_order", "changed_at", "id"),
    Index("told_account_changes_by_office", "office", "changed_at", "id"),
)


@dataclass(frozen=True)
class ToldChange:
    """One change of an account; `office` is the one that the account is of, `by_name` who made it."""

    id: UUID
    office: UnitId
    changed_at: datetime
    account: str
    login: str
    person: str
    role: str
    change: str
    detail: str
    by: str
    by_name: str


def _changed(fact: RecordedFact) -> Iterable[RowChange]:
    said: dict[str, Any] = {name: fact.data[name] for name in _SAID}
    said |= {"office": UUID(fact.data["office"]), "changed_at": fact.envelope.recorded}
    yield Put(TOLD, {"id": fact.envelope.stream}, said)


PROJECTION = Projection("told_account_changes", (TOLD,), {"account.changed": _changed})

_PLACE = (TOLD.c.changed_at, TOLD.c.id)
_ORDER = ListOrder(_PLACE, _PLACE, descending=True)
_OFFICES = TOLD.c.office.in_(bindparam("offices", expanding=True))
_OF_OFFICES = select(TOLD).where(_OFFICES)
_COUNT = select(func.count()).select_from(TOLD).where(_OFFICES)


def account_changes(
    connection: Connection, offices: Iterable[UnitId], *, stretch: Stretch = FIRST
) -> list[ToldChange]:
    """Changes of accounts of these offices, the last first."""
    rows = part_of(connection, _OF_OFFICES, _ORDER, stretch, {"offices": list(offices)})
    return [ToldChange(**row._mapping) for row in rows]


def count_account_changes(connection: Connection, offices: Iterable[UnitId]) -> int:
    """How many there are."""
    return connection.scalar(_COUNT, {"offices": list(offices)}) or 0
