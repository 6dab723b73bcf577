"""What happened, fact by fact, whatever it is about: the time line of a thing, and what just came in.

Sealed parts and hashes are kept apart from the readable data; only a holder of the key opens them.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Index,
    Integer,
    Row,
    String,
    Table,
    Uuid,
    bindparam,
    func,
    select,
)

from shared.database.utc_time import UtcTime
from shared.projections.columns import Position, index_where, sealed, sealed_of, unseen
from shared.projections.listing import ListOrder
from shared.projections.projection import Projection
from shared.projections.rows import METADATA, Put, RecordedFact, RowChange
from shared.work.common.fact import UnitId
from shared.work.common.sealed import Sealed

TIMELINE = Table(
    "timeline",
    METADATA,
    Column("fact", Uuid, primary_key=True),
    unseen("position", Position),
    Column("name", String),
    Column("stream", Uuid),
    Column("version", Integer),
    Column("correlation", Uuid),
    Column("causation", Uuid),
    Column("unit", Uuid),
    Column("actor", String),
    Column("source", String),
    Column("occurred_at", UtcTime),
    Column("recorded_at", UtcTime),
    unseen("arrived_at", UtcTime),
    unseen("known_at", UtcTime),
    Column("data", JSON),
    sealed("sealed"),
    Index("timeline_by_case", "correlation", "recorded_at"),
    Index("timeline_by_unit", "unit", "known_at"),
)
index_where("timeline_came_in", TIMELINE.c.arrived_at.is_not(None), TIMELINE.c.position)
_SEALED = frozenset(Sealed.__dataclass_fields__)
_HASHES = frozenset({"query_check"})
_NESTED = (dict, list)


@dataclass(frozen=True)
class Entry:
    """One fact; `arrived_at` is none for this node's own; `case` is what it concerns, mostly a matter.

    `data` is the readable part of the fact, `texts` its sealed parts by dotted path in the data.
    """

    fact: UUID
    position: int
    name: str
    stream: UUID
    case: UUID | None
    causation: UUID | None
    unit: UnitId
    actor: str
    source: str
    occurred_at: datetime
    recorded_at: datetime
    arrived_at: datetime | None
    data: dict[str, Any]
    texts: dict[str, Sealed]


def remember(fact: RecordedFact) -> Iterable[RowChange]:
    """Keep a fact's row; sealed parts go apart."""
    envelope = fact.envelope
    texts: dict[str, Any] = {}
    values = {
        "position": fact.position,
        "name": envelope.name,
        "stream": envelope.stream,
        "version": envelope.stream_version,
        "correlation": envelope.correlation,
        "causation": envelope.causation,
        "unit": envelope.unit,
        "actor": envelope.actor,
        "source": envelope.source,
        "occurred_at": envelope.occurred,
        "recorded_at": envelope.recorded,
        "arrived_at": fact.arrived,
        "known_at": fact.arrived or envelope.recorded,
        "data": _readable(fact.data, "", texts),
    }
    yield Put(TIMELINE, {"fact": envelope.id}, values | {"sealed": texts})


def _readable(data: dict[str, Any], path: str, texts: dict[str, Any]) -> dict[str, Any]:
    """The data without sealed parts, which are put under their path in `texts`."""
    kept: dict[str, Any] = {}
    for name, item in data.items():
        if not isinstance(item, _NESTED):
            if name not in _HASHES:
                kept[name] = item
            continue
        inner = f"{path}.{name}" if path else name
        if isinstance(item, dict) and item.keys() == _SEALED:
            texts[inner] = item
        elif name not in _HASHES:
            kept[name] = _inner(item, inner, texts)
    return kept


def _inner(value: Any, path: str, texts: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_inner(item, f"{path}.{place}", texts) for place, item in enumerate(value)]
    return _readable(value, path, texts) if isinstance(value, dict) else value


HAPPENED = (
    select(TIMELINE)
    .where(TIMELINE.c.correlation == bindparam("concerned", type_=Uuid()))
    .order_by(TIMELINE.c.recorded_at, TIMELINE.c.position)
)
"""The rows of `timeline`; what was recorded at one moment stands as it came here."""


def timeline(connection: Connection, concerned: UUID) -> list[Entry]:
    """Everything this node knows of a matter or a record, in the order in which it was recorded."""
    return [Entry(**entry_values(row)) for row in connection.execute(HAPPENED, {"concerned": concerned})]


CAME_IN = select(TIMELINE).where(TIMELINE.c.arrived_at.is_not(None))
"""Rows of what came in at this node from others."""

AS_IT_CAME = ListOrder((TIMELINE.c.position,), (TIMELINE.c.position, TIMELINE.c.fact), descending=True)
"""The last first."""


def heard_before(connection: Connection, units: Collection[UnitId], as_of: datetime) -> dict[UnitId, Entry]:
    """The newest fact of each unit that was known at a past moment; units without one are absent."""
    newest = (
        select(TIMELINE.c.unit, func.max(TIMELINE.c.recorded_at).label("recorded_at"))
        .where(TIMELINE.c.unit.in_(units), TIMELINE.c.known_at <= as_of)
        .group_by(TIMELINE.c.unit)
        .subquery()
    )
    same = (TIMELINE.c.unit == newest.c.unit) & (TIMELINE.c.recorded_at == newest.c.recorded_at)
    query = select(TIMELINE).join(newest, same).where(TIMELINE.c.known_at <= as_of).order_by(TIMELINE.c.fact)
    return {row.unit: Entry(**entry_values(row)) for row in connection.execute(query)}


def entry_values(row: Row[Any]) -> dict[str, Any]:
    """A row as the fields of an entry."""
    shown = row._mapping
    plain = {name: shown[name] for name in Entry.__dataclass_fields__ if name not in ("case", "texts")}
    texts = {path: text for path, stored in row.sealed.items() if (text := sealed_of(stored))}
    return {**plain, "case": row.correlation, "texts": texts}


PROJECTION = Projection("timeline", (TIMELINE,), of_all_work=remember)
