"""How far this node holds each route of each source, and where the earlier incarnations of restored sources ended.

All of it is in the database; between groups it is kept in memory, and read again after a commit that failed.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, select

from shared.event_log.group import Group
from shared.event_log.tables import ENDED_INCARNATIONS, SOURCES
from shared.transport.continuity import Progress, SourceRoute
from shared.transport.gaps import note_gap
from shared.transport.incarnation_ends import NOT_ENDED, Ended, ended_row, read_ended
from shared.transport.parking import Share, SourceRecord, evidence_waited_for, parked_bytes, parked_records
from shared.transport.route_names import route_and_incarnation, route_in_incarnation
from shared.work.common.authority import About


class Positions:
    """Read by any thread, changed only inside the node's writer.

    `source_routes` is how far each is held; `parked_records` are the records of which facts wait here, `waited_for` the
    evidence that some of them wait for, `parked_bytes` how much of each source is parked, what it signed apart from what only bears its name.
    """

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._now = now
        self.source_routes: dict[SourceRoute, Progress] = {}
        self.parked_records: set[SourceRecord] = set()
        self.waited_for: dict[About, set[SourceRecord]] = {}
        self.parked_bytes: dict[Share, int] = {}
        self._ended: dict[str, Ended] = {}
        with engine.connect() as connection:
            self._reload(connection)

    def begin(self, group: Group) -> None:
        """Look at the database again if what is in memory may not be what was committed."""
        if self._doubtful:
            self._reload(group.connection)
        group.on_rollback.append(self.doubt)

    def doubt(self) -> None:
        """Before the next arrival, read from the database again."""
        self._doubtful = True

    def _reload(self, connection: Connection) -> None:
        self._doubtful = False
        self.parked_records = parked_records(connection)
        self.waited_for = evidence_waited_for(connection)
        self.parked_bytes = parked_bytes(connection)
        self._ended = read_ended(connection)
        self.source_routes = {
            (row.source, row.incarnation, row.route): Progress(row.held, bytes(row.chain), row.highest)
            for row in connection.execute(select(SOURCES))
        }

    def gaps(self) -> dict[SourceRoute, Progress]:
        """The routes, each of a source, of which a higher number was seen than is held, and may still come."""
        return {
            source_route: held
            for source_route, held in dict(self.source_routes).items()
            if self._may_go_on(source_route, held)
        }

    def _may_go_on(self, source_route: SourceRoute, held: Progress) -> bool:
        source, incarnation, route = source_route
        end = self.ended_of(source).end_of(incarnation, route)
        return held.held < (held.highest if end is None else min(end, held.highest))

    def ended_of(self, source: str) -> Ended:
        """Where the earlier incarnations of a source ended."""
        return self._ended.get(source, NOT_ENDED)

    def is_early(self, source_route: SourceRoute) -> bool:
        """Whether something that goes before this route is not held yet, or not known (incarnation_ends.py)."""
        source, incarnation, route = source_route
        if incarnation == 1:
            return False
        ended = self.ended_of(source)
        return incarnation > ended.before or any(
            self._held_of(source, name) < end for name, end in ended.goes_before(incarnation, route).items()
        )

    def _held_of(self, source: str, name: str) -> int:
        route, incarnation = route_and_incarnation(name)
        return self.source_routes.get((source, incarnation, route), Progress()).held

    def move(self, group: Group, source_route: SourceRoute, after: Progress) -> None:
        """A route is held further, or more of it was seen."""
        before = self.source_routes.get(source_route, Progress())
        if after == before:
            return
        self._store(group, source_route, after)
        note_gap(group, source_route, before, after, self._now())

    def _store(self, group: Group, source_route: SourceRoute, held: Progress) -> None:
        self.source_routes[source_route] = held
        group.writes.upsert(SOURCES, [_source_row(source_route, held)])

    def expect(self, group: Group, source_route: SourceRoute, last: int) -> None:
        """A source says up to which number its route goes; what is missing here is a gap, and asked for."""
        self.begin(group)
        before = self.source_routes.get(source_route, Progress())
        self.move(group, source_route, replace(before, highest=max(last, before.highest)))

    def end_incarnations(self, group: Group, source: str, restore_token: str) -> None:
        """A source is being restored: nothing more is taken of what it had sent than is held now."""
        self.begin(group)
        ended = self.ended_of(source)
        if restore_token not in ended.restore_tokens:
            held = {
                route_in_incarnation(route, incarnation): progress.held
                for (incarnation, route), progress in self._of(source).items()
            }
            self._store_ended(group, source, ended.asked(self._latest_incarnation(source), held))

    def begin_incarnation(
        self, group: Group, source_route: SourceRoute, ends: dict[str, int], restore_token: str
    ) -> None:
        """A source has begun a new incarnation, of which this route goes upward; earlier ones ended at these numbers."""
        source, incarnation, _ = source_route
        self.begin(group)
        if incarnation >= self._latest_incarnation(source):
            self._store_ended(group, source, self.ended_of(source).begun(incarnation, ends, restore_token))
        if source_route not in self.source_routes:
            self._store(group, source_route, Progress())

    def _of(self, source: str) -> dict[tuple[int, str], Progress]:
        return {
            (incarnation, route): held
            for (of, incarnation, route), held in self.source_routes.items()
            if of == source
        }

    def _latest_incarnation(self, source: str) -> int:
        return max((incarnation for incarnation, _ in self._of(source)), default=1)

    def _store_ended(self, group: Group, source: str, ended: Ended) -> None:
        self._ended[source] = ended
        group.writes.upsert(ENDED_INCARNATIONS, [ended_row(source, ended)])


def _source_row(source_route: SourceRoute, held: Progress) -> dict[str, Any]:
    source, incarnation, route = source_route
    return {
        "source": source,
        "incarnation": incarnation,
        "route": route,
        "held": held.held,
        "chain": held.chain,
        "highest": held.highest,
    }
