"""How often a door may be tried: sign-ins counted in the database, public questions in memory.

Sign-ins are counted where a restart does not forget them. Only wrong passwords count, so that a
whole office may sign in at eight o'clock from one address; the moving window opens again by itself.
"""

import math
from collections import deque
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address, ip_network
from threading import Lock
from uuid import uuid4

from sqlalchemy import Connection, delete, insert, select

from shared.accounts.limits import Limits
from shared.accounts.refusals import TooManyAttempts
from shared.accounts.tables import ATTEMPTS


def one_address(address: str) -> str:
    """An address as it is counted: of IPv6 its first 64 bits, since whoever has one of them has all."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if found.version == 6:
        found = found.ipv4_mapped or found
    return str(found) if found.version == 4 else str(ip_network((found, 64), strict=False).network_address)


class SignInAttempts:
    """The failed sign-ins of one node; the connection and its transaction are the caller's."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def require_room(self, connection: Connection, *, login: str, address: str, at: datetime) -> None:
        """Refuse with TooManyAttempts when the window of the login or of the address is full."""
        windows = (
            (_login(login), self._limits.login_failures),
            (_address(address), self._limits.address_failures),
        )
        waits = [self._wait(connection, subject, most, at) for subject, most in windows]
        longest = max(waits)
        if longest > timedelta(0):
            raise TooManyAttempts(minutes=math.ceil(longest / timedelta(minutes=1)))

    def note_failure(self, connection: Connection, *, login: str, address: str, at: datetime) -> None:
        """Count one, and forget those that have left the window."""
        rows = [
            {"id": str(uuid4()), "subject_sha256": s, "at": at} for s in (_login(login), _address(address))
        ]
        connection.execute(insert(ATTEMPTS), rows)
        connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.at <= at - self._limits.failures_within))

    def forget(self, connection: Connection, *, login: str) -> None:
        """The right person is there: their slips no longer count. Those of the address still do."""
        connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.subject_sha256 == _login(login)))

    def _wait(self, connection: Connection, subject: str, most: int, at: datetime) -> timedelta:
        """How long until there is room: until the `most`-th newest failure leaves the window."""
        within = self._limits.failures_within
        failures = select(ATTEMPTS.c.at).where(
            ATTEMPTS.c.subject_sha256 == subject,
            ATTEMPTS.c.at > at - within,
            ATTEMPTS.c.at <= at,  # a clock that was set back must not lock anybody out for the difference
        )
        full_since = connection.scalar(failures.order_by(ATTEMPTS.c.at.desc()).offset(most - 1).limit(1))
        return full_since + within - at if full_since else timedelta(0)


def _login(login: str) -> str:
    return _subject("login", login)


def _address(address: str) -> str:
    return _subject("address", address)


def _subject(kind: str, value: str) -> str:
    return sha256(f"{kind}:{value}".encode("utf-8", "surrogatepass")).hexdigest()


class MovingWindow:
    """At most `most` questions from one key within `within`, in this process: for public look-ups.

    A receipt number with its query code is guessed by asking often; a petitioner asks a few times
    a day. Holds at most `keys_at_most` keys; beyond that the one heard of longest ago is forgotten.
    """

    def __init__(self, *, most: int, within: timedelta, keys_at_most: int = 10_000) -> None:
        self._most, self._within, self._keys_at_most = most, within, keys_at_most
        self._asked: dict[str, deque[datetime]] = {}
        self._lock = Lock()

    def admit(self, key: str, at: datetime) -> bool:
        """Whether there is room for one more now; if so, it is counted."""
        with self._lock:
            asked = self._asked.pop(key, None) or deque[datetime]()
            self._asked[key] = asked
            if len(self._asked) > self._keys_at_most:
                del self._asked[next(iter(self._asked))]
            return self._count(asked, at)

    def _count(self, asked: deque[datetime], at: datetime) -> bool:
        while asked and asked[0] <= at - self._within:
            asked.popleft()
        if len(asked) >= self._most:
            return False
        asked.append(at)
        return True
