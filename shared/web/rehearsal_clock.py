"""The clock of a rehearsal (decision 0006): set by its people who are signed in and have its token, for its days; by nobody in a real network."""

import hmac
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache

from pydantic import TypeAdapter, ValidationError

from shared.accounts.people import Person
from shared.orders.input import Moment
from shared.settings.clock import RehearsalClock
from shared.web.office import Office
from shared.work.common.calendar import day_of
from shared.work.common.refusals import Kind, Refusal

log = logging.getLogger(__name__)

REHEARSAL_HEADER = "huiyin-rehearsal-clock"
TOKEN_HEADER = "huiyin-rehearsal-token"
"""Beside the clock: what stands as `rehearsal_token` in the network's file, on the computers of the rehearsal alone."""


class NotOfTheRehearsal(Refusal):
    """Somebody who is signed in names a moment without the rehearsal's token."""

    code = "not-of-the-rehearsal"
    sentence = (
        "The rehearsal's clock is set with its token, which stands in the network's file. Leave the clock out, or send the"
        " token with it."
    )
    kind = Kind.NOT_ALLOWED


class NoSuchMoment(Refusal):
    """The rehearsal's clock was set to something that is not a moment."""

    code = "no-such-moment"
    sentence = "The rehearsal clock takes a moment with its zone, for example 2026-03-27T09:00:00+08:00."
    kind = Kind.WRONG_INPUT


class MomentNotOfTheRehearsal(Refusal):
    """The rehearsal's clock, which never goes back, was to be set to a day that is none of the rehearsal's."""

    code = "moment-not-of-the-rehearsal"
    sentence = "The rehearsal has the days from %(first)s to %(last)s. Name a moment of one of them."
    kind = Kind.WRONG_INPUT


REHEARSED_AT_ONCE = timedelta(days=366)
"""How far one request may put a rehearsal's clock forward: a year, more than anybody plays; a slip would be for ever."""

_MOMENT = TypeAdapter[datetime](Moment)


def moment_asked(office: Office, headers: Mapping[str, str], person: Person | None) -> datetime:
    """The moment of a request: the clock's, or in a rehearsal the one that somebody names who is signed in and has its token.

    Errors: NotOfTheRehearsal, NoSuchMoment, MomentNotOfTheRehearsal.
    """
    clock, asked = office.clock, headers.get(REHEARSAL_HEADER)
    if asked is None or person is None:
        return office.now()
    if not isinstance(clock, RehearsalClock):
        _tell_of_a_clock(office.name)
        return office.now()
    _require_token(office, headers.get(TOKEN_HEADER, ""))
    try:
        moment = _MOMENT.validate_python(asked).astimezone(UTC)
    except ValidationError:
        raise NoSuchMoment() from None
    _require_in_rehearsal(office, moment)
    clock.advance(moment)
    return moment


def _require_token(office: Office, shown: str) -> None:
    """Networks of earlier releases have none. Errors: NotOfTheRehearsal."""
    token = office.settings.network.rehearsal_token
    if token and not hmac.compare_digest(shown.encode("utf-8", "surrogatepass"), token.encode()):
        raise NotOfTheRehearsal()


def _require_in_rehearsal(office: Office, moment: datetime) -> None:
    """Its days begin when its first office was opened. Errors: MomentNotOfTheRehearsal."""
    root, last = office.directory.root(), office.now() + REHEARSED_AT_ONCE
    first = root.opened_on if root else day_of(moment)
    if day_of(moment) < first or moment > last:
        raise MomentNotOfTheRehearsal(first=first.isoformat(), last=day_of(last).isoformat())


@cache
def _tell_of_a_clock(node: str) -> None:
    """Once a process for each node."""
    log.warning("%s: somebody sent a rehearsal's clock; this network is real and does not heed it", node)
