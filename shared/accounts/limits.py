"""How long a door stays open and how often it may be tried: one place, each with its reason."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Limits:
    """Settings of the office's door.

    idle: a session ends when nobody used it for this long. Office computers are shared, and a
        clerk who goes to the counter comes back within half an hour or has left for the day.
    absolute: a session ends this long after signing in, whatever happens; longer than any working
        day, shorter than two, so that nobody inherits yesterday's session.
    seen_every: the moment of last use is written at most this often, so that reading a page is a
        read. The idle limit can so fall short by this much, never exceed.
    login_failures: wrong passwords for one login within the window. OWASP leaves the number to the
        site; ten is more than a tired hand needs and gives a guesser under a thousand a day.
    address_failures: wrong passwords from one address within the window. A whole township hall
        stands behind one address, so it is wider than that of one login.
    failures_within: the moving window of both.
    """

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=12)
    seen_every: timedelta = timedelta(minutes=1)
    login_failures: int = 10
    address_failures: int = 30
    failures_within: timedelta = timedelta(minutes=15)
