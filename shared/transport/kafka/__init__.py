"""The wire over Apache Kafka.

May import kafka and the transport's messages. To add a client's option: in `clients.py`, with its reason.
"""
