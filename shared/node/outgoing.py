"""What a node wants to say to others, and who carries it: the process that runs the node."""

from dataclasses import dataclass
from typing import Any, Protocol

from shared.transport.messages import OnRoute


class Carrier(Protocol):
    """What carries a node's messages; its methods may be called from any thread and return at once."""

    wire_is_up: bool
    """Whether the wire answered when it was last used."""

    def standing_for(self, node: str) -> list[str]:
        """What of the road stands still for a node, in stable words."""
        ...

    def has_news(self, node: str) -> None:
        """This node has something to send."""
        ...

    def has_facts(self, node: str) -> None:
        """This node has facts to send, which wait for nothing else."""
        ...


class NoCarrier:
    """Nobody carries a node that was opened by itself; what it wants to say waits."""

    wire_is_up = False

    def standing_for(self, node: str) -> list[str]:
        """Nothing that is known."""
        return []

    def has_news(self, node: str) -> None:
        """Nobody is told."""

    def has_facts(self, node: str) -> None:
        """Nobody is told."""


@dataclass(frozen=True)
class OutgoingControl:
    """Something to say to another node: a control message of this kind, behind facts that it speaks of."""

    kind: str
    to: str
    body: dict[str, Any]
    facts: tuple[OnRoute, ...] = ()


class Outgoing:
    """Control messages of one node that wait to be sent. They are not stored: who needs an answer asks again."""

    def __init__(self, me: str) -> None:
        self._me = me
        self._carrier: Carrier = NoCarrier()
        self._controls: list[OutgoingControl] = []

    def carried_by(self, carrier: Carrier) -> None:
        """From now on this is who is told of news."""
        self._carrier = carrier

    @property
    def wire_is_up(self) -> bool:
        """Whether whoever carries the messages reaches the others."""
        return self._carrier.wire_is_up

    def standing(self) -> list[str]:
        """What of the road stands still, in stable words."""
        return self._carrier.standing_for(self._me)

    def add(self, *controls: OutgoingControl) -> None:
        """Let these wait until somebody has news to send anyway."""
        self._controls += controls

    def send_control(self, kind: str, to: str, body: dict[str, Any]) -> None:
        """Let the relay say something to another node, soon."""
        self.add(OutgoingControl(kind, to, body))
        self.has_news()

    def take_outgoing(self) -> list[OutgoingControl]:
        """Control messages that are to be sent, once."""
        controls, self._controls = self._controls, []
        return controls

    def has_news(self) -> None:
        """Something is to be sent."""
        self._carrier.has_news(self._me)

    def has_facts(self) -> None:
        """Facts are to be sent."""
        self._carrier.has_facts(self._me)
