"""What the tests of the wires share: messages, waiting with a deadline, and a wire that can be wiped."""

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from shared.transport.wire import Arrived, Message, Wire

PATIENCE = 30.0
"""Longest wait for something that must happen. Unit: seconds."""


class Road(Protocol):
    """A wire's medium: opens wires on it, names fresh topics, wipes topics."""

    def wire(self) -> Wire:
        """A new wire on this road; closed at the end of the test."""
        ...

    def topic(self) -> str:
        """A topic that no other test uses."""
        ...

    def wipe(self, topics: Sequence[str]) -> None:
        """Lose these topics with all that is in them."""
        ...


def message(topic: str, number: int, key: str = "town-100", value: bytes = b"") -> Message:
    """A message that carries its number."""
    return Message(topic, key, {"number": str(number), "unit": "柳树沟村"}, value or f"{number}".encode())


def messages(topic: str, numbers: Sequence[int], key: str = "town-100") -> list[Message]:
    """Messages of one sender."""
    return [message(topic, number, key) for number in numbers]


def numbers(arrived: Sequence[Arrived], key: str = "town-100") -> list[int]:
    """The numbers that one sender's messages carry, in the order they came."""
    return [int(a.message.headers["number"]) for a in arrived if a.message.key == key]


def until(true: Callable[[], bool]) -> None:
    """Wait for something that must become true."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def poll_until(wire: Wire, enough: Callable[[list[Arrived]], bool]) -> list[Arrived]:
    """Poll until enough has come; all that came."""
    came: list[Arrived] = []
    deadline = time.monotonic() + PATIENCE
    while not enough(came):
        assert time.monotonic() < deadline, f"only {len(came)} came: {numbers(came)[-20:]}"
        came += wire.poll(1.0)
    return came


def poll_count(wire: Wire, count: int) -> list[Arrived]:
    """Poll until at least so many messages have come."""
    return poll_until(wire, lambda came: len(came) >= count)
