"""Lanes: how far what a source sent on one of its routes is held, and what of a batch continues it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from shared.envelope import CHAIN_START, next_chain
from shared.transport.messages import OnRoute
from shared.transport.parking import Reason
from shared.transport.wire import Arrived

Lane = tuple[str, int, str]
"""Source, incarnation, route: what numbers and chain belong to."""
Pair = tuple[Arrived, OnRoute]


@dataclass(frozen=True)
class Held:
    """How far a lane is held without a gap, and the highest signed number seen."""

    held: int = 0
    chain: bytes = CHAIN_START
    highest: int = 0

    def after(self, run: "Run") -> "Held":
        """The lane after a run was taken in."""
        if not run.taken:
            return Held(self.held, self.chain, max(self.highest, run.highest))
        last = run.taken[-1][1]
        return Held(last.number, last.chain, max(self.highest, run.highest, last.number))


@dataclass
class Run:
    """What of a batch may be taken in, what is wrong with the rest, and the highest number beyond a gap."""

    taken: list[Pair] = field(default_factory=list)
    wrong: list[tuple[Arrived, Reason, str]] = field(default_factory=list)
    highest: int = 0


def continued(held: Held, batch: list[Pair], is_signed: Callable[[OnRoute], bool]) -> Run:
    """The part of a batch that continues a lane without a gap, up to its last signed number.

    A signature vouches for the whole chain before it. What is after the last one is nobody's: it is
    taken out and the batch looked at again, since it may have stood in the place of the true one.
    """
    forged: list[Pair] = []
    while True:
        run = _chained(held, batch)
        loose = _unsigned_end(run.taken, is_signed)
        if not loose:
            break
        forged += loose
        batch = [pair for pair in batch if not any(pair is other for other in loose)]
    run.wrong += [(arrived, Reason.FORGED, f"number {on.number} is not signed") for arrived, on in forged]
    reached = held.after(run).held
    run.highest = _highest(reached, [on for _, on in batch], is_signed)
    return run


def seen(held: Held, batch: list[Pair], is_signed: Callable[[OnRoute], bool]) -> Run:
    """Nothing of a batch is taken yet; what is wrong with it is told, and how far it goes, so that it is asked for."""
    run = continued(held, batch, is_signed)
    return Run(wrong=run.wrong, highest=held.after(run).highest)


def _chained(held: Held, batch: list[Pair]) -> Run:
    run, number, chain = Run(), held.held, held.chain
    for pair in batch:
        arrived, on = pair
        if on.number != number + 1:
            continue
        if next_chain(chain, on.number, on.envelope.digest) != on.chain:
            detail = f"number {on.number} does not continue the chain"
            run.wrong.append((arrived, Reason.WRONG_HASH, detail))
            continue
        number, chain = on.number, on.chain
        run.taken.append(pair)
    return run


def _unsigned_end(taken: list[Pair], is_signed: Callable[[OnRoute], bool]) -> list[Pair]:
    end = len(taken)
    while end and not is_signed(taken[end - 1][1]):
        end -= 1
    return taken[end:]


def _highest(reached: int, facts: list[OnRoute], is_signed: Callable[[OnRoute], bool]) -> int:
    beyond = sorted((on for on in facts if on.number > reached), key=lambda on: on.number, reverse=True)
    return next((on.number for on in beyond if is_signed(on)), 0)
