"""A matter and its chain of offers, side by side in one row, however its parts arrived.

    cases.open_offer -> the referral that answers it -> its own open offer -> ... (at most 4 hands)

A matter that this node knows only by an offer begins with the first referral.
"""

from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    null,
    or_,
    select,
    union_all,
)

from shared.work.matters.offering import HANDS_AT_MOST
from shared.work.matters.questions.cases import CASES
from shared.work.matters.questions.referrals import OVERRIDES, REFERRALS
from shared.work.matters.stages import BACK_AT_SENDER

HANDS = range(1, HANDS_AT_MOST + 1)

CHOSEN = "chosen_cases"

PETITION = (
    "number",
    "channel",
    "purpose",
    "matter_class",
    "received_on",
    "received_day",
    "persons",
    "place",
    "open_offer",
    "offered_to",
    "last_at",
    "version",
)
REGISTER = (
    "registered_at",
    "register_no",
    "classified_at",
    "route_by",
    "route_by_provisional",
    "ending",
    "ended_at",
    "ended_day",
)
HAND = (
    "referral",
    "unit",
    "sender",
    "stage",
    "report_back_by",
    "notice_by",
    "notice_by_provisional",
    "answer_by",
    "answer_by_provisional",
    "objection_answer_by",
    "objection_answer_by_provisional",
    "open_offer",
    "offered_to",
    "last_at",
    "version",
)


def referral_chain(*, chosen: bool) -> CTE:
    """One row a matter: the case's columns, `<name>_<k>` of hand k, `depth` and `pending`.

    `depth` is the number of hands the matter has gone through to where it is; `pending` says that
    the present office has offered it on and that the offer has not been received yet. `chosen`
    limits it to the cases in the statement's parameter `CHOSEN`, found by index.
    """
    heads: list[Any] = [_cases(), _known_by_offer_only()]
    if chosen:
        cases = bindparam(CHOSEN, expanding=True)
        heads = [head.where(head.selected_columns["case"].in_(cases)) for head in heads]
    head = union_all(*heads).subquery("head")
    hands = {k: REFERRALS.alias(f"hand_{k}") for k in HANDS}
    ends = {k: OVERRIDES.alias(f"override_{k}") for k in HANDS}
    offers = {1: head.c.open_offer} | {k + 1: hands[k].c.open_offer for k in HANDS}
    source: FromClause = head
    for k in HANDS:
        source = source.outerjoin(hands[k], hands[k].c.offer == offers[k])
        source = source.outerjoin(ends[k], ends[k].c.offer == offers[k])
    alive = {k: and_(*(_holds(hands[j], ends[j]) for j in HANDS if j <= k)) for k in HANDS}
    waits = {k: _not_received(offers[k + 1], hands[k + 1], ends[k + 1]) for k in (0, *HANDS[:-1])}
    depth = case(*((alive[k], k) for k in reversed(HANDS)), else_=0)
    pending = case(*((alive[k], waits.get(k, false())) for k in reversed(HANDS)), else_=waits[0])
    columns = [hands[k].c[name].label(f"{name}_{k}") for k in HANDS for name in HAND]
    query = select(head, *columns, depth.label("depth"), pending.label("pending"))
    # Worked out once: folded into a question, its conditions would be repeated hundreds of times.
    return query.select_from(source).cte("chain").prefix_with("MATERIALIZED")


def _holds(hand: FromClause, end: FromClause) -> ColumnElement[bool]:
    return and_(end.c.override.is_(None), hand.c.stage.not_in([stage.value for stage in BACK_AT_SENDER]))


def _not_received(offer: ColumnElement[Any], hand: FromClause, end: FromClause) -> ColumnElement[bool]:
    return and_(offer.is_not(None), hand.c.referral.is_(None), end.c.override.is_(None))


def _cases() -> Any:
    kept: dict[str, ColumnElement[Any]] = {name: CASES.c[name] for name in (*PETITION, *REGISTER)}
    kept["matter_class"] = func.coalesce(CASES.c.assessed_class, CASES.c.matter_class)
    kept["purpose"] = func.coalesce(CASES.c.assessed_purpose, CASES.c.purpose)
    columns = [column.label(name) for name, column in kept.items()]
    return select(CASES.c.case, CASES.c.unit.label("owner"), *columns)


def _known_by_offer_only() -> Any:
    first, other = REFERRALS.alias("first"), REFERRALS.alias("other")
    kept: dict[str, ColumnElement[Any]] = {name: first.c[name] for name in PETITION}
    kept |= {"open_offer": first.c.offer, "offered_to": first.c.unit}
    kept |= {name: null() for name in REGISTER}
    columns = [column.label(name) for name, column in kept.items()]
    return select(first.c.case, first.c.owner, *columns).where(
        ~exists().where(CASES.c.case == first.c.case),
        ~exists().where(other.c.case == first.c.case, _comes_before(other, first)),
    )


def _comes_before(other: FromClause, first: FromClause) -> ColumnElement[bool]:
    """The earlier hand; of two chains of one case the one that was touched last."""
    same_hop = other.c.hop == first.c.hop
    later_id = and_(other.c.last_at == first.c.last_at, other.c.referral > first.c.referral)
    return or_(other.c.hop < first.c.hop, and_(same_hop, or_(other.c.last_at > first.c.last_at, later_id)))
