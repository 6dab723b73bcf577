"""Back-pressure and batch sizes: how much may wait, and how much goes together.

Each has its reason here, and is a setting: `network.toml` of a node may hold a table `[flow]` with the names
below. The window should be the same for all nodes of a network, since receivers time their receipts by it.
"""

from dataclasses import dataclass, fields
from typing import Any

LARGEST = 100_000
"""Largest value of any of them. Unit: orders or facts; a hundred thousand facts are 100 MB in memory."""


@dataclass(frozen=True)
class Flow:
    """Sizes, each at least 1."""

    queue: int = 2_000
    """Most orders that may wait for one node; who comes then is told when to come again. Unit: orders; about two
    seconds of work on two cores."""

    group: int = 200
    """Most orders committed together. Unit: orders; larger groups make the first one wait too long."""

    window: int = 100
    """Facts of one route on the way: sent, and not yet in a receipt. Unit: facts. A reader takes a hundred in a
    twentieth of a second, which is what others wait behind them; with 500 they waited ten times as long as usual."""

    round: int = 2_000
    """Messages of facts that one round of the relay takes from all nodes of the process; half a second's work of
    signing and packing. What one node has to say waits for one round at most, whatever the others have to catch up.
    A round that does not get through in time is halved: 500 facts do not pass a line of 64 kbit/s in ten seconds."""

    portion: int = 500
    """Most facts of one route in a round. Unit: facts; half a megabyte, well under a broker's limit a request."""

    @property
    def early(self) -> int:
        """Facts after which a receipt does not wait for its turn: whoever sends so much has more. Unit: facts; half a
        window, so that the next half is on the way while the receipt is."""
        return max(1, self.window // 2)


def gaps_of(said: Any) -> list[str]:
    """What is wrong with a table `[flow]`; nothing when `Flow(**said)` can be made of it."""
    return gaps_of_sizes("flow", Flow, LARGEST, said)


def gaps_of_sizes(table: str, kind: type[Any], largest: int, said: Any) -> list[str]:
    """What is wrong with a table of whole numbers from 1; nothing when `kind(**said)` can be made of it."""
    if not isinstance(said, dict):
        return [f"`{table}` is not a table"]
    known = [size.name for size in fields(kind)]
    unknown = [
        f"`{table}.{name}` is not known; there are {', '.join(known)}" for name in said if name not in known
    ]
    wrong = [
        f"`{table}.{name}` is not a whole number from 1 to {largest}"
        for name in known
        if name in said and not (type(said[name]) is int and 1 <= said[name] <= largest)
    ]
    return unknown + wrong
