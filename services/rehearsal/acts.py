"""What a rehearsal is made of: places, acts, the month, and the diary that the acts are written into."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from shared.work.common.calendar import ZONE


@dataclass(frozen=True)
class Place:
    """A unit of the rehearsal; `above` is its township or the county."""

    unit: str
    tier: str
    node: str
    above: str
    code: str


@dataclass
class Act:
    """One order: when, whose, which; `case` names a petition of the plan, `needs` what it waits for.

    `hand` is the office whose referral the order is about; `gives` the office that gets the matter.
    """

    at: datetime
    unit: str
    order: str
    body: dict[str, Any] = field(default_factory=dict)
    case: int | None = None
    role: str = ""
    hand: str = ""
    gives: str = ""

    @property
    def key(self) -> str:
        """What tells it from every other act of its office; the same whenever the month is played."""
        what = self.body.get("excused", "") if self.case is None else self.case
        return f"rehearsal-{self.at.isoformat()}-{self.order}-{what}"


@dataclass
class Month:
    """Everything that is going to happen, by day, and what the sheets must show afterwards.

    `contradicted` are reports that hide a matter which had come before, `asked` those of which a matter's day alone is
    known; `covered` is how many matters each report speaks of.
    """

    days: list[date]
    acts: dict[date, list[Act]]
    statuses: dict[tuple[str, date], str]
    late: set[tuple[str, date]]
    registered: int
    contradicted: set[tuple[str, date]] = field(default_factory=set[tuple[str, date]])
    asked: set[tuple[str, date]] = field(default_factory=set[tuple[str, date]])
    covered: dict[tuple[str, date], int] = field(default_factory=dict[tuple[str, date], int])


class Diary:
    """Writes acts into a month, at moments of chance; what would happen after its last day is left out."""

    def __init__(self, month: Month, chance: random.Random) -> None:
        self.month = month
        self.chance = chance

    def act(
        self,
        at: datetime,
        unit: str,
        order: str,
        case: int | None = None,
        body: dict[str, Any] | None = None,
        *,
        hand: str = "",
        role: str = "",
        gives: str = "",
    ) -> None:
        """One order more; the arguments are those of `Act`."""
        day = at.astimezone(ZONE).date()
        if day in self.month.acts:
            self.month.acts[day].append(Act(at, unit, order, body or {}, case, role, hand, gives))

    def later(self, day: date, days: int, hour: int) -> datetime:
        """A moment in an hour, so many days after a day."""
        return self.moment(day + timedelta(days=days), hour, hour + 1)

    def moment(self, day: date, first: int, last: int) -> datetime:
        """A moment of chance between two hours, to the second, so that clerks do not act in step."""
        seconds = self.chance.randrange((last - first) * 3600)
        return datetime.combine(day, time(first), ZONE) + timedelta(seconds=seconds)
