"""How long, how often and how large: short for every change, larger for a run of its own (`tests/long`).

HUIYIN_LONG is the size of that run: 1 is the whole long set, 0.01 a hundredth of it, to try it.
"""

import os

SIZE = float(os.environ.get("HUIYIN_LONG", "0"))
"""The part of the long set that is run; 0 in the tests of every change."""
LONG = SIZE >= 1


def sized(short: int, whole: int) -> int:
    """A count: `short` in the tests of every change, the run's part of `whole` in the long set, but at least 1."""
    return max(round(whole * SIZE), 1) if SIZE else short


FACTS = sized(100_000, 1_000_000)
"""Facts that a county's node is filled with: a year of 350 villages, or nine years."""
TIMES = sized(2, 20)
"""How often each fault of a line comes."""
CRASHES = sized(3, 25)
"""How often each of four processes is killed at each of eleven points of its work: 132 crashes, or 1,100."""
OF_THEM_ON_OLDER = sized(1, 12)
"""How many of the crashes of a process on servers are with the older PostgreSQL."""
FREEZES = (1, 5, 12, 40)
"""How long a broker stands frozen. Unit: seconds; shorter and longer than the wire's deadline of ten."""
LINK_LOST = 40 if LONG else 12
"""How long a link stays down or half open before it is looked at. Unit: seconds; longer than the deadline."""
THIN_LINE = 8_000
"""A line of 64 kbit/s. Unit: bytes a second."""
