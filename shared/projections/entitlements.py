"""Who may have the keys of a matter or letter: the offices it was offered or addressed to.

The office above that decides whether a matter goes sideways is one of them: it reads what it decides on.
"""

from collections.abc import Iterable
from functools import reduce
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, Table, Uuid, select

from shared.projections.projection import Projection
from shared.projections.rows import METADATA, Handler, Put, RecordedFact, RowChange
from shared.work.common.fact import Fact

ENTITLEMENTS = Table(
    "entitlements",
    METADATA,
    Column("subject", Uuid, primary_key=True),
    Column("unit", Uuid, primary_key=True),
    Column("given_by", Uuid, primary_key=True),
)


def projection(facts: Iterable[type[Fact]]) -> Projection:
    """Made of what the facts declare: whom each entitles to which keys."""
    return Projection(
        "entitlements", (ENTITLEMENTS,), {fact.TOPIC: _entitles(fact) for fact in facts if fact.KEYS_FOR}
    )


def _entitles(fact: type[Fact]) -> Handler:
    path = fact.KEYS_OF.split(".") if fact.KEYS_OF else []

    def entitle(happening: RecordedFact) -> Iterable[RowChange]:
        found: Any = reduce(lambda data, name: data[name], path, happening.data)
        subject = UUID(found) if path else happening.envelope.stream
        for office in filter(None, (happening.data[name] for name in fact.KEYS_FOR)):
            key = {"subject": subject, "unit": UUID(office), "given_by": happening.envelope.unit}
            yield Put(ENTITLEMENTS, key)

    return entitle


def offices_of(connection: Connection, subject: UUID) -> set[UUID]:
    """Every office that may have the keys of a subject, or had them to hand on."""
    rows = connection.execute(select(ENTITLEMENTS).where(ENTITLEMENTS.c.subject == subject))
    return {unit for row in rows for unit in (row.unit, row.given_by)}


def entitled(connection: Connection, subject: UUID, asking: set[UUID], mine: set[UUID]) -> bool:
    """Whether one of the asking units may have the keys of a subject.

    A unit may when one of `mine` (the units of the holder) offered the subject to it, or when a
    unit that may did so: an office that was passed over cannot hand keys on.
    """
    rows = connection.execute(select(ENTITLEMENTS).where(ENTITLEMENTS.c.subject == subject)).all()
    may = set(mine)
    for _ in rows:
        may |= {row.unit for row in rows if row.given_by in may}
    return bool(may & asking)
