"""Where a matter stands: state, office, next duty; worked out from its chain of offices.

    the case's open offer -> the referral that answers it -> its own open offer -> ... (at most 4 hands)

No fact says what the state of a matter is, because its parts are written by different offices and arrive in any order:
the chain is followed through what the offices say of their offers. A matter that this node knows only by an offer
begins with the first referral.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from shared.work.common.fact import UnitId
from shared.work.common.limits import Limit
from shared.work.matters.offering import HANDS_AT_MOST
from shared.work.matters.stages import BACK_AT_SENDER, ENDINGS, FINISHED, RUNS, MatterState, Stage

Row = Mapping[str, Any]
"""A row of `cases`, `referrals` or `overrides`, by column."""

_BACK = frozenset({None, *(stage.value for stage in BACK_AT_SENDER)})
_DONE = frozenset(stage.value for stage in FINISHED)
DAYS_OF_HANDS = {
    "notice_by": RUNS[Limit.NOTICE],
    "objection_answer_by": RUNS[Limit.OBJECTION_ANSWER],
    "answer_by": RUNS[Limit.HANDLING],
}
"""Column of a hand's due date: the states in which it runs. An objection is a right and no duty: it has no day here."""

_WAITS = frozenset(MatterState) - {MatterState.CLOSING, *ENDINGS}
"""States in which somebody who has been asked to report back still owes it."""


@dataclass(frozen=True)
class Head:
    """What a chain begins with: the case's row, or the first referral's where this node knows no more."""

    row: Row
    owner: UnitId
    open_offer: UUID | None
    offered_to: UnitId | None
    is_registered: bool


@dataclass(frozen=True)
class Standing:
    """Where a matter stands.

    `hands` are the referrals it has gone through to where it is, the last one has it; `pending` says that the present
    office has offered it on and that the offer has not been received yet. `handler` is the office that has the matter,
    `awaits` the one whose step is next (none when the matter has ended), `due` the earliest day by which an open duty
    must be done (none when there is none). `touched_at` is when the last fact of the chain was recorded.
    """

    head: Head
    hands: tuple[Row, ...]
    pending: bool
    state: MatterState
    handler: UnitId
    offered_to: UnitId | None
    awaits: UnitId | None
    due: date | None
    due_provisional: bool
    touched_at: datetime


def standing(case: Row | None, referrals: Sequence[Row], overrides: Iterable[Row]) -> Standing | None:
    """Where a matter stands by what is known of it; none while nothing has come that says what it is about."""
    if case is None and not referrals:
        return None
    head = _of_case(case) if case else _of_referral(min(referrals, key=_place))
    if head.row["received_on"] is None:
        return None
    ended = {row["offer"] for row in overrides}
    chain = _chain(head.open_offer, {row["offer"]: row for row in referrals if row["offer"]})
    hands = _alive(chain, ended)
    last = hands[-1] if hands else None
    offered_to = last["offered_to"] if last else head.offered_to
    pending = _is_pending(head, chain, hands, ended)
    state = _state(head, last, pending)
    due, provisional = _due(head, hands, state)
    handler = last["unit"] if last else head.owner
    ending = head.row["ended_at"] if head.is_registered else None
    return Standing(
        head=head,
        hands=hands,
        pending=pending,
        state=state,
        handler=handler,
        offered_to=offered_to,
        awaits=None if ending else _awaits(state, pending, offered_to, last, handler),
        due=due,
        due_provisional=provisional,
        touched_at=max(row["last_at"] for row in (head.row, *chain)),
    )


def _of_case(row: Row) -> Head:
    return Head(row, row["unit"], row["open_offer"], row["offered_to"], is_registered=True)


def _of_referral(row: Row) -> Head:
    return Head(row, row["owner"], row["offer"], row["unit"], is_registered=False)


def _place(row: Row) -> tuple[int, float, int]:
    """The earlier hand comes first; of two chains of one case the one that was touched last."""
    return row["hop"], -row["last_at"].timestamp(), -row["referral"].int


def _chain(offer: UUID | None, by_offer: Mapping[UUID | None, Row]) -> list[Row]:
    """The referrals that open offers lead to, one after the other."""
    found: list[Row] = []
    while offer in by_offer and len(found) < HANDS_AT_MOST:
        found.append(by_offer[offer])
        offer = found[-1]["open_offer"]
    return found


def _alive(chain: Sequence[Row], ended: set[UUID]) -> tuple[Row, ...]:
    """The hands before the first one that is over, so that the matter is back at its sender."""
    for place, hand in enumerate(chain):
        if hand["offer"] in ended or hand["stage"] in _BACK:
            return tuple(chain[:place])
    return tuple(chain)


def _is_pending(head: Head, chain: Sequence[Row], hands: Sequence[Row], ended: set[UUID]) -> bool:
    offer = hands[-1]["open_offer"] if hands else head.open_offer
    received = len(chain) > len(hands)
    return offer is not None and not received and offer not in ended and len(hands) < HANDS_AT_MOST


def _state(head: Head, last: Row | None, pending: bool) -> MatterState:
    if head.is_registered and head.row["ending"] is not None:
        return MatterState(head.row["ending"])
    if last is None:
        if pending:
            return MatterState.OFFERED
        classified = head.is_registered and head.row["classified_at"] is not None
        return MatterState.CLASSIFIED if classified else MatterState.REGISTERED
    if last["stage"] == Stage.PASSED_ON:
        return MatterState.PASSED_ON if pending else MatterState.RECEIVED
    return MatterState.CLOSING if last["stage"] in _DONE else MatterState(last["stage"])


def _awaits(
    state: MatterState, pending: bool, offered_to: UnitId | None, last: Row | None, handler: UnitId
) -> UnitId | None:
    if pending:
        return offered_to
    if last and state in (MatterState.OBJECTED, MatterState.CLOSING):
        return last["sender"]
    return handler


def _due(head: Head, hands: Sequence[Row], state: MatterState) -> tuple[date | None, bool]:
    """The earliest day of a duty that runs, and whether it is provisional."""
    days = [(row["report_back_by"], False) for row in hands if state in _WAITS]
    if head.is_registered and state in RUNS[Limit.ROUTE]:
        days.append((head.row["route_by"], bool(head.row["route_by_provisional"])))
    if hands:
        running = [name for name, states in DAYS_OF_HANDS.items() if state in states]
        days += [(hands[-1][name], bool(hands[-1][f"{name}_provisional"])) for name in running]
    known = [(day, provisional) for day, provisional in days if day is not None]
    first = min((day for day, _ in known), default=None)
    return first, any(provisional for day, provisional in known if day == first)
