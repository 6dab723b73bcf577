"""How facts travel: routes, relay, wires (local and Kafka), inbox, parked messages.

May import the event log, the envelope, kafka and sqlalchemy; never a decision or a page.
Projections are handed in. The wire contract is shared/decisions/0002-wire-contract.md.
To add a way for a fact: a line in `routes.py`, and its topic in `topics.py`. To add a wire: a class
with the methods of `wire.py`, and a place in tests/transport/test_wires.py, which holds for every wire.
"""
