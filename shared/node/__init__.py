"""A node: one log with one writer, its projections, keys, inbox and outbox, joined.

May import the engine's rooms and accounts; no subject: the work is handed in as `work.Work`. To add a control message:
its body where it is made, a method and a line of the table in `control.py`, a test in tests/transport. To add a part: `build.py`.
"""
