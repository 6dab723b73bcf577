"""Who may have the keys of a matter or letter: the offices it was offered or addressed to.

The office above that decides whether a matter goes sideways is one of them: it reads what it decides on.
"""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Column, Connection, Table, Uuid, select

from shared.projections.projection import Projection
from shared.projections.rows import METADATA, Handler, Happening, Put, RowChange

ENTITLEMENTS = Table(
    "entitlements",
    METADATA,
    Column("subject", Uuid, primary_key=True),
    Column("unit", Uuid, primary_key=True),
    Column("given_by", Uuid, primary_key=True),
)


def _offered(fact: Happening) -> Iterable[RowChange]:
    for office in (fact.data["to"], fact.data["through"]):
        if office:
            yield _given(UUID(fact.data["handover"]["case"]), office, fact)


def _letter(fact: Happening) -> Iterable[RowChange]:
    yield _given(fact.envelope.stream, fact.data["to"], fact)


def _override(fact: Happening) -> Iterable[RowChange]:
    yield _given(fact.envelope.stream, fact.data["sender"], fact)
    yield _given(fact.envelope.stream, fact.data["receiver"], fact)


def _given(subject: UUID, unit: str, fact: Happening) -> Put:
    return Put(ENTITLEMENTS, {"subject": subject, "unit": UUID(unit), "given_by": fact.envelope.unit})


HANDLERS: dict[str, Handler] = {
    "case.referred": _offered,
    "referral.passed_on": _offered,
    "supervision.issued": _letter,
    "override.ordered": _override,
}


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


PROJECTION = Projection("entitlements", (ENTITLEMENTS,), HANDLERS)
