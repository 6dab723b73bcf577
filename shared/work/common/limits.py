"""Time limits as pure functions of facts, a dated rule set and a calendar.

Every limit names its unit, its start and its source. A due date can explain itself. A new calendar
never changes a past verdict: due dates that were provisional are reckoned again when their year is
published, and a notice that amends a published year counts only for limits that still ran on its day: their
last day had not passed, and their duty was open.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from shared.work.common.calendar import Calendar


class Limit(StrEnum):
    """The clocks of this release."""

    ROUTE = "route"
    NOTICE = "notice"
    OBJECTION = "objection"
    OBJECTION_ANSWER = "objection_answer"
    HANDLING = "handling"


@dataclass(frozen=True)
class Span:
    """How long a limit is: a number of calendar or working days, and where that is written.

    The start day is not counted. A calendar-day limit whose last day is a rest day ends on the next
    workday (Civil Code 200-203, by analogy: the Regulations do not say).
    """

    days: int
    working: bool
    article: str


@dataclass(frozen=True)
class RuleSet:
    """The limits that are in force from a day on."""

    key: str
    in_force: date
    spans: dict[Limit, Span]


_R05 = {
    Limit.ROUTE: Span(15, False, "R05 21"),
    Limit.NOTICE: Span(15, False, "R05 22"),
    Limit.OBJECTION: Span(5, True, "R22 23"),
    Limit.OBJECTION_ANSWER: Span(5, True, "design"),
    Limit.HANDLING: Span(60, False, "R05 33"),
}
_R22 = _R05 | {
    Limit.ROUTE: Span(15, False, "R22 22"),
    Limit.NOTICE: Span(15, False, "R22 23"),
    Limit.HANDLING: Span(60, False, "R22 34"),
}
"""15 days to register and route (22), 15 days to tell the petitioner path and procedure (23), 5 working
days to object to a referral (23), 60 days from acceptance to the opinion (34). The 2005 Regulations
have no limit for an objection, so the later one is used for both; for the sender's answer neither gives a number: 5 working
days is a design default."""

RULE_SETS = (RuleSet("R05", date(2005, 5, 1), _R05), RuleSet("R22", date(2022, 5, 1), _R22))


def rule_set_for(day: date) -> RuleSet:
    """The rule set in force on a day; the first one for days before it."""
    in_force = [rules for rules in RULE_SETS if rules.in_force <= day]
    return in_force[-1] if in_force else RULE_SETS[0]


@dataclass(frozen=True)
class Due:
    """A due date that can explain itself; `moved` says that a rest day moved it."""

    limit: Limit
    rules: str
    article: str
    start: date
    days: int
    working: bool
    day: date
    provisional: bool
    moved: bool

    def overdue(self, today: date) -> bool:
        """Whether the last day has passed."""
        return today > self.day

    def explain(self) -> tuple[str, dict[str, Any]]:
        """A gettext message id and its values: days, start, rule set, article, and what moved the day."""
        rules, _, article = self.article.partition(" ")
        if not article:
            sentence = "%(days)s working days after %(start)s (custom of this network; the Regulations give no number)"
        elif self.working:
            sentence = "%(days)s working days after %(start)s (%(rules)s, article %(article)s)"
        elif self.moved:
            sentence = (
                "%(days)s days after %(start)s (%(rules)s, article %(article)s); that day is a rest day, so"
                " it moves to the next workday"
            )
        else:
            sentence = "%(days)s days after %(start)s (%(rules)s, article %(article)s)"
        return sentence, {"days": self.days, "start": self.start, "rules": rules, "article": article}


def due(limit: Limit, start: date, calendar: Calendar, ended: date | None = None) -> Due:
    """The last day of a limit that started on `start`, by the rule set of that day.

    `ended` is the day on which its duty was done or fell away. Each notice that amended the calendar is heeded if the
    limit, as it was known until then, had not ended: a deed of the notice's own day was done by the calendar before.
    """
    (_, first), *amended = calendar.editions()
    found = _reckon(limit, start, first)
    for notice, edition in amended:
        if found.overdue(notice) or (ended is not None and ended <= notice):
            break
        found = _reckon(limit, start, edition)
    return found


def _reckon(limit: Limit, start: date, calendar: Calendar) -> Due:
    rules = rule_set_for(start)
    span = rules.spans[limit]
    if span.working:
        reckoned, plain = calendar.add_working_days(start, span.days), None
    else:
        reckoned = calendar.add_days(start, span.days, roll=True)
        plain = calendar.add_days(start, span.days, roll=False).day
    return Due(
        limit=limit,
        rules=rules.key,
        article=span.article,
        start=start,
        days=span.days,
        working=span.working,
        day=reckoned.day,
        provisional=reckoned.provisional,
        moved=plain is not None and plain != reckoned.day,
    )
