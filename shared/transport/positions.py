"""How far this node holds each route of each source, and where the earlier lives of restored sources ended.

All of it is in the database; between groups it is kept in memory, and read again after a commit that failed.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, select

from shared.event_log.group import Group
from shared.event_log.tables import ENDED_LIVES, SOURCES
from shared.transport.continuity import Held, Lane
from shared.transport.gaps import note_gap
from shared.transport.incarnation_ends import NOT_ENDED, Ended, ended_row, read_ended
from shared.transport.parking import parked_subjects
from shared.transport.route_names import route_and_life, route_in_life


class Positions:
    """Read by any thread, changed only inside the node's writer.

    `lanes` is how far each is held; `parked_subjects` are the streams of which facts wait here.
    """

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._now = now
        self.lanes: dict[Lane, Held] = {}
        self.parked_subjects: set[str] = set()
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
        self.parked_subjects = parked_subjects(connection)
        self._ended = read_ended(connection)
        self.lanes = {
            (row.source, row.incarnation, row.route): Held(row.held, bytes(row.chain), row.highest)
            for row in connection.execute(select(SOURCES))
        }

    def gaps(self) -> dict[Lane, Held]:
        """Lanes of which a higher number was seen than is held, and may still come."""
        return {lane: held for lane, held in dict(self.lanes).items() if self._may_go_on(lane, held)}

    def _may_go_on(self, lane: Lane, held: Held) -> bool:
        source, life, route = lane
        end = self.ended_of(source).end_of(life, route)
        return held.held < (held.highest if end is None else min(end, held.highest))

    def ended_of(self, source: str) -> Ended:
        """Where the earlier lives of a source ended."""
        return self._ended.get(source, NOT_ENDED)

    def is_early(self, lane: Lane) -> bool:
        """Whether something that goes before this lane is not held yet, or not known (incarnation_ends.py)."""
        source, life, route = lane
        if life == 1:
            return False
        ended = self.ended_of(source)
        return life > ended.before or any(
            self._held_of(source, name) < end for name, end in ended.goes_before(life, route).items()
        )

    def _held_of(self, source: str, name: str) -> int:
        route, life = route_and_life(name)
        return self.lanes.get((source, life, route), Held()).held

    def move(self, group: Group, lane: Lane, after: Held) -> None:
        """A lane is held further, or more of it was seen."""
        before = self.lanes.get(lane, Held())
        if after == before:
            return
        self._store(group, lane, after)
        note_gap(group, lane, before, after, self._now())

    def _store(self, group: Group, lane: Lane, held: Held) -> None:
        self.lanes[lane] = held
        group.writes.upsert(SOURCES, [_source_row(lane, held)])

    def expect(self, group: Group, lane: Lane, last: int) -> None:
        """A source says up to which number its route goes; what is missing here is a gap, and asked for."""
        self.begin(group)
        before = self.lanes.get(lane, Held())
        self.move(group, lane, replace(before, highest=max(last, before.highest)))

    def end_lives(self, group: Group, source: str, mark: str) -> None:
        """A source is being restored: nothing more is taken of what it had sent than is held now."""
        self.begin(group)
        ended = self.ended_of(source)
        if mark not in ended.marks:
            held = {
                route_in_life(route, life): progress.held
                for (life, route), progress in self._of(source).items()
            }
            self._store_ended(group, source, ended.asked(self._latest_life(source), held))

    def begin_life(self, group: Group, lane: Lane, ends: dict[str, int], mark: str) -> None:
        """A source has begun a new life, of which this lane goes upward; earlier ones ended at these numbers."""
        source, incarnation, _ = lane
        self.begin(group)
        if incarnation >= self._latest_life(source):
            self._store_ended(group, source, self.ended_of(source).begun(incarnation, ends, mark))
        if lane not in self.lanes:
            self._store(group, lane, Held())

    def _of(self, source: str) -> dict[tuple[int, str], Held]:
        return {(life, route): held for (of, life, route), held in self.lanes.items() if of == source}

    def _latest_life(self, source: str) -> int:
        return max((life for life, _ in self._of(source)), default=1)

    def _store_ended(self, group: Group, source: str, ended: Ended) -> None:
        self._ended[source] = ended
        group.writes.upsert(ENDED_LIVES, [ended_row(source, ended)])


def _source_row(lane: Lane, held: Held) -> dict[str, Any]:
    source, incarnation, route = lane
    return {
        "source": source,
        "incarnation": incarnation,
        "route": route,
        "held": held.held,
        "chain": held.chain,
        "highest": held.highest,
    }
