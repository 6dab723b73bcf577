"""Ended incarnations: of a restored node's earlier incarnations nothing is taken beyond the numbers at which they ended.

What such an incarnation had sent and nobody held when the node asked is lost to it, but may still lie on the wire.
If it were taken later, others would hold facts that their own node does not have, and it would have put others
in their places in its records.

| when | of the incarnations before, nothing is taken beyond |
| --- | --- |
| a `return-request` of a restore is answered | what the answer says is held |
| `new-incarnation` is heard | what it says: some other node may have held more, and given it back |

The numbers that were seen beyond stay a hole that people are shown; nobody waits for them or asks again.

What a later incarnation says waits until all that goes before it is held: the wire may lose the earlier and bring the
later, and the facts of a record come in their order.
"""

import json
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, select

from shared.event_log.tables import ENDED_INCARNATIONS
from shared.transport.route_names import goes_before, route_in_incarnation


@dataclass(frozen=True)
class Ended:
    """Of a source: its incarnations before `before` ended at these numbers, by name of route (route_names.py).

    `restore_tokens` are the restores whose new incarnation has begun: their requests may still come, late or again.
    """

    before: int = 1
    ends: dict[str, int] = field(default_factory=dict[str, int])
    restore_tokens: tuple[str, ...] = ()

    def end_of(self, incarnation: int, route: str) -> int | None:
        """The last number that may come of a route; none while there is no end."""
        return (
            self.ends.get(route_in_incarnation(route, incarnation), 0) if incarnation < self.before else None
        )

    def may_come(self, incarnation: int, route: str, number: int) -> bool:
        """Whether a number of a route is still taken."""
        end = self.end_of(incarnation, route)
        return end is None or number <= end

    def goes_before(self, incarnation: int, route: str) -> dict[str, int]:
        """What has to be held before anything of a route in an incarnation, by name of route up to a number."""
        name = route_in_incarnation(route, incarnation)
        return {other: end for other, end in self.ends.items() if goes_before(other, name)}

    def asked(self, incarnation: int, held: dict[str, int]) -> "Ended":
        """The source is being restored, and was told that so much is held; `incarnation` is its latest known."""
        return replace(self, before=incarnation + 1, ends=held)

    def begun(self, incarnation: int, ends: dict[str, int], restore_token: str) -> "Ended":
        """The source has begun an incarnation; a late word of one that has ended since changes nothing."""
        if incarnation < self.before:
            return self
        return Ended(
            incarnation,
            ends,
            tuple(dict.fromkeys([*self.restore_tokens, *([restore_token] if restore_token else [])])),
        )


NOT_ENDED = Ended()


def read_ended(connection: Connection) -> dict[str, Ended]:
    """Of every source that was ever restored."""
    return {
        row.source: Ended(row.before, json.loads(row.ends), tuple(json.loads(row.marks)))
        for row in connection.execute(select(ENDED_INCARNATIONS))
    }


def ended_row(source: str, ended: Ended) -> dict[str, Any]:
    """What is kept of a source."""
    return {
        "source": source,
        "before": ended.before,
        "ends": json.dumps(ended.ends),
        "marks": json.dumps(ended.restore_tokens),
    }
