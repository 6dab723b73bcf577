"""How long a door stays open and how often it may be tried: one place, each with its reason."""

from dataclasses import dataclass
from datetime import timedelta

from shared.accounts.delays import Slack


@dataclass(frozen=True)
class Limits:
    """Settings of the office's door.

    idle: a session ends when nobody used it for this long. Office computers are shared, and a
        clerk who goes to the counter comes back within half an hour or has left for the day.
    absolute: a session ends this long after signing in, whatever happens; longer than any working
        day, shorter than two, so that nobody inherits yesterday's session.
    seen_every: the moment of last use is written at most this often, so that reading a page is a
        read. The idle limit can so fall short by this much, never exceed.
    login_from_one_place: wrong passwords for one login from one address, or from one device known to its
        account. Five are a tired hand's; then pauses grow to two minutes, which leaves a guesser 720 a day.
    login_from_anywhere: wrong passwords for one login from all addresses that its account does not know.
    one_place: wrong passwords from one address, whatever the login. A whole township hall stands behind
        one address, so it has more of them free; a minute is the most that a hall waits for one guesser.
    failures_within: how long a wrong password counts.
    device_known: how long a device stays known after the account was last opened on it.
    devices_at_most: devices of one account that are remembered; somebody at many computers has five.
    token_longest: longest life of a program's token; who needs more makes a new one each quarter.
    temporary_password: how long a password works that an administrator set; said on the telephone, used within a day.
    """

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=12)
    seen_every: timedelta = timedelta(minutes=1)
    login_from_one_place: Slack = Slack(5, timedelta(minutes=2))
    login_from_anywhere: Slack = Slack(30, timedelta(minutes=1))
    one_place: Slack = Slack(30, timedelta(minutes=1))
    failures_within: timedelta = timedelta(hours=1)
    device_known: timedelta = timedelta(days=180)
    devices_at_most: int = 20
    token_longest: timedelta = timedelta(days=90)
    temporary_password: timedelta = timedelta(days=1)
