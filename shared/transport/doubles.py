"""What shows that a node has more than one log, though each part of it is well signed.

| what came | what becomes of it |
| --- | --- |
| another fact under the id of one that is held | parked as `two-facts`; its route goes no further |
| another chain under a number that is held | parked as `two-facts`; what is held stands, and nothing continues the other one |
| a fact under an id that is not that of its place | parked as `id-of-another`; its number is not held |

Only what the node signed is told of it: in its name anybody may write.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from shared.envelope import Envelope, fact_id, next_chain
from shared.event_log.group import Group
from shared.event_log.tables import RECEIVED_PLACES
from shared.transport.continuity import Batch, Pair, Progress, SourceRoute
from shared.transport.messages import OnRoute
from shared.transport.parking import Reason


class Double(NamedTuple):
    """A message that shows it, and what it shows."""

    pair: Pair
    reason: Reason
    detail: str


def bears_its_own_id(fact: Envelope) -> bool:
    """Whether a fact stands in its own place, and not in that of another."""
    return fact.id == fact_id(fact.source, fact.incarnation, fact.stream, fact.stream_version)


def by_whose_id(pairs: Iterable[Pair]) -> tuple[list[Pair], list[Pair]]:
    """Facts in their own places, and those that bear the id of another."""
    found: dict[bool, list[Pair]] = {True: [], False: []}
    for pair in pairs:
        found[bears_its_own_id(pair[1].envelope)].append(pair)
    return found[True], found[False]


@dataclass(frozen=True)
class Doubles:
    """Looks at what came on one route that is held up to `before`; `is_signed` is whether its node signed a place."""

    group: Group
    source_route: SourceRoute
    before: Progress
    is_signed: Callable[[OnRoute], bool]

    def find(self, batch: Batch, own: list[Pair], others: list[Pair], known: set[UUID]) -> list[Double]:
        """What shows it; the first fact in the place of another, and what follows, are taken out of the batch.

        `own` are facts under their own ids, `others` under those of others; `known` are the ids of what is held.
        """
        found = [*self._in_a_place_that_is_held(batch, known)]
        found += self._other_chains(batch, own)
        return found + [*self._under_another_id(batch, others)]

    def _in_a_place_that_is_held(self, batch: Batch, known: set[UUID]) -> Iterator[Double]:
        bodies = self.group.bodies_of({on.envelope.id for _, on in batch.taken} & known)
        for place, pair in enumerate(batch.taken):
            fact = pair[1].envelope
            if bodies.setdefault(fact.id, fact.body) != fact.body:
                del batch.taken[place:]
                yield Double(pair, Reason.TWO_FACTS, f"another fact {fact.id} is held")
                return

    def _other_chains(self, batch: Batch, own: list[Pair]) -> Iterator[Double]:
        """What the node signed under numbers that are held, with another chain than is held."""
        taken = {id(pair) for pair in batch.taken}
        chains = {on.number: on.chain for _, on in batch.taken}
        beside = [pair for pair in own if id(pair) not in taken]
        wanted = {on.number for _, on in beside if on.number <= self.before.held}
        chains |= self._held(wanted) if wanted else {}
        for pair in beside:
            on = pair[1]
            if chains.get(on.number, on.chain) != on.chain and self.is_signed(on):
                what = f"number {on.number} of {on.route} is held with another chain"
                yield Double(pair, Reason.TWO_FACTS, what)

    def _under_another_id(self, batch: Batch, others: list[Pair]) -> Iterator[Double]:
        """Told only of what continues what is held, since there the signature vouches for the fact itself."""
        chains = {self.before.held: self.before.chain} | {on.number: on.chain for _, on in batch.taken}
        for pair in others:
            on = pair[1]
            last = chains.get(on.number - 1)
            is_theirs = last is not None and next_chain(last, on.number, on.envelope.digest) == on.chain
            reason = Reason.ID_OF_ANOTHER if is_theirs and self.is_signed(on) else Reason.UNREADABLE
            yield Double(pair, reason, "bears the id of another fact")

    def _held(self, numbers: set[int]) -> dict[int, bytes]:
        source, incarnation, route = self.source_route
        at = RECEIVED_PLACES.c
        query = select(at.number, at.chain).where(
            at.source == source, at.incarnation == incarnation, at.route == route, at.number.in_(numbers)
        )
        return {row.number: bytes(row.chain) for row in self.group.asking.execute(query)}
