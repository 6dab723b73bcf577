"""Topics at the broker: made with one partition, known by an identity that a wipe changes.

The identity is the cluster's id and the topic's id. A topic's id is a random UUID that the broker
gives when it makes the topic (Kafka 2.8, KIP-516); kafka-python shows it in `describe_topics`, the
cluster's id in `describe_cluster`. On an older broker the topic's id is empty and the cluster's id
alone still shows a broker that was set up anew.
"""

import logging
from collections.abc import Collection, Iterable

from kafka import KafkaAdminClient, TopicPartition
from kafka import errors as kafka_errors
from kafka.admin import OffsetSpec

from shared.transport.kafka.clients import Clients
from shared.transport.sizes import LARGEST_MESSAGE

log = logging.getLogger(__name__)

TOPIC = {
    "num_partitions": 1,
    "configs": {
        "max.message.bytes": str(LARGEST_MESSAGE),
        # With the sender's own times the broker refuses whoever's clock is an hour ahead of its own.
        "message.timestamp.type": "LogAppendTime",
    },
}
"""One partition: order is per key, and the partitions of a topic never change."""


def identities(admin: KafkaAdminClient, topics: Collection[str], clients: Clients) -> dict[str, str]:
    """The identity of each topic; one that is missing is made. Errors: those of kafka-python."""
    if not topics:
        return {}
    found = _found(admin, topics)
    missing = [topic for topic in sorted(topics) if topic not in found]
    if missing:
        log.info("making topics: %s", ", ".join(missing))
        _make(admin, missing, int(clients.deadline * 500))
        found |= _found(admin, missing)
    return found


def ends(admin: KafkaAdminClient, topics: Iterable[str]) -> dict[str, int]:
    """The offset after the last message of each topic. Errors: those of kafka-python."""
    asked = {TopicPartition(topic, 0): OffsetSpec.LATEST for topic in topics}
    return {partition.topic: found.offset for partition, found in admin.list_partition_offsets(asked).items()}


def _found(admin: KafkaAdminClient, topics: Iterable[str]) -> dict[str, str]:
    cluster = admin.describe_cluster()["cluster_id"]
    found: dict[str, str] = {}
    for topic in admin.describe_topics(sorted(topics)):
        error = kafka_errors.for_code(topic["error_code"])
        if error is kafka_errors.NoError:
            found[topic["name"]] = f"{cluster}/{topic['topic_id']}"
        elif error is not kafka_errors.UnknownTopicOrPartitionError:
            raise error(topic["name"])
    return found


def _make(admin: KafkaAdminClient, topics: list[str], milliseconds: int) -> None:
    answer = admin.create_topics(dict.fromkeys(topics, TOPIC), timeout_ms=milliseconds, raise_errors=False)
    for topic in answer["topics"]:
        error = kafka_errors.for_code(topic["error_code"])
        if error not in (kafka_errors.NoError, kafka_errors.TopicAlreadyExistsError):
            raise error(f"{topic['name']}: {topic['error_message']}")
    admin.wait_for_topics(topics, timeout_ms=milliseconds)
