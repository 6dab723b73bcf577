"""How large a message may be: the same on every wire, so that both settings carry the same facts."""

from collections.abc import Sequence

from shared.transport.wire import Message

LARGEST_VALUE = 4 * 1024 * 1024
"""Largest value of a message. Unit: bytes; a fact is about 500, a Kafka broker takes 1 MB unless told."""
LARGEST_MESSAGE = LARGEST_VALUE + 64 * 1024
"""Largest message with key and headers; topics are made and clients set for it. Unit: bytes."""


class MessageTooLarge(ValueError):
    """No wire carries a message of this size; sending it again does not help."""


def refuse_too_large(messages: Sequence[Message]) -> None:
    """Raise MessageTooLarge if a value is over the limit; nothing was sent then."""
    for message in messages:
        if len(message.value) > LARGEST_VALUE:
            raise MessageTooLarge(f"{message.topic}: {len(message.value)} bytes, at most {LARGEST_VALUE}")


def bytes_of(messages: Sequence[Message]) -> int:
    """How much messages are to carry before they are packed. Unit: bytes."""
    return sum(len(message.value) + sum(map(len, message.headers.values())) for message in messages)
