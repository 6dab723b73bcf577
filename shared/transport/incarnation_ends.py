"""Ended lives: of a restored node's earlier lives nothing is taken beyond the numbers at which they ended.

What such a life had sent and nobody held when the node asked is lost to it, but may still lie on the road.
If it were taken later, others would hold facts that their own node does not have, and it would have put others
in their places in its records.

| when | of the lives before, nothing is taken beyond |
| --- | --- |
| a `return-request` of a restore is answered | what the answer says is held |
| `new-life` is heard | what it says: some other node may have held more, and given it back |

The numbers that were seen beyond stay a hole that people are shown; nobody waits for them or asks again.

What a later life says waits until all that goes before it is held: the road may lose the earlier and bring the
later, and the facts of a record come in their order.
"""

import json
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, select

from shared.event_log.tables import ENDED_LIVES
from shared.transport.route_names import goes_before, route_in_life


@dataclass(frozen=True)
class Ended:
    """Of a source: its lives before `before` ended at these numbers, by name of route (lives.py).

    `marks` are the restores whose new life has begun: their requests may still come, late or again.
    """

    before: int = 1
    ends: dict[str, int] = field(default_factory=dict[str, int])
    marks: tuple[str, ...] = ()

    def end_of(self, life: int, route: str) -> int | None:
        """The last number that may come of a route; none while there is no end."""
        return self.ends.get(route_in_life(route, life), 0) if life < self.before else None

    def may_come(self, life: int, route: str, number: int) -> bool:
        """Whether a number of a route is still taken."""
        end = self.end_of(life, route)
        return end is None or number <= end

    def goes_before(self, life: int, route: str) -> dict[str, int]:
        """What has to be held before anything of a route in a life, by name of route up to a number."""
        name = route_in_life(route, life)
        return {other: end for other, end in self.ends.items() if goes_before(other, name)}

    def asked(self, life: int, held: dict[str, int]) -> "Ended":
        """The source is being restored, and was told that so much is held; `life` is its latest known."""
        return replace(self, before=life + 1, ends=held)

    def begun(self, life: int, ends: dict[str, int], mark: str) -> "Ended":
        """The source has begun a life; a late word of one that has ended since changes nothing."""
        if life < self.before:
            return self
        return Ended(life, ends, tuple(dict.fromkeys([*self.marks, *([mark] if mark else [])])))


NOT_ENDED = Ended()


def read_ended(connection: Connection) -> dict[str, Ended]:
    """Of every source that was ever restored."""
    return {
        row.source: Ended(row.before, json.loads(row.ends), tuple(json.loads(row.marks)))
        for row in connection.execute(select(ENDED_LIVES))
    }


def ended_row(source: str, ended: Ended) -> dict[str, Any]:
    """What is kept of a source."""
    return {
        "source": source,
        "before": ended.before,
        "ends": json.dumps(ended.ends),
        "marks": json.dumps(ended.marks),
    }
