"""The deterministic simulator: a county, three townships and twelve villages in one process.

    python -m tests.simulator --seed N [--count K] [--steps M] [--json]

What is real: orders, decisions, log (SQLite files in memory), relay, inbox, projections, reactions,
key parcels, signatures. What is played: the clocks, the wire, when a disk fails or a process dies,
who gives which order, and which piece of work runs next. Nothing runs in a thread, so a seed is
the whole history: the same seed gives the same state hash.

| file | plays |
| --- | --- |
| `county.py` | the network that every run begins with |
| `chance.py` | randomness and slow hashes of the product |
| `trouble.py` | the disk and the moments at which a process dies |
| `broker.py` | the wire |
| `disks.py` | backups, and disks that are lost |
| `process.py` | one process: its writers' turns, relay, reader and look-around, one at a time |
| `clerks.py`, `menu.py` | people: which order is given next, and what was answered |
| `evil.py` | an admitted node that lies, in networks that are founded with one |
| `ledger.py` | an observer that reads every log; nobody else sees all of it |
| `run.py` | one seed: steps, healing, verdict |
| `invariants.py`, `restores.py` | what must be true afterwards |
| `planted.py` | bugs that must be found |
"""
