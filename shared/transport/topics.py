"""Names of topics, who reads them, and the broker's rights: one table, nobody reads more than the work needs.

| topic | written by | read by |
| --- | --- | --- |
| `<network>.village.<township code>` | village nodes of the township | the township's node, the county's |
| `<network>.township` | township nodes | the county's node |
| `<network>.county` | the county's node | the tier above, when there is one |
| `<network>.open` | the county's node | anybody it allows |
| `<network>.to.<node>` | nodes of this network | that node alone |
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence

from shared.transport.routes import UP, node_of_mailbox, way_of
from shared.work.common.unit_tree import NodeInfo

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


def open_topic(network: str) -> str:
    """The topic of aggregates that the county publishes."""
    return _legal(f"{network}.open")


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
    return [up_topic(network, tier, area), *([open_topic(network)] if tier == "county" else [])]


def acl_lines(
    network: str, nodes: Sequence[NodeInfo], *, bootstrap: str, principal: str = "User:{node}"
) -> list[str]:
    """Commands that give every node its rights at the broker, and no more.

    `principal` is the broker's name for a node's account. A node may make topics of this network,
    so that a wiped broker heals without a person.
    """
    areas = sorted({node.area for node in nodes if node.tier == "village"})
    lines: list[str] = []
    for node in nodes:
        account = principal.format(node=node.name)
        for right in _rights(network, node, areas):
            command = [
                "kafka-acls.sh",
                "--bootstrap-server",
                bootstrap,
                "--add",
                "--allow-principal",
                account,
            ]
            lines.append(shlex.join([*command, *right]))
    return lines


def _rights(network: str, node: NodeInfo, village_areas: Sequence[str]) -> Iterator[list[str]]:
    prefixed = ["--resource-pattern-type", "prefixed"]
    read = topics_read_by(network, node.name, tier=node.tier, area=node.area, village_areas=village_areas)
    yield from (["--operation", "Read", "--topic", topic] for topic in read)
    written = topics_written_by(network, tier=node.tier, area=node.area)
    yield from (["--operation", "Write", "--topic", topic] for topic in written)
    yield ["--operation", "Write", "--topic", f"{network}.to.", *prefixed]
    yield ["--operation", "Create", "--topic", f"{network}.", *prefixed]


def _village_topic(network: str, area: str) -> str:
    if not TOWNSHIP_CODE.fullmatch(area):
        raise ValueError(f"a township code has nine digits: {area!r}")
    return _legal(f"{network}.village.{area}")


def _legal(name: str) -> str:
    if not LEGAL_NAME.fullmatch(name):
        raise ValueError(f"not the name of a topic: {name!r}")
    return name
