"""What the door tells others: who came in, and what an administrator sees."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.work.common.actor import Actor


@dataclass(frozen=True)
class Person:
    """Somebody who is let in, as true at this request.

    `form_token` goes into every form of the session; it is none for a program with a token.
    `session` names the session in lists, `token` the token; neither opens anything. `reset_at` and `reset_by` say that
    somebody else set the password, until the person has read it.
    """

    account: str
    login: str
    name: str
    unit: UUID
    role: str
    must_change_password: bool
    reset_at: datetime | None = None
    reset_by: str | None = None
    form_token: str | None = None
    session: str | None = None
    token: str | None = None

    def actor(self) -> Actor:
        """The person as the work knows one who gives orders."""
        return Actor(account=self.account, unit=self.unit, role=self.role, name=self.name)


@dataclass(frozen=True)
class SessionGrant:
    """A new session: the value of its cookie, shown once, the token for its forms, and the secret of the device."""

    cookie_value: str
    csrf: str
    device: str


@dataclass(frozen=True)
class Account:
    """An account as its administrator sees it."""

    id: str
    login: str
    name: str
    unit: UUID
    role: str
    must_change_password: bool
    created_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True)
class NewAccount:
    """An account just made; `temporary_password` is shown once, or none if one was given."""

    account: Account
    temporary_password: str | None


@dataclass(frozen=True)
class OpenSession:
    """A session that has not ended."""

    id: str
    created_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True)
class Token:
    """A program's token, without its secret."""

    id: str
    name: str
    account: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class NewToken:
    """A token just made; `secret` is shown once."""

    token: Token
    secret: str


@dataclass(frozen=True)
class UntoldChange:
    """A line of an account's history that no fact tells of yet; `running` counts the account's lines from 1."""

    id: str
    account: Account
    running: int
    at: datetime
    by: str
    change: str
    detail: str


@dataclass(frozen=True)
class Change:
    """One line of an account's history; `by` is an account id, or the word for who set the node up."""

    at: datetime
    by: str
    change: str
    detail: str
