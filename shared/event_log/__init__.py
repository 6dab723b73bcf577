"""How it is remembered: the node's log, stable event names, upcasts, sealing, key ring.

May import `work/common`, the envelope, eventsourcing, sqlalchemy and cryptography; never the
transport or a page. To add a fact: its class in its subject with TOPIC, a schema, a frozen sample.
"""
