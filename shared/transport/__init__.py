"""Room 3: how facts travel: routes, relay, wires (local and Kafka), inbox, parked messages.

May import the event log, the envelope, kafka and sqlalchemy; never a decision or a page.
Projections are handed in. The wire contract is shared/decisions/0002-wire-contract.md.
"""
