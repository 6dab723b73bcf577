"""How often a process does what nobody asks it for. Unit of all of these: seconds."""

TICK = 1.0
"""Between looks at what nobody woke the relay for: gaps, unanswered requests, lost tails."""

RECEIPTS_EVERY = 0.2
"""Longest time between receipts of one process while news keep coming; one receipt speaks of everything that came
since the last. When a round of the relay finds no news, what came is receipted at once: nobody waits for more."""

ASK_AGAIN = 5.0
"""Before a missing number or key is asked for again, and between two times that a node without arrivals
saves how far it sent; a round trip takes well under one second."""

FORGET_EVERY = 86_400.0
"""Between looks for answers to orders that are older than anybody repeats one; they are kept for months, so a day more
does no harm. A start looks too."""

LONGEST_PAUSE = 5.0
"""Longest pause between attempts while the wire is down; the link may be back any moment."""

WELL_AFTER = 15.0
"""After the last failure of a node until it counts as well, where nothing arrived that it could have taken in: three times
the longest pause, so that one that still refuses has done so again."""

FIRST_PAUSE = 0.1
"""First pause after the wire went down; it doubles with every attempt."""

SEND_EVERY = 0.05
"""Between sends while news keep coming; the first after a rest goes at once. What comes meanwhile
travels, arrives and is committed together: under load, fewer and larger groups all the way up. Facts wait for
facts only: a round of receipts a moment ago does not hold them up, which had cost 20 ms (median) to the page."""
