"""Where every matter stands now: state, office, next duty; worked out from its chain when asked.

No row says what the state of a matter is, because its parts are written by different offices and
arrive in any order.
"""

from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import CTE, ColumnElement, Subquery, and_, case, false, func, null, or_, select

from shared.database.dialects import greatest, least
from shared.work.common.limits import Limit
from shared.work.matters.questions.referral_chain import HANDS, PETITION, REGISTER, referral_chain
from shared.work.matters.stages import ENDINGS, FINISHED, RUNS, MatterState, Stage

_NO_DAY = date.max
_DUTIES = {
    "route_by": RUNS[Limit.ROUTE],
    "notice_by": RUNS[Limit.NOTICE],
    "objection_answer_by": RUNS[Limit.OBJECTION_ANSWER],
    "answer_by": RUNS[Limit.HANDLING],
}
"""Column of a due date: the states in which it runs. An objection is a right and no duty: it has no day here."""


@cache
def present(*, chosen: bool = False) -> Subquery:
    """One row a matter: its petition, `state`, `handler`, `awaits`, `due`, `touched_at`, its hands.

    `handler` is the office that has the matter; `awaits` the one whose step is next (none when the
    matter has ended); `referral` the stream of the present hand; `due` the earliest day by which an
    open duty must be done (the day `date.max` when there is none). `chosen` limits it to the cases
    given to the statement as its parameter `CHOSEN`.
    """
    row = _with_state(chosen)
    awaits = case(
        (row.c.ended_at.is_not(None), null()),
        (row.c.pending, row.c.offered_to),
        (row.c.state.in_([MatterState.OBJECTED.value, MatterState.CLOSING.value]), row.c.sender),
        else_=row.c.handler,
    )
    limits = _limits(row)
    due = least(*(day for day, _ in limits))
    provisional = or_(*(and_(flag, day == due, day < _NO_DAY) for day, flag in limits))
    shown = {"awaits": awaits, "due": due, "due_provisional": provisional}
    return select(row, *(column.label(name) for name, column in shown.items())).subquery("present")


def _limits(row: Subquery) -> list[tuple[Any, Any]]:
    limits = [
        (
            case(
                (row.c.state.in_([word.value for word in states]), func.coalesce(row.c[name], _NO_DAY)),
                else_=_NO_DAY,
            ),
            func.coalesce(row.c[f"{name}_provisional"], false()),
        )
        for name, states in _DUTIES.items()
    ]
    waits = row.c.state.not_in([word.value for word in (MatterState.CLOSING, *ENDINGS)])
    return limits + [
        (case((waits, func.coalesce(row.c[f"report_back_by_{k}"], _NO_DAY)), else_=_NO_DAY), false())
        for k in HANDS
    ]


def _with_state(chosen: bool) -> Subquery:
    row, words = _at_hand(chosen), MatterState
    state = case(
        (row.c.ending.is_not(None), row.c.ending),
        (and_(row.c.depth == 0, row.c.pending), words.OFFERED.value),
        (and_(row.c.depth == 0, row.c.classified_at.is_not(None)), words.CLASSIFIED.value),
        (row.c.depth == 0, words.REGISTERED.value),
        (and_(row.c.stage == Stage.PASSED_ON.value, row.c.pending), words.PASSED_ON.value),
        (row.c.stage == Stage.PASSED_ON.value, words.RECEIVED.value),
        (row.c.stage.in_([stage.value for stage in FINISHED]), words.CLOSING.value),
        else_=row.c.stage,
    )
    return select(row, state.label("state")).subquery("stated")


def _at_hand(chosen: bool) -> CTE:
    """The chain with the present hand's columns under their plain names."""
    row = referral_chain(chosen=chosen)

    def here(name: str, otherwise: Any) -> ColumnElement[Any]:
        return case(*((row.c.depth == k, row.c[f"{name}_{k}"]) for k in HANDS), else_=otherwise)

    plain = ("referral", "stage", "sender", "notice_by", "answer_by", "objection_answer_by")
    flags = ("notice_by_provisional", "answer_by_provisional", "objection_answer_by_provisional")
    shown = {name: here(name, null()) for name in (*plain, *flags)}
    shown |= {"handler": here("unit", row.c.owner), "referral_version": here("version", null())}
    shown |= {
        "offered_to": here("offered_to", row.c.offered_to),
        "open_offer": here("open_offer", row.c.open_offer),
    }
    shown["touched_at"] = greatest(
        row.c.last_at, *(func.coalesce(row.c[f"last_at_{k}"], row.c.last_at) for k in HANDS)
    )
    for k in HANDS:
        shown[f"report_back_by_{k}"] = case((row.c.depth >= k, row.c[f"report_back_by_{k}"]))
        shown[f"unit_{k}"] = row.c[f"unit_{k}"]
    kept = [
        "case",
        "owner",
        *(name for name in (*PETITION, *REGISTER) if name not in shown),
        "depth",
        "pending",
    ]
    labelled = [column.label(name) for name, column in shown.items()]
    return select(*(row.c[name] for name in kept), *labelled).cte("at_hand").prefix_with("MATERIALIZED")
