"""What an office has used up of a day, as its record shows it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from shared.projections.timeline import TIMELINE
from shared.work.common.calendar import ZONE
from shared.work.common.fact import UnitId
from shared.work.common.quota import DayUse
from shared.work.common.words import Quota, QuotaReason

REGISTERED, RAISED = "case.registered", "quota.raised"
TAG = 16
"""Bytes that sealing adds to a text."""

_OWN_OF_DAY = (
    (TIMELINE.c.unit == bindparam("unit"))
    & TIMELINE.c.arrived_at.is_(None)
    & (TIMELINE.c.known_at >= bindparam("first"))
    & (TIMELINE.c.known_at < bindparam("next"))
)
_USED = select(TIMELINE.c.name, TIMELINE.c.actor, TIMELINE.c.sealed).where(
    _OWN_OF_DAY, TIMELINE.c.actor != "", TIMELINE.c.name != RAISED
)
_RAISED = (
    select(TIMELINE.c.actor, TIMELINE.c.recorded_at, TIMELINE.c.data)
    .where(_OWN_OF_DAY, TIMELINE.c.name == RAISED)
    .order_by(TIMELINE.c.position)
)


@dataclass(frozen=True)
class Raise:
    """More that was given for a day; `login` is empty where it is for everybody of the office, `by` an account."""

    quota: Quota
    account: str
    login: str
    more: int
    reason: QuotaReason
    by: str
    raised_at: datetime


def use_of_the_day(connection: Connection, unit: UnitId, day: date) -> DayUse:
    """What was used up, reckoned from the facts that the office's people recorded that day."""
    use = DayUse()
    for row in connection.execute(_USED, _of(unit, day)):
        use.text[row.actor] += sum(_bytes_of(text) for text in row.sealed.values())
        if row.name == REGISTERED:
            use.matters[row.actor] += 1
    for one in raises(connection, unit, day):
        use.raise_by(one.quota, one.account, one.more)
    return use


def raises(connection: Connection, unit: UnitId, day: date) -> list[Raise]:
    """What was given beyond the usual, the first first."""
    return [*_raises(connection, unit, day)]


def raised_of_files(connection: Connection, unit: UnitId, day: date, account: str) -> int:
    """How many files more an account may take away that day."""
    given = _raises(connection, unit, day)
    return sum(one.more for one in given if one.quota is Quota.FILES and one.account in ("", account))


def _raises(connection: Connection, unit: UnitId, day: date) -> Iterator[Raise]:
    for row in connection.execute(_RAISED, _of(unit, day)):
        said = row.data
        yield Raise(
            quota=Quota(said["quota"]),
            account=said["account"],
            login=said["login"],
            more=said["more"],
            reason=QuotaReason(said["reason"]),
            by=row.actor,
            raised_at=row.recorded_at,
        )


def _of(unit: UUID, day: date) -> dict[str, Any]:
    begin = datetime.combine(day, time(), ZONE)
    return {"unit": unit, "first": begin, "next": begin + timedelta(days=1)}


def _bytes_of(sealed: dict[str, Any]) -> int:
    """How long a sealed text is in the clear: its base64 says so without its key."""
    text: str = sealed["text"]
    return max(0, len(text) // 4 * 3 - text[-2:].count("=") - TAG)
