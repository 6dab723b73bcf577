"""Lets nodes make checkpoints and carries what they say to each other by hand."""

from collections.abc import Sequence
from datetime import timedelta

from shared.node.node import Node
from shared.proof.making import REST
from shared.transport import topics
from shared.transport.messages import control_message
from shared.transport.wire import Message
from tests.transport.postman import hand, letters

LATER = REST + timedelta(seconds=1)
"""When a checkpoint is due again."""


def look(node: Node) -> None:
    """One look at what is due, and what it led to is written."""
    written = node.checkpoint_service.look()
    if written is not None:
        written.result()


def said(node: Node) -> list[tuple[str, Message]]:
    """What a node has to say, with whom it says it to."""
    network = node.settings.network.name
    return [
        (
            outgoing.to,
            control_message(
                topics.mailbox(network, outgoing.to),
                outgoing.kind,
                node.name,
                node.now(),
                node.keys,
                outgoing.body,
            ),
        )
        for outgoing in node.outgoing.take_outgoing()
    ]


def carry(nodes: Sequence[Node]) -> int:
    """Carry everything that these nodes have to say to each other; how many messages there were."""
    by_name = {node.name: node for node in nodes}
    messages = [message for node in nodes for message in said(node)]
    for to, message in messages:
        if to in by_name:
            hand(by_name[to], [message])
    return len(messages)


def send(sender: Node, *receivers: Node) -> None:
    """Let everything that departed arrive."""
    departed = letters(sender)
    for receiver in receivers:
        hand(receiver, [message for message in departed if message.topic in receiver.ways.topics()])


def witness(*nodes: Node) -> None:
    """Checkpoints that are due are made, offered, signed, and compared with the witness's copy."""
    for _ in range(2):
        for node in nodes:
            look(node)
    while carry(nodes):
        for node in nodes:
            look(node)
