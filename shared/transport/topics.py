"""Names of topics, who writes and who reads them: one table, nobody reads more than the work needs.

| topic | written by | read by |
| --- | --- | --- |
| `<network>.village.<township code>` | village nodes of the township | the township's node, the county's |
| `<network>.township` | township nodes | the county's node |
| `<network>.county` | the county's node | the tier above, when there is one |
| `<network>.to.<node>` | nodes of this network | that node alone |
"""

import re
from collections.abc import Iterable

from shared.transport.routes import UP, node_of_mailbox, way_of

LEGAL_NAME = re.compile(r"[A-Za-z0-9._-]{1,249}")
"""What Apache Kafka takes as the name of a topic (org.apache.kafka.common.internals.Topic)."""
TOWNSHIP_CODE = re.compile(r"[0-9]{9}")


def up_topic(network: str, tier: str, area: str) -> str:
    """The topic a node of a tier reports to; `area` is a village node's township code, nine digits.

    Errors: ValueError for a tier, area or network that gives no legal name.
    """
    if tier == "village":
        return _village_topic(network, area)
    if tier in ("township", "county"):
        return _legal(f"{network}.{tier}")
    raise ValueError(f"no such tier: {tier}")


def mailbox(network: str, node: str) -> str:
    """The topic of what is addressed to one node."""
    return _legal(f"{network}.to.{node}")


def topic_of_route(network: str, route: str, tier: str, area: str) -> str:
    """The topic that a route of a node leads to."""
    node = node_of_mailbox(route)
    if node is not None:
        return mailbox(network, node)
    if way_of(route) != UP:
        raise ValueError(f"no such route: {route}")
    return up_topic(network, tier, area)


def topics_read_by(
    network: str, node: str, *, tier: str, area: str, village_areas: Iterable[str] = ()
) -> list[str]:
    """What a node reads: its mailbox and the tiers below; `village_areas`: townships with village nodes."""
    below: dict[str, list[str]] = {
        "village": [],
        "township": [_village_topic(network, area)] if tier == "township" else [],
        "county": [up_topic(network, "township", ""), *(_village_topic(network, a) for a in village_areas)],
    }
    return [mailbox(network, node), *below[tier]]


def topics_written_by(network: str, *, tier: str, area: str) -> list[str]:
    """What a node writes besides the mailboxes."""
    return [up_topic(network, tier, area)]


def _village_topic(network: str, area: str) -> str:
    if not TOWNSHIP_CODE.fullmatch(area):
        raise ValueError(f"a township code has nine digits: {area!r}")
    return _legal(f"{network}.village.{area}")


def _legal(name: str) -> str:
    if not LEGAL_NAME.fullmatch(name):
        raise ValueError(f"not the name of a topic: {name!r}")
    return name
