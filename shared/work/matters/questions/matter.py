"""One matter whole: its petition, every hand it went through, the days that run, and its public status."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select

from shared.projections.columns import sealed_of
from shared.work.common.calendar import day_of
from shared.work.common.fact import UnitId
from shared.work.common.limits import Limit
from shared.work.common.sealed import Sealed
from shared.work.matters.content import Content
from shared.work.matters.questions.cases import CASES
from shared.work.matters.questions.limits_of_matter import DueDate, Ends, due_date, ends_of
from shared.work.matters.questions.matters import MatterLine, line_of
from shared.work.matters.questions.petition import content_of
from shared.work.matters.questions.referrals import OVERRIDES, REFERRALS
from shared.work.matters.stages import ENDED, RUNS, MatterState

_CLOCKS = {
    Limit.NOTICE: "received_at",
    Limit.OBJECTION: "received_at",
    Limit.OBJECTION_ANSWER: "objected_at",
    Limit.HANDLING: "accepted_at",
}
"""The limits of a hand, and the step that starts each."""


@dataclass(frozen=True)
class Hand:
    """One office's referral; moments of steps that were not taken are none.

    `offer` brought the matter here, from `sender`; `open_offer` passed it on, to `offered_to`.
    Of an office that this node knows only by its passing on, receipt and sender are not known.
    """

    referral: UUID
    offer: UUID
    came_by: UUID | None
    unit: UnitId
    sender: UnitId | None
    hop: int
    stage: str
    received_at: datetime | None
    accepted_at: datetime | None
    objected_at: datetime | None
    opinion_at: datetime | None
    served_on: date | None
    ended_at: datetime | None
    assignment: bool | None
    report_back_by: date | None
    target: UnitId | None
    open_offer: UUID | None
    offered_to: UnitId | None
    ground: str | None
    objection_ground: str | None
    objection_refused: bool | None
    outcome: str | None
    legal_basis: str | None
    review_at: UnitId | None
    perform_by: date | None
    service_way: str | None
    performed: bool | None
    explanation: Sealed | None
    objection_reason: Sealed | None
    findings: Sealed | None
    report: Sealed | None
    release_reason: Sealed | None
    version: int
    dues: tuple[DueDate, ...]


@dataclass(frozen=True)
class OverrideRow:
    """The county took the matter from `receiver`; what that office recorded later is marked."""

    override: UUID
    offer: UUID
    referral: UUID
    unit: UnitId
    sender: UnitId
    receiver: UnitId
    recorded_at: datetime
    reason: Sealed | None


@dataclass(frozen=True)
class Matter:
    """One matter; register, hour of receipt, query code and route limit are none at an office it was only offered to.

    `hands` are all referrals in the order of hops and receipt, `dues` every day that still runs, `ended_dues` every
    duty that was done or fell away, with its verdict.
    """

    line: MatterLine
    content: Content
    year: int | None
    register_no: int | None
    received_at: datetime | None
    query_code: Sealed | None
    classified_at: datetime | None
    open_offer: UUID | None
    offered_to: UnitId | None
    ending: str | None
    confirmed_by: str | None
    hands: tuple[Hand, ...]
    overrides: tuple[OverrideRow, ...]
    dues: tuple[DueDate, ...]
    ended_dues: tuple[DueDate, ...]


@dataclass(frozen=True)
class PublicStatus:
    """What anybody with number and query code may read: words of state and days, nothing of persons."""

    number: str
    state: MatterState
    received_on: date
    registered_at: datetime
    touched_at: datetime
    due: date | None
    due_provisional: bool
    ended_at: datetime | None


@dataclass(frozen=True)
class OpenOffer:
    """An offer that has not ended: `came_by` is the one by which its sender had the matter, none at who registered it."""

    offer: UUID
    came_by: UUID | None
    sender: UnitId
    receiver: UnitId


def open_offers(found: Matter) -> list[OpenOffer]:
    """The offers of a matter that have not ended, as known here: those that were received, and those of which only the sender told."""
    over = {override.offer for override in found.overrides}
    over |= {hand.offer for hand in found.hands if hand.stage in ENDED}
    known = [
        OpenOffer(hand.offer, hand.came_by, hand.sender, hand.unit) for hand in found.hands if hand.sender
    ]
    if found.open_offer and found.offered_to:
        known.append(OpenOffer(found.open_offer, None, found.line.owner, found.offered_to))
    known += [
        OpenOffer(hand.open_offer, hand.offer, hand.unit, hand.offered_to)
        for hand in found.hands
        if hand.open_offer and hand.offered_to
    ]
    return [one for one in known if one.offer not in over]


def matter(connection: Connection, case: UUID, *, as_of: datetime) -> Matter | None:
    """A matter with its chain of referrals; none when this node does not know it."""
    line = line_of(connection, case, as_of=as_of)
    if line is None:
        return None
    own = connection.execute(select(CASES).where(CASES.c.case == case)).mappings().first()
    row: dict[str, Any] = {**own} if own else {}
    query = select(REFERRALS).where(REFERRALS.c.case == case)
    query = query.order_by(REFERRALS.c.hop, REFERRALS.c.received_at, REFERRALS.c.referral)
    referrals = connection.execute(query).all()
    ends = ends_of(connection, case)
    hands = tuple(_hand(hand, ends) for hand in referrals)
    dues = (*_route(row, line, ends), *(due for hand in hands for due in hand.dues))
    here = {
        name: row.get(name)
        for name in ("year", "register_no", "received_at", "classified_at", "ending", "confirmed_by")
    }
    return Matter(
        line=line,
        content=content_of(row.get("content") or referrals[0].content),
        query_code=sealed_of(row.get("query_code")),
        open_offer=row.get("open_offer"),
        offered_to=row.get("offered_to"),
        hands=hands,
        overrides=tuple(_override(found) for found in _overrides(connection, case)),
        dues=tuple(due for due in dues if due.runs),
        ended_dues=tuple(due for due in dues if due.in_time is not None),
        **here,
    )


MATTERS_OF_A_NUMBER = 8
"""Most matters of one number that are looked at: a number is given once, and twice where a computer was moved or put back."""


def numbered(connection: Connection, number: str) -> list[tuple[UUID, str | None]]:
    """Every registered matter with that number on its receipt, the first one first, and what its query code is checked against."""
    query = select(CASES.c.case, CASES.c.query_check).where(CASES.c.number == number)
    in_order = query.order_by(CASES.c.registered_at, CASES.c.case).limit(MATTERS_OF_A_NUMBER)
    return [(case, check) for case, check in connection.execute(in_order)]


def public_status(connection: Connection, case: UUID, *, as_of: datetime) -> PublicStatus:
    """The status of a registered matter. Errors: LookupError without one."""
    line = line_of(connection, case, as_of=as_of)
    if line is None:
        raise LookupError(f"no matter {case} is known")
    names = (
        "number",
        "state",
        "received_on",
        "registered_at",
        "touched_at",
        "due",
        "due_provisional",
        "ended_at",
    )
    return PublicStatus(**{name: getattr(line, name) for name in names})


def _overrides(connection: Connection, case: UUID) -> list[Row[Any]]:
    query = select(OVERRIDES).where(OVERRIDES.c.case == case)
    return list(connection.execute(query.order_by(OVERRIDES.c.recorded_at, OVERRIDES.c.override)))


def _override(row: Row[Any]) -> OverrideRow:
    names = ("override", "offer", "referral", "unit", "sender", "receiver", "recorded_at")
    return OverrideRow(**{name: row._mapping[name] for name in names}, reason=sealed_of(row.reason))


def _hand(row: Row[Any], ends: Ends) -> Hand:
    texts = ("explanation", "objection_reason", "findings", "report", "release_reason")
    plain = [name for name in Hand.__dataclass_fields__ if name not in (*texts, "dues")]
    shown = row._mapping
    opened: dict[str, Any] = {name: sealed_of(shown[name]) for name in texts}
    return Hand(**{name: shown[name] for name in plain}, **opened, dues=tuple(_clocks(row, ends)))


def _clocks(row: Row[Any], ends: Ends) -> list[DueDate]:
    started = {limit: row._mapping[step] for limit, step in _CLOCKS.items()}
    return [
        due_date(limit, row.unit, day_of(at), ends.get((row.referral, limit)))
        for limit, at in started.items()
        if at is not None
    ]


def _route(row: Mapping[str, Any], line: MatterLine, ends: Ends) -> list[DueDate]:
    if row.get("route_by") is None:
        return []
    # An override ends the offer before the office that made it has noted so.
    ended = None if line.state in RUNS[Limit.ROUTE] else ends.get((line.case, Limit.ROUTE))
    return [due_date(Limit.ROUTE, line.owner, line.received_on, ended)]


def case_of_referral(connection: Connection, referral: UUID) -> UUID | None:
    """The case that a referral is about."""
    return connection.scalar(select(REFERRALS.c.case).where(REFERRALS.c.referral == referral))
