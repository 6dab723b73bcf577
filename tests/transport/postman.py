"""Carries messages between real nodes by hand, so that a test decides what is lost, doubled or changed."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Any
from uuid import UUID

from shared.envelope import ATTRIBUTES, CHAIN_START, Envelope, fact_id, next_chain
from shared.event_log.node_keys import NodeKeys
from shared.node.node import Node
from shared.transport.messages import OnRoute, chain_statement, fact_message, read_fact
from shared.transport.parking import ParkedRow, parked_rows
from shared.transport.wire import Arrived, Message, Place

_offsets = count(1)


def letters(sender: Node) -> list[Message]:
    """The messages of everything that departed from a node and was not collected yet."""
    collected: list[Message] = []
    while batches := next_batches(sender):
        for route, facts in batches.items():
            collected += sender.outbox.messages(sender.ways.topic_of(route), facts)
            sender.outbox.took(route, facts)
    return collected


def next_batches(sender: Node) -> dict[str, list[OnRoute]]:
    """What a node would send next, however little its readers hold."""
    most = sender.settings.network.flow.portion
    return sender.outbox.batches(sender.outbox.waiting(lambda route, sent: sent + most), most)


def hand(receiver: Node, messages: Sequence[Message]) -> None:
    """Let a node take messages as one batch."""
    receiver.take([Arrived(message, Place("by hand", next(_offsets))) for message in messages]).result()


def hand_round(nodes: Sequence[Node], messages: Sequence[Message]) -> None:
    """Let every node take what stands on the topics that it reads."""
    for node in nodes:
        hand(node, [message for message in messages if message.topic in node.ways.topics()])


def changed(message: Message, *, value: bytes | None = None, **headers: str | None) -> Message:
    """The same message with other data or headers; none takes a header away."""
    named = {f"ce_{name}": said for name, said in headers.items()}
    kept = {name: said for name, said in (message.headers | named).items() if said is not None}
    return replace(message, headers=kept, value=message.value if value is None else value)


def parked(node: Node) -> list[ParkedRow]:
    """What is parked at a node."""
    return list(node.ask(parked_rows))


def reasons(node: Node) -> list[str]:
    """Why messages are parked at a node, oldest first."""
    return [row.reason for row in parked(node)]


def journal(node: Node) -> list[tuple[str, str, int]]:
    """Source, type and stream version of everything that a node knows, in its order."""
    with node.engine.connect() as connection:
        known = [known.envelope for known in node.log.since(connection)]
        return [(fact.source, fact.type, fact.stream_version) for fact in known]


def known_from(node: Node, source: str) -> list[str]:
    """The types of the facts that a node knows from another one, in its order."""
    return [type for sender, type, _ in journal(node) if sender == source]


class Pen:
    """Writes facts as a node would: continues a route's numbers and chain and signs with its keys."""

    def __init__(self, keys: NodeKeys, last: Message | None = None, route: str = "up") -> None:
        before = read_fact(last) if last else None
        self._keys = keys
        self.route = route
        self.number = before.number if before else 0
        self.chain = before.chain if before else CHAIN_START

    def write(self, like: Message, *, value: bytes | None = None, **attributes: Any) -> Message:
        """The next fact of the route: the data and attributes of another message, some changed, and the id of its place."""
        copied = {name: like.headers[f"ce_{name}"] for name in ATTRIBUTES}
        said = copied | attributes
        stream = UUID(said["subject"].split("/")[1])
        id = fact_id(said["source"], int(said["incarnation"]), stream, int(said["streamversion"]))
        envelope = Envelope(said | {"id": str(id)}, like.value if value is None else value)
        self.number += 1
        self.chain = next_chain(self.chain, self.number, envelope.digest)
        statement = chain_statement(envelope, self.route, self.number, self.chain)
        on = OnRoute(envelope, self.route, self.number, self.chain, self._keys.sign(statement))
        return fact_message(like.topic, on)
