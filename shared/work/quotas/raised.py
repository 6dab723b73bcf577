"""A quota that a director raised for a day: a fact, so that the office above sees it too."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from shared.work.common.authority import Statement, require
from shared.work.common.fact import FirstFact, Stream, UnitId, derived_id
from shared.work.common.sentences import N_
from shared.work.common.words import Quota, QuotaReason


class Raised(FirstFact):
    """An office's quota of a day was raised by `more`, of its unit: matters, kilobytes, versions or files.

    `account` and `login` name the person that it was raised for; empty for everybody of the office. `running` counts the
    office's raises of the day from 1.
    """

    TOPIC = "quota.raised"
    SAYS = N_("Quota raised for a day")

    quota: Quota
    day: date
    running: int
    account: str
    login: str
    more: int
    reason: QuotaReason

    @classmethod
    def stream_of(cls, said: Statement) -> UUID:
        running = said.data["running"]
        require(type(running) is int, "a raise without its number")
        day = date.fromisoformat(said.data["day"])
        return QuotaRaise.id_for(said.unit, day, running, said.incarnation)

    def apply(self, aggregate: "QuotaRaise") -> None:
        aggregate.unit = self.unit


class QuotaRaise(Stream):
    """One raise; nothing follows it, and at midnight it is over."""

    STREAM: ClassVar[str] = "quota"

    @staticmethod
    def id_for(unit: UnitId, day: date, running: int, incarnation: int) -> UUID:
        """The `running`-th raise of an office's day in one life of its node."""
        return derived_id("quota-raised", unit, day, running, incarnation)

    @classmethod
    def give(
        cls,
        *,
        unit: UnitId,
        day: date,
        running: int,
        incarnation: int,
        quota: Quota,
        account: str,
        login: str,
        more: int,
        reason: QuotaReason,
        at: datetime,
    ) -> "QuotaRaise":
        """More for today."""
        return cls._create(
            Raised,
            id=cls.id_for(unit, day, running, incarnation),
            unit=unit,
            quota=quota,
            day=day,
            running=running,
            account=account,
            login=login,
            more=more,
            reason=reason,
            timestamp=at,
        )
