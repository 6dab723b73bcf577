"""Whether a broker has carried anything for a network of some name."""

from kafka import KafkaAdminClient

from shared.transport.kafka.clients import Clients, Kept
from shared.transport.kafka.topics import ends

DEADLINE = 10.0
"""Longest wait for the broker. Unit: seconds."""


def topics_used(bootstrap: str, network: str) -> list[str]:
    """Topics of a network that something was sent to, also if it is gone again. Errors: WireDown."""
    admin = Kept(Clients(bootstrap, {}, DEADLINE).admin, lambda client: client.close())
    try:
        return admin.use(DEADLINE, lambda client: _used(client, f"{network}."))
    finally:
        admin.drop()


def _used(admin: KafkaAdminClient, beginning: str) -> list[str]:
    names = [topic for topic in sorted(admin.list_topics()) if topic.startswith(beginning)]
    last = ends(admin, names) if names else {}
    return [name for name in names if last[name] > 0]
