"""One change of an account: made, closed, opened again, another role, a password set by somebody else, a token."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.work.common.authority import Statement
from shared.work.common.fact import FirstFact, Stream, UnitId, derived_id
from shared.work.common.sentences import N_


class Changed(FirstFact):
    """An account was changed; names are those of the office's own people.

    `unit` is the office whose computer keeps the account, `office` the one that the account is of; `change` the stored word
    of an account's history, `detail` what it says besides (a role, a token's name), `by` the account that did it.
    """

    TOPIC = "account.changed"
    SAYS = N_("Account changed")

    office: UnitId
    account: str
    login: str
    person: str
    role: str
    change: str
    detail: str
    by: str
    by_name: str

    @classmethod
    def stream_of(cls, said: Statement) -> UUID:
        """Made of the account's own id, which is chance: nobody else can begin it."""
        return said.stream

    def apply(self, aggregate: "AccountChange") -> None:
        aggregate.unit = self.unit


class AccountChange(Stream):
    """One line of an account's history; nothing follows it."""

    STREAM: ClassVar[str] = "account"
    STAYS = True

    @staticmethod
    def id_for(account: str, running: int, change: str, at: datetime) -> UUID:
        """The `running`-th change of an account, counted from 1; what it was and when, since two may be made at once."""
        return derived_id("account-change", account, running, change, at.isoformat())

    @classmethod
    def tell(cls, stream: UUID, *, unit: UnitId, at: datetime, **said: object) -> "AccountChange":
        """A change that was made at this moment; `said` are the other attributes of `Changed`."""
        return cls._create(Changed, id=stream, unit=unit, timestamp=at, **said)
