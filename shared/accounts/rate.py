"""How often a door may be tried: wrong passwords, counted in the database, where a restart does not forget them.

Only wrong ones count, so that a whole office may sign in at eight o'clock from one address. They are counted by the login
as it is tried from one address, by the login, and by the address; whoever comes with a device on which the account has
signed in before is counted by that device alone, so that nobody else's guesses keep the clerk out.
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from uuid import uuid4

from sqlalchemy import Connection, delete, func, insert, select

from shared.accounts.delays import NO_TIME, Slack
from shared.accounts.limits import Limits
from shared.accounts.refusals import TooManyAttempts
from shared.accounts.tables import ATTEMPTS

Counted = tuple[str, Slack]
"""What a try is counted by, hashed, and how much of it is free."""


def one_address(address: str) -> str:
    """An address as it is counted: of IPv6 its first 64 bits, since whoever has one of them has all."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return str(ip_network((found, 64), strict=False).network_address)
    return str(getattr(found, "ipv4_mapped", None) or found)


class SignInAttempts:
    """The failed sign-ins of one node; the connection and its transaction are the caller's."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def counted_by(self, *, login: str, address: str, device: str | None) -> tuple[Counted, ...]:
        """What a try is counted by; `device` is one that is known to the account of this login, or none."""
        if device is not None:
            return ((_subject("device", f"{device}:{login}"), self._limits.login_from_one_place),)
        return (
            (_subject("place", f"{login}:{address}"), self._limits.login_from_one_place),
            (_subject("login", login), self._limits.login_from_anywhere),
            (_subject("address", address), self._limits.one_place),
        )

    def require_patience(self, connection: Connection, counted: Sequence[Counted], at: datetime) -> None:
        """Refuse with TooManyAttempts while one of the pauses lasts."""
        longest = max(self._wait(connection, subject, slack, at) for subject, slack in counted)
        if longest > NO_TIME:
            raise TooManyAttempts(seconds=math.ceil(longest / timedelta(seconds=1)))

    def note_failure(self, connection: Connection, counted: Sequence[Counted], at: datetime) -> None:
        """Count one, and forget those that are too old to count."""
        rows = [{"id": str(uuid4()), "subject_sha256": subject, "at": at} for subject, _ in counted]
        connection.execute(insert(ATTEMPTS), rows)
        connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.at <= at - self._limits.failures_within))

    def forget(self, connection: Connection, counted: Sequence[Counted]) -> None:
        """The right person is there: their slips no longer count. Those of the address still do."""
        mine = [subject for subject, slack in counted if slack is not self._limits.one_place]
        connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.subject_sha256.in_(mine)))

    def forget_login(self, connection: Connection, login: str) -> None:
        """Somebody answers for this login: what was guessed from anywhere no longer counts."""
        connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.subject_sha256 == _subject("login", login)))

    def _wait(self, connection: Connection, subject: str, slack: Slack, at: datetime) -> timedelta:
        failures = select(func.count(), func.max(ATTEMPTS.c.at)).where(
            ATTEMPTS.c.subject_sha256 == subject,
            ATTEMPTS.c.at > at - self._limits.failures_within,
            ATTEMPTS.c.at <= at,  # a clock that was set back must not keep anybody out for the difference
        )
        made, last = connection.execute(failures).one()
        return last + slack.pause_after(made) - at if made else NO_TIME


def _subject(kind: str, value: str) -> str:
    return sha256(f"{kind}:{value}".encode("utf-8", "surrogatepass")).hexdigest()
