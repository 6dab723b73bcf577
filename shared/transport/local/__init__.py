"""The wire on one machine: one SQLite file.

May import the transport's messages and the standard library. To add: nothing; it carries what Kafka carries.
"""
