"""Facts and control messages as they stand on the wire, and how to read them again.

A fact travels as a CloudEvents message in binary mode: each attribute is a header `ce_<name>`, the
value is the data. The route's own attributes (route, number, chain, signature) are headers too.
Control messages carry no number; the latest wins and none is ever acknowledged.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared import __version__
from shared.envelope import (
    ATTRIBUTES,
    SPEC_VERSION,
    Envelope,
    UnreadableEnvelope,
    canonical,
    count_of,
    moment_of,
    moment_text,
)
from shared.event_log.node_keys import NodeKeys, signed_by
from shared.transport.wire import Message

CONTENT_TYPE = "application/json; charset=utf-8"
PRODUCER = f"huiyin/{__version__}"
"""Which release sent a message, for whoever looks at a wire that several releases use. Neither signed nor part of the
canonical bytes, and no receiver goes by it: a fact that is sent again by a later release is the same fact."""
CONTROL = "control."
_HEADERS = {name: f"ce_{name}" for name in ATTRIBUTES}


@dataclass(frozen=True)
class OnRoute:
    """A fact on one route of its source: number, chain and signature as they were sent."""

    envelope: Envelope
    route: str
    number: int
    chain: bytes
    signature: str

    @property
    def source_route(self) -> tuple[str, int, str]:
        """What the numbers belong to: source, incarnation, route."""
        return self.envelope.source, self.envelope.incarnation, self.route


@dataclass(frozen=True)
class Control:
    """An unnumbered message: `kind` is receipt, resend, key-request, key-parcel, checkpoint or witnessed."""

    kind: str
    source: str
    sent_at: str
    body: dict[str, Any]


def chain_statement(envelope: Envelope, route: str, number: int, chain: bytes) -> bytes:
    """What a node signs: that its route has this chain at this number."""
    return f"huiyin-chain-1|{envelope.source}|{envelope.incarnation}|{route}|{number}|{chain.hex()}".encode()


def fact_message(topic: str, sent: OnRoute) -> Message:
    """The message of a fact on its route."""
    headers = {_HEADERS[name]: value for name, value in sent.envelope.attributes.items()}
    headers |= {
        "ce_route": sent.route,
        "ce_number": str(sent.number),
        "ce_chain": sent.chain.hex(),
        "ce_signature": sent.signature,
        "ce_producer": PRODUCER,
        "content-type": CONTENT_TYPE,
    }
    return Message(topic, sent.envelope.source, headers, sent.envelope.data)


def read_fact(message: Message) -> OnRoute:
    """The fact of a message. Errors: UnreadableEnvelope."""
    headers = message.headers
    attributes = {name: headers[header] for name, header in _HEADERS.items() if header in headers}
    envelope = Envelope.of(attributes, message.value)
    try:
        _ = (
            envelope.content,
            envelope.body,
        )  # what is no JSON, and half a character in an attribute, show here
        return OnRoute(
            envelope,
            headers["ce_route"],
            count_of(headers["ce_number"]),
            bytes.fromhex(headers["ce_chain"]),
            headers["ce_signature"],
        )
    except (KeyError, ValueError) as error:
        raise UnreadableEnvelope(f"route attributes or data: {error}") from error


def control_message(
    topic: str, kind: str, source: str, at: datetime, keys: NodeKeys, body: dict[str, Any]
) -> Message:
    """A signed control message."""
    value = canonical(body)
    sent_at = moment_text(at)
    headers = {
        "ce_specversion": SPEC_VERSION,
        "ce_type": f"{CONTROL}{kind}.v1",
        "ce_source": source,
        "ce_id": f"{kind}-{sent_at}",
        "ce_time": sent_at,
        "ce_signature": keys.sign(_control_statement(kind, source, sent_at, topic, value)),
        "ce_producer": PRODUCER,
        "content-type": CONTENT_TYPE,
    }
    return Message(topic, source, headers, value)


def is_control(headers: Mapping[str, str]) -> bool:
    """Whether a message is a control message."""
    return headers.get("ce_type", "").startswith(CONTROL)


def control_signed_by(message: Message, public_key: str) -> bool:
    """Whether a control message was signed with this key."""
    statement = _control_statement(*_said(message), message.topic, message.value)
    return signed_by(public_key, statement, message.headers.get("ce_signature", ""))


def _said(message: Message) -> tuple[str, str, str]:
    """The kind of a control message, its source, and when it says that it was sent."""
    headers = message.headers
    kind = headers["ce_type"].removeprefix(CONTROL).removesuffix(".v1")
    return kind, headers.get("ce_source", ""), headers.get("ce_time", "")


def read_control(message: Message, public_key: str | None) -> Control:
    """A control message whose signature is right. Errors: UnreadableEnvelope."""
    kind, source, sent_at = _said(message)
    if public_key is None or not control_signed_by(message, public_key):
        raise UnreadableEnvelope(f"control message of {source!r} is not signed by that node")
    try:
        moment_of(sent_at)
        return Control(kind, source, sent_at, dict(json.loads(message.value)))
    except (ValueError, TypeError, RecursionError) as error:
        raise UnreadableEnvelope(f"control message: {error}") from error


def _control_statement(kind: str, source: str, sent_at: str, topic: str, value: bytes) -> bytes:
    return f"huiyin-control-1|{kind}|{source}|{sent_at}|{topic}|".encode() + value
