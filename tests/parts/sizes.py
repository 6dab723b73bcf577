"""How long and how often faults last: short for every change, long for a run of its own (HUIYIN_LONG=1)."""

import os

LONG = os.environ.get("HUIYIN_LONG") == "1"

TIMES = 20 if LONG else 1
"""How often each fault comes."""
FREEZES = (1, 5, 12, 40) if LONG else (1, 5, 12)
"""How long a broker stands frozen. Unit: seconds; shorter and longer than the wire's deadline of ten."""
LINK_LOST = 40 if LONG else 12
"""How long a link stays down or half open before it is looked at. Unit: seconds; longer than the deadline."""
THIN_LINE = 8_000
"""A line of 64 kbit/s. Unit: bytes a second."""
