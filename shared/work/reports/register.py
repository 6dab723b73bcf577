"""What a unit's own register says for a report: which matters it covers, and the figures that nobody types."""

from dataclasses import dataclass
from datetime import date, datetime

from shared.work.common.register_place import RegisterPlace

COLLECTIVE_FROM = 5
"""Fewest persons of a collective petition.

Unit: persons. Source: the statistical practice of the field (domain reference, 3.6); the Regulations name no number.
"""


@dataclass(frozen=True)
class Figures:
    """Counts of a daily report; items, never persons' movements.

    What was found and settled in disputes is said by a person; the others are the register's.
    """

    new: int = 0
    collective: int = 0
    due_today: int = 0
    overdue: int = 0
    disputes_found: int = 0
    disputes_settled: int = 0


@dataclass(frozen=True)
class Carried:
    """A matter of the day that another report speaks of already: its number, and the day of that report."""

    number: str
    by: date


@dataclass(frozen=True)
class RegisterState:
    """The unit's own register for a report of a day, when it is signed.

    `count` and `last` describe the register of the day's year. The report covers the places after `since` up to `until`;
    `numbers` are the matters there as printed on the receipts, `collective` how many of them are. `carried` were
    registered on the day and stand in reports of later days; `entered_later` came in on the day and were registered after
    it. `spoken_until` is the moment up to which the unit's reports have spoken (none before its first), `taken_over_at` the
    one from which a later day's report goes on (none without one).
    """

    count: int
    last: int
    since: RegisterPlace
    until: RegisterPlace
    numbers: tuple[str, ...] = ()
    collective: int = 0
    carried: tuple[Carried, ...] = ()
    entered_later: tuple[str, ...] = ()
    spoken_until: datetime | None = None
    taken_over_at: datetime | None = None

    @property
    def carried_by(self) -> tuple[date, ...]:
        """The days whose reports already carry matters of this one."""
        return tuple(sorted({one.by for one in self.carried}))

    @property
    def denied_by_zero(self) -> tuple[str, ...]:
        """What the unit has received of the day, and a zero would deny."""
        return (*(one.number for one in self.carried), *self.numbers, *self.entered_later)


@dataclass(frozen=True)
class Waiting:
    """Matters whose next step is the unit's: due on the day of the report, and overdue before it."""

    due_today: int = 0
    overdue: int = 0
