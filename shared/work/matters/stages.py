"""The one table of stages and transitions of a matter: streams, pages, projections and the simulator read it.

A line says: from these stages, by this order (or by another office's fact, when there is none), this fact is recorded;
then the stage is `to` and a limit starts. A fact with two outcomes has two lines, told apart by one of its fields; the first line that fits counts.
Sources: Regulations on Petition Work of 2022, articles 22, 23, 31 to 34; domain reference, section 8.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.work.common.limits import Limit


class Stage(StrEnum):
    """Where an office's handling of a matter stands."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    OBJECTED = "objected"
    RETURNED = "returned"
    PASSED_ON = "passed_on"
    OPINION_GIVEN = "opinion_given"
    SERVED = "served"
    COMPLETED = "completed"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"
    OVERRIDDEN = "overridden"


class MatterState(StrEnum):
    """Where a matter stands; the last three are its end.

    `passed_on`: offered on by an office that had it, and not yet received. `closing`: the handling
    office has finished, the office that registered the matter has not noted the end yet.
    """

    REGISTERED = "registered"
    CLASSIFIED = "classified"
    OFFERED = "offered"
    RECEIVED = "received"
    OBJECTED = "objected"
    PASSED_ON = "passed_on"
    ACCEPTED = "accepted"
    OPINION_GIVEN = "opinion_given"
    SERVED = "served"
    CLOSING = "closing"
    ANSWERED = "answered"
    NOT_ACCEPTED = "not_accepted"
    WITHDRAWN = "withdrawn"


S = Stage
ENDED = frozenset({S.NOT_ACCEPTED, S.RETURNED, S.COMPLETED, S.RELEASED, S.WITHDRAWN, S.OVERRIDDEN})
"""Stages from which nothing follows at this office."""

BACK_AT_SENDER = frozenset({S.RETURNED, S.RELEASED, S.OVERRIDDEN})
"""The hand is over, and the office that had offered the matter has it again."""

FINISHED = frozenset({S.COMPLETED, S.NOT_ACCEPTED, S.WITHDRAWN})
"""The office is done, and the one that registered the matter is to note the end."""

IN_HAND = (S.RECEIVED, S.ACCEPTED)
"""The office has the matter and may give it on or back."""

ENDINGS = (MatterState.ANSWERED, MatterState.NOT_ACCEPTED, MatterState.WITHDRAWN)
OPEN_STATES = tuple(state for state in MatterState if state not in ENDINGS)
BEFORE_REFERRAL = (MatterState.REGISTERED, MatterState.CLASSIFIED)
"""Nobody has been offered the matter, or it came back: the office that registered it decides."""


@dataclass(frozen=True)
class Transition:
    """One line of the table.

    `fact` is the stable name of what is recorded, `to` the stage after it (none: the stage stays), `order` the address
    of the order that records it (empty: it follows from a fact of another office), `when` the field and value that tell
    two lines of one fact apart, `starts` the limits that begin to run, `guard` what else must hold.
    """

    fact: str
    to: Stage | None
    stages: tuple[Stage, ...] = ()
    order: str = ""
    when: tuple[str, object] | None = None
    starts: tuple[Limit, ...] = ()
    guard: str = ""


OBJECTED = "the office that has the offer objected to it"
T = Transition
HANDLING = (
    T("referral.received", S.RECEIVED, starts=(Limit.NOTICE, Limit.OBJECTION)),
    T("referral.accepted", S.ACCEPTED, (S.RECEIVED,), "accept-referral", starts=(Limit.HANDLING,)),
    T("referral.not_accepted", S.NOT_ACCEPTED, (S.RECEIVED,), "not-accept-referral"),
    T("referral.objected", S.OBJECTED, (S.RECEIVED,), "object-to-referral", starts=(Limit.OBJECTION_ANSWER,)),
    T("referral.objection_answered", S.RETURNED, (S.OBJECTED,), when=("agreed", True)),
    T("referral.objection_answered", S.RECEIVED, (S.OBJECTED,), when=("agreed", False)),
    T("referral.passed_on", S.PASSED_ON, IN_HAND, "pass-on"),
    T("referral.objection_arrived", None, (S.PASSED_ON,)),
    T("referral.return_agreed", S.RECEIVED, (S.PASSED_ON,), "answer-passed-on-objection", guard=OBJECTED),
    T("referral.return_refused", None, (S.PASSED_ON,), "answer-passed-on-objection", guard=OBJECTED),
    T("referral.offer_ended", S.RECEIVED, (S.PASSED_ON,)),
    T("referral.reported_back", S.NOT_ACCEPTED, (S.PASSED_ON,), when=("ending", "not_accepted")),
    T("referral.reported_back", S.COMPLETED, (S.PASSED_ON,)),
    T("referral.opinion_given", S.OPINION_GIVEN, (S.ACCEPTED,), "give-opinion"),
    T("referral.served", S.SERVED, (S.OPINION_GIVEN,), "serve-opinion"),
    T("referral.completed", S.COMPLETED, (S.SERVED,), "complete-referral"),
    T("referral.released", S.RELEASED, IN_HAND, "release-referral"),
    T("referral.stopped", S.WITHDRAWN, tuple(s for s in S if s not in ENDED), when=("withdrawn", True)),
    T("referral.stopped", S.OVERRIDDEN, tuple(s for s in S if s not in ENDED), when=("withdrawn", False)),
)
"""What one office does with a matter that was offered to it."""

REGISTER = {
    "assess-matter": BEFORE_REFERRAL,
    "refer-matter": BEFORE_REFERRAL,
    "keep-matter": BEFORE_REFERRAL,
    "correct-matter": BEFORE_REFERRAL,
    "answer-objection": OPEN_STATES,
    "withdraw-matter": OPEN_STATES,
    "issue-letter": OPEN_STATES,
    "override-offer": OPEN_STATES,
}
"""Orders about the matter as a whole, and the states in which its page offers them."""

AT_REGISTER = {
    "case.registered": MatterState.REGISTERED,
    "case.referred": MatterState.OFFERED,
    "case.return_agreed": MatterState.REGISTERED,
    "case.offer_ended": MatterState.REGISTERED,
    "case.withdrawn": MatterState.WITHDRAWN,
    "case.concluded": MatterState.ANSWERED,
}
"""The state after a fact of the case itself, as far as its office has to route it; any other leaves it as it is."""

RUNS: dict[Limit, tuple[MatterState, ...]] = {
    Limit.ROUTE: BEFORE_REFERRAL,
    Limit.NOTICE: (MatterState.RECEIVED,),
    Limit.OBJECTION: (MatterState.RECEIVED,),
    Limit.OBJECTION_ANSWER: (MatterState.OBJECTED,),
    Limit.HANDLING: (MatterState.ACCEPTED, MatterState.OPINION_GIVEN),
}
"""The states in which a limit's duty is still open."""


def stages_for(fact: str) -> tuple[Stage, ...]:
    """The stages from which a fact may be recorded."""
    return next(line.stages for line in HANDLING if line.fact == fact)


def stage_after(fact: str, field: Callable[[str], Any], otherwise: Stage | None = None) -> Stage | None:
    """The stage after a fact; `field` gives its fields by name, for facts with two outcomes.

    `otherwise` for a fact that leaves the stage as it is.
    """
    for line in _BY_FACT.get(fact, ()):
        if line.when is None or field(line.when[0]) == line.when[1]:
            return line.to or otherwise
    return otherwise


def orders_at(stage: str) -> tuple[str, ...]:
    """The orders that an office may always give at a stage of its own handling, in the order of the table."""
    found = (line.order for line in HANDLING if line.order and stage in line.stages and not line.guard)
    return tuple(dict.fromkeys(found))


_BY_FACT: dict[str, list[Transition]] = {}
for _line in HANDLING:
    _BY_FACT.setdefault(_line.fact, []).append(_line)
