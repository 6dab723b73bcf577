"""One writer a node: a lock of the operating system, or a lease in the node's schema.

May import settings, the database and the log's fence. To add a way: a class with the methods of `lease.Lease`.
"""
