"""The clock of a rehearsal (decision 0006): set by its people who are signed in, for its days; by nobody in a real network."""

import logging
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


def moment_asked(office: Office, asked: str | None, person: Person | None) -> datetime:
    """The moment of a request: the clock's, or in a rehearsal the one that somebody names who is signed in.

    Errors: NoSuchMoment, MomentNotOfTheRehearsal.
    """
    clock = office.clock
    if asked is None or person is None:
        return office.now()
    if not isinstance(clock, RehearsalClock):
        _tell_of_a_clock(office.name)
        return office.now()
    try:
        moment = _MOMENT.validate_python(asked).astimezone(UTC)
    except ValidationError:
        raise NoSuchMoment() from None
    _require_in_rehearsal(office, moment)
    clock.advance(moment)
    return moment


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
