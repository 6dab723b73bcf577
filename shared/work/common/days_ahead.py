"""Days by which something is to be done: further than a year away they need a reason."""

from datetime import date, timedelta

from shared.work.common.refusals import Kind, Refusal

A_YEAR = timedelta(days=366)
"""How far ahead a day may be set without a reason. A design default: what is later is mostly a slip in the year."""


class FurtherThanAYear(Refusal):
    """A day is more than a year away, and nothing says why."""

    code = "further-than-a-year"
    sentence = "%(day)s is more than a year away. Choose an earlier day; where this form asks for the reason, it may be so late."
    kind = Kind.WRONG_INPUT


def require_within_a_year(day: date, today: date, *, unless: object, field: str) -> None:
    """Refuse a day that is more than a year away, unless there is a reason. Errors: FurtherThanAYear."""
    if day - today > A_YEAR and not unless:
        raise FurtherThanAYear(day=day.isoformat(), field=field)
