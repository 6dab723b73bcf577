"""The limits of a matter: the day of each, when it ended, and whether its duty was done in time.

A deed that ends a limit is another fact than the one that starts it, and facts come in any order, so no row has both.
When a limit ended is read from the facts of the matter, by the table of stages.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from shared.projections.due_dates import due_in_use
from shared.projections.timeline import TIMELINE
from shared.work.common.calendar import day_of
from shared.work.common.fact import UnitId
from shared.work.common.limits import Limit
from shared.work.matters.stages import AT_REGISTER, HANDLING, RUNS, MatterState, Stage, stage_after

Ends = Mapping[tuple[UUID, Limit], date]
"""Days on which limits ended, by stream; one that runs is absent."""

_MOVES = frozenset({*AT_REGISTER, *(line.fact for line in HANDLING)})
_RIGHTS = frozenset({Limit.OBJECTION})
"""Nobody is late who does not object."""


@dataclass(frozen=True)
class DueDate:
    """A day by which an office must have done something.

    `start` is the day that the clock started on; `runs` says that the duty is still open. `ended` is the day on which
    it was done or fell away, and `in_time` whether that was within the limit: both are none while it runs, and a
    right has no verdict. A calendar that is published after `ended` changes neither day nor verdict.
    """

    limit: Limit
    unit: UnitId
    start: date
    day: date
    provisional: bool
    runs: bool
    ended: date | None
    in_time: bool | None


def due_date(limit: Limit, unit: UnitId, start: date, ended: date | None) -> DueDate:
    """A limit that started on a day, and runs or ended on another."""
    due = due_in_use(limit, start, ended)
    in_time = ended <= due.day if ended and limit not in _RIGHTS else None
    return DueDate(limit, unit, start, due.day, due.provisional, ended is None, ended, in_time)


def ends_of(connection: Connection, case: UUID) -> Ends:
    """When limits of a matter ended, as far as its facts have come to this node.

    A limit that began to run again, since the matter came back, has not ended.
    """
    query = select(TIMELINE.c.stream, TIMELINE.c.name, TIMELINE.c.recorded_at, TIMELINE.c.data)
    query = query.where(TIMELINE.c.correlation == case, TIMELINE.c.name.in_(_MOVES))
    ends: dict[tuple[UUID, Limit], date] = {}
    for row in connection.execute(query.order_by(TIMELINE.c.stream, TIMELINE.c.version)):
        state = _state_after(row.name, row.data)
        for limit, running in RUNS.items():
            if state in running:
                ends.pop((row.stream, limit), None)
            elif state is not None:
                ends.setdefault((row.stream, limit), day_of(row.recorded_at))
    return ends


def _state_after(name: str, data: dict[str, Any]) -> MatterState | Stage | None:
    return AT_REGISTER.get(name) or stage_after(name, data.__getitem__)
