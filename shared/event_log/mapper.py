"""Between a fact's class and its canonical bytes."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from eventsourcing.persistence import StoredEvent
from eventsourcing.utils import get_topic
from pydantic import ValidationError

from shared.envelope import Envelope, fact_id
from shared.event_log.names import (
    UnknownFact,
    adapter_of,
    fact_classes,
    newest_version,
    stream_classes,
    upcast,
)
from shared.work.common.fact import Fact, FirstFact

OUTSIDE_THE_DATA = {"originator_id", "originator_version", "originator_topic", "timestamp", "unit"}
"""Attributes of a fact that its envelope carries."""


@dataclass(frozen=True)
class Cause:
    """Who or what led to a fact: the account that gave the order, or the fact that was reacted to."""

    actor: str
    causation: UUID | None = None


class FactMapper:
    """Envelopes of one node's facts, where the library would store module paths and transcoded dictionaries."""

    def __init__(self, node: str, incarnation: int) -> None:
        self.node = node
        self.incarnation = incarnation

    def envelope(self, fact: Fact, kind: str, cause: Cause) -> Envelope:
        """Put a new fact of a stream of `kind` into its envelope."""
        data = adapter_of(type(fact)).dump_python(fact, mode="json", exclude=OUTSIDE_THE_DATA)
        return Envelope.make(
            id=self.fact_id(fact.originator_id, fact.originator_version),
            source=self.node,
            incarnation=self.incarnation,
            kind=kind,
            stream=fact.originator_id,
            stream_version=fact.originator_version,
            type=fact.TOPIC,
            version=fact.class_version,
            recorded=fact.timestamp,
            occurred=fact.timestamp,
            unit=fact.unit,
            actor=cause.actor,
            addressees=fact.addressees(),
            correlation=fact.concerns(),
            causation=cause.causation,
            data=data,
        )

    def fact_id(self, stream: UUID, version: int) -> UUID:
        """The id of this node's fact at that place of a stream."""
        return fact_id(self.node, self.incarnation, stream, version)


def stored(envelope: Envelope) -> StoredEvent:
    """The row that the recorder keeps: canonical bytes under their stable name."""
    return StoredEvent(envelope.stream, envelope.stream_version, envelope.type, envelope.body)


def data_of(envelope: Envelope) -> dict[str, Any]:
    """The data in today's shape as plain JSON, for reading only. Errors: UnknownFact, also for what is no object."""
    try:
        # An upcast changes what it is given, so that must be its own.
        is_older = envelope.version < newest_version(envelope.name)
        data = orjson.loads(envelope.data) if is_older else envelope.content
    except ValueError as error:
        raise UnknownFact(f"{envelope.type}: the data are no JSON: {error}") from error
    if not isinstance(data, dict):
        raise UnknownFact(f"{envelope.type}: the data are no object")
    return upcast(envelope.name, envelope.version, data)


def fact_of(envelope: Envelope) -> Fact:
    """The fact of an envelope. Errors: UnknownFact, also when the data do not fit the class."""
    data = data_of(envelope)
    fact = fact_classes()[envelope.name]
    kept = {
        "originator_id": envelope.stream,
        "originator_version": envelope.stream_version,
        "timestamp": envelope.recorded,
        "unit": envelope.unit,
    }
    if issubclass(fact, FirstFact):
        kept["originator_topic"] = get_topic(stream_classes()[envelope.kind])
    try:
        return adapter_of(fact).validate_python(data | kept)
    except ValidationError as error:
        raise UnknownFact(f"{envelope.type}: the data do not fit: {error.errors()[:3]}") from error
