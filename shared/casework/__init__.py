"""Room 1: what may happen and what happened.

Pure Python: no clock, no I/O, no ids made here. An order is a plain method that refuses or
records; a fact is a class with a stable name; a limit is a pure function with its source.
May import the standard library and `eventsourcing.domain`, nothing else of ours.
To add a rule: write the test in tests/casework, then the method, then the refusal with its code.
"""
