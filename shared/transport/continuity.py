"""How far what a source sent on one of its routes is held, and what of new messages continues it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from shared.envelope import CHAIN_START, next_chain
from shared.transport.messages import OnRoute
from shared.transport.parking import Reason
from shared.transport.wire import Arrived

SourceRoute = tuple[str, int, str]
"""Source, incarnation, route: what numbers and chain belong to."""
Pair = tuple[Arrived, OnRoute]
"""A message and the fact that was read from it."""


@dataclass(frozen=True)
class Progress:
    """How far a source's route is held without a gap (number and chain there), and the highest signed number seen."""

    held: int = 0
    chain: bytes = CHAIN_START
    highest: int = 0

    def after(self, batch: "Batch") -> "Progress":
        """How far it is once a batch was taken in."""
        if not batch.taken:
            return Progress(self.held, self.chain, max(self.highest, batch.highest))
        last = batch.taken[-1][1]
        return Progress(last.number, last.chain, max(self.highest, batch.highest, last.number))


@dataclass
class Batch:
    """What of some messages may be taken in, what is wrong with the rest, and the highest number beyond a gap."""

    taken: list[Pair] = field(default_factory=list)
    wrong: list[tuple[Arrived, Reason, str]] = field(default_factory=list)
    highest: int = 0
    early: list[Pair] = field(default_factory=list)


IsSigned = Callable[[OnRoute], bool]


def never(_: OnRoute) -> bool:
    """Nobody had another key before."""
    return False


def accept_contiguous(
    before: Progress, pairs: list[Pair], is_signed: IsSigned, was_signed: IsSigned = never
) -> Batch:
    """The messages that continue a route without a gap, up to the last number that is signed.

    A signature vouches for the whole chain before it. What comes after the last signature is nobody's: it is
    taken out and the rest is looked at again, since it may have stood in the place of the true one. What was signed
    with an earlier key is neither taken nor forged (`early`): its node sends it again, and signs over it with the present one.
    """
    loose_ends: list[Pair] = []
    while True:
        batch = _chained(before, pairs)
        loose = _unsigned_end(batch.taken, is_signed)
        if not loose:
            break
        loose_ends += loose
        pairs = [pair for pair in pairs if not any(pair is other for other in loose)]
    for arrived, on in loose_ends:
        if was_signed(on):
            batch.early.append((arrived, on))
        else:
            batch.wrong.append((arrived, Reason.FORGED, f"number {on.number} is not signed"))
    reached = before.after(batch).held
    batch.highest = _highest(reached, [on for _, on in pairs], is_signed)
    return batch


def observe_only(
    before: Progress, pairs: list[Pair], is_signed: IsSigned, was_signed: IsSigned = never
) -> Batch:
    """Take nothing yet: only what is wrong with the messages and how far they go, so that the rest is asked for."""
    batch = accept_contiguous(before, pairs, is_signed, was_signed)
    return Batch(wrong=batch.wrong, highest=before.after(batch).highest, early=batch.early)


def _chained(before: Progress, pairs: list[Pair]) -> Batch:
    batch, number, chain = Batch(), before.held, before.chain
    for pair in pairs:
        arrived, on = pair
        if on.number != number + 1:
            continue
        if next_chain(chain, on.number, on.envelope.digest) != on.chain:
            detail = f"number {on.number} does not continue the chain"
            batch.wrong.append((arrived, Reason.WRONG_HASH, detail))
            continue
        number, chain = on.number, on.chain
        batch.taken.append(pair)
    return batch


def _unsigned_end(taken: list[Pair], is_signed: Callable[[OnRoute], bool]) -> list[Pair]:
    end = len(taken)
    while end and not is_signed(taken[end - 1][1]):
        end -= 1
    return taken[end:]


def _highest(reached: int, facts: list[OnRoute], is_signed: Callable[[OnRoute], bool]) -> int:
    beyond = sorted((on for on in facts if on.number > reached), key=lambda on: on.number, reverse=True)
    return next((on.number for on in beyond if is_signed(on)), 0)
