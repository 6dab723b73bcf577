"""Until when what was reported can be put right."""

from dataclasses import dataclass

PERIODS = ("day", "week", "ten_days", "month", "quarter", "half_year", "year")
"""The stored words of the periods that reports are for, the shortest first."""


@dataclass(frozen=True)
class Closing:
    """Reports of a period are closed so many days after its last day; until then they are corrected.

    `period` is one of `PERIODS`. The default, a month that closes on the third day of the next
    one, leaves time to put its last day right; a network sets its own in a table `[reports]`.
    """

    period: str = "month"
    days_after: int = 3
