"""Gaps: numbers of a route that are missing here and were asked for, and since when; some stay as holes.

A gap is asked for again and again by the host. While its beginning moves it is being closed, so its
time starts over with every number that comes; what does not move for long is a hole, which somebody
has to look at. A parked fact that somebody discarded leaves a hole for ever.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, select

from shared.envelope import moment_of, moment_text
from shared.event_log.group import Group
from shared.event_log.tables import GAPS, SOURCES
from shared.transport.continuity import Progress, SourceRoute

HOLE_AFTER = timedelta(minutes=10)
"""How long a gap may stand still before it is a hole. A host asks every 5 seconds and is answered in one,
a broker or a machine that is started anew is back within three minutes; ten without an answer want a person."""

_SOURCE_ROUTE = ("source", "incarnation", "route")


@dataclass(frozen=True)
class Gap:
    """Numbers `first` to `last` of a source's route that are missing; `since` none: nobody noted it.

    `discarded` says that the fact came and somebody gave it up.
    """

    source: str
    incarnation: int
    route: str
    first: int
    last: int
    since: datetime | None
    discarded: bool = False

    def is_hole(self, now: datetime) -> bool:
        """Whether nothing has closed it for so long that somebody must look."""
        return self.since is None or now - self.since >= HOLE_AFTER


def note_gap(
    group: Group, source_route: SourceRoute, before: Progress, after: Progress, at: datetime
) -> None:
    """Remember since when a source's route has its gap, or that it has none any more."""
    key = dict(zip(_SOURCE_ROUTE, source_route, strict=True))
    had, has = before.highest > before.held, after.highest > after.held
    if has and (not had or after.held > before.held):
        group.writes.upsert(GAPS, [key | {"since": moment_text(at)}])
    elif had and not has:
        group.connection.execute(GAPS.delete().where(*(GAPS.c[name] == value for name, value in key.items())))


def open_gaps(connection: Connection) -> list[Gap]:
    """Every gap, by source and route."""
    return list(_read(connection))


def _read(connection: Connection) -> Iterator[Gap]:
    same = and_(*(GAPS.c[name] == SOURCES.c[name] for name in _SOURCE_ROUTE))
    query: Any = (
        select(SOURCES, GAPS.c.since)
        .outerjoin(GAPS, same)
        .where(SOURCES.c.highest > SOURCES.c.held)
        .order_by(*(SOURCES.c[name] for name in _SOURCE_ROUTE))
    )
    for row in connection.execute(query):
        since = moment_of(row.since) if row.since else None
        yield Gap(row.source, row.incarnation, row.route, row.held + 1, row.highest, since)
