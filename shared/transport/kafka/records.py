"""Between our messages and Kafka's records: keys and headers are UTF-8, values are data."""

from collections.abc import Sequence
from typing import Protocol

from shared.transport.wire import Arrived, Message, Place


class Record(Protocol):
    """What kafka-python's consumer gives."""

    topic: str
    offset: int
    key: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    value: bytes | None


def headers_of(message: Message) -> list[tuple[str, bytes]]:
    """The headers as Kafka carries them."""
    return [(name, value.encode()) for name, value in message.headers.items()]


def arrived(record: Record, identity: str) -> Arrived:
    """The message of a record; unreadable with replacement characters where text is not UTF-8."""
    try:
        message, readable = _message(record, "strict"), True
    except UnicodeDecodeError:
        message, readable = _message(record, "replace"), False
    return Arrived(message, Place(identity, record.offset + 1), readable)


def unreadable(topic: str, following: Place) -> Arrived:
    """Stands for messages of which nothing could be read; reading goes on at `following`."""
    text = f"before offset {following.offset} of {following.identity}"
    return Arrived(Message(topic, "", {}, text.encode()), following, readable=False)


def _message(record: Record, errors: str) -> Message:
    headers = {name: (value or b"").decode(errors=errors) for name, value in record.headers}
    key = (record.key or b"").decode(errors=errors)
    return Message(record.topic, key, headers, bytes(record.value or b""))
