"""What travels around a fact: a CloudEvents 1.0 envelope with canonical bytes.

The canonical bytes are RFC 8785 JSON of the immutable attributes and the data, made once when a
fact is recorded and used again for storage, wire, chain and Merkle leaf. Attribute values are
strings, so they travel unchanged as Kafka headers (CloudEvents binary mode).

What belongs to a route (route, number, chain, signature) is outside the canonical bytes.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import NoneType
from typing import Any
from uuid import UUID

import orjson

from shared.work.common.cannot_go_on import CannotGoOn
from shared.work.common.fact import named_id
from shared.work.common.once import Once

_COUNT = re.compile(r"[1-9]\d{0,8}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)

WIRE_VERSION = "1"
SPEC_VERSION = "1.0"
SCHEMA_PREFIX = "urn:huiyin:schema:"
FACT_NAMES = UUID("0c6f2c0e-6a3b-5d0e-8f5e-6d1b7f6f7c55")
"""Namespace of fact ids, so that a fact id is known before its fields are sealed."""

ATTRIBUTES = (
    *("actor", "addressees", "causation", "correlation", "dataschema", "id", "incarnation", "occurred"),
    *("source", "specversion", "streamversion", "subject", "time", "type", "unit", "wire"),
)
"""Names of the immutable attributes, all of them always present (an empty string says none)."""
_NAMES = frozenset(ATTRIBUTES)
_DATA, _AFTER_DATA = b',"data":', b',"dataschema":'
_OFFSET = len("+00:00")
_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
_AS_THEY_ARE = frozenset({str, int, bool, NoneType})
"""Types that orjson writes as RFC 8785 does; half characters and numbers from 2**53 on it refuses by itself."""


class UnreadableEnvelope(CannotGoOn, ValueError):
    """Bytes or headers that are no envelope of this wire version; they are parked."""

    code = "unreadable-envelope"


def canonical(value: Any) -> bytes:
    """RFC 8785 bytes of JSON data without floating point numbers.

    For strings, integers below 2**53, booleans, null, lists and ASCII-keyed objects orjson's sorted JSON is byte for
    byte RFC 8785 (a test compares them); all else is refused. Errors: ValueError for that, and for half characters.
    """
    _require_exact((value,))
    return _written(value)


def _written(value: Any) -> bytes:
    try:
        return orjson.dumps(value, option=_OPTIONS)
    except TypeError as error:
        raise ValueError(f"not the same for every reader: {error}") from error


def _require_exact(parts: Iterable[Any]) -> None:
    """Refuse what two implementations might write differently. Errors: ValueError."""
    if {*map(type, parts)} <= _AS_THEY_ARE:
        return
    for part in parts:
        if isinstance(part, dict):
            if {*map(type, part)} - {str} or not "".join(part).isascii():
                raise ValueError(f"names that are not ASCII: {[*part]}")
            _require_exact(part.values())
        elif isinstance(part, list | tuple):
            _require_exact(part)
        elif not isinstance(part, str | int | None):
            raise ValueError(f"neither text, whole number, truth value nor null: {part!r}")


def fact_id(node: str, incarnation: int, stream: UUID, version: int) -> UUID:
    """The id of a fact: known before it is recorded, the same on every send."""
    return named_id(FACT_NAMES, f"{node}|{incarnation}|{stream}|{version}")


def moment_text(moment: datetime) -> str:
    """UTC with microseconds, as `2026-11-23T21:46:31.089299Z`."""
    return f"{_in_utc(moment).isoformat(timespec='microseconds')[:-_OFFSET]}Z"


def _in_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def moment_of(text: str) -> datetime:
    """The aware moment written by `moment_text`; raises ValueError for anything else."""
    if not _MOMENT.fullmatch(text):
        raise ValueError(f"not a moment in UTC with microseconds: {text!r}")
    return datetime.fromisoformat(text)


def count_of(text: str) -> int:
    """A number from 1 to 999,999,999, which every database can keep; ValueError for anything else."""
    if not _COUNT.fullmatch(text):
        raise ValueError(f"not a number from 1 to 999999999: {text[:40]!r}")
    return int(text)


@dataclass(frozen=True)
class Envelope:
    """One fact as it is stored and sent; `data` are its canonical data bytes.

    `correlation` is the case the fact belongs to, `causation` the fact that caused it.
    """

    attributes: dict[str, str] = field(repr=False)
    data: bytes = field(repr=False)

    @classmethod
    def make(
        cls,
        *,
        id: UUID,
        source: str,
        incarnation: int,
        kind: str,
        stream: UUID,
        stream_version: int,
        type: str,
        version: int,
        recorded: datetime,
        occurred: datetime,
        unit: UUID,
        actor: str,
        addressees: tuple[UUID, ...] = (),
        correlation: UUID | None = None,
        causation: UUID | None = None,
        data: Any,
    ) -> "Envelope":
        """Put a fact into its envelope."""
        name, time = f"{type}.v{version}", moment_text(recorded)
        attributes = {
            "actor": actor,
            "addressees": ",".join(map(str, addressees)),
            "causation": str(causation or ""),
            "correlation": str(correlation or ""),
            "dataschema": SCHEMA_PREFIX + name,
            "id": str(id),
            "incarnation": str(incarnation),
            "occurred": time if occurred is recorded else moment_text(occurred),
            "source": source,
            "specversion": SPEC_VERSION,
            "streamversion": str(stream_version),
            "subject": f"{kind}/{stream}",
            "time": time,
            "type": name,
            "unit": str(unit),
            "wire": WIRE_VERSION,
        }
        made = cls(attributes, canonical(data))
        # What was given need not be worked out of its own text again.
        made.__dict__.update(id=id, stream=stream, stream_version=stream_version, unit=unit, version=version)
        made.__dict__.update(addressees=addressees, correlation=correlation, causation=causation)
        made.__dict__.update(recorded=_in_utc(recorded), occurred=_in_utc(occurred), content=data)
        return made

    @classmethod
    def read(cls, body: bytes) -> "Envelope":
        """The envelope of stored canonical bytes. Errors: UnreadableEnvelope."""
        kept = cls.kept(body)
        return cls.of(kept.attributes, kept.data)

    @classmethod
    def kept(cls, body: bytes) -> "Envelope":
        """As `read`, of what this node once made: that an attribute is malformed shows when it is asked for."""
        start, end = body.find(_DATA) + len(_DATA), body.rfind(_AFTER_DATA)
        try:
            # Quotes inside strings are escaped, so the first and the last marker are the real ones.
            attributes = dict(orjson.loads(body[: start - len(_DATA)] + body[end:]))
        except (ValueError, TypeError) as error:
            raise UnreadableEnvelope(f"not canonical bytes: {error}") from error
        return cls(attributes, body[start:end])

    @classmethod
    def of(cls, attributes: dict[str, str], data: bytes) -> "Envelope":
        """The envelope of received attributes and data. Errors: UnreadableEnvelope."""
        if attributes.keys() != _NAMES or {*map(type, attributes.values())} != {str}:
            raise UnreadableEnvelope(f"attributes are {sorted(attributes)}")
        if attributes["wire"] != WIRE_VERSION:
            raise UnreadableEnvelope(f"wire version {attributes['wire']}, this node reads {WIRE_VERSION}")
        made = cls(attributes, data)
        try:
            _ = (made.id, made.stream, made.unit, made.recorded, made.occurred, made.version, made.addressees)
            _ = (made.incarnation, made.stream_version, made.correlation, made.causation)
        except (ValueError, IndexError) as error:
            raise UnreadableEnvelope(f"an attribute is malformed: {error}") from error
        return made

    @Once
    def body(self) -> bytes:
        """The canonical bytes of the whole envelope. Errors: ValueError for half a character in an attribute."""
        attributes = _written(self.attributes)
        # Quotes inside strings are escaped, so this stands nowhere but behind the data's own place.
        place = attributes.rfind(_AFTER_DATA)
        return b"".join((attributes[:place], _DATA, self.data, attributes[place:]))

    @Once
    def content(self) -> Any:
        """The data as plain JSON, in the shape in which they were recorded. Errors: ValueError for what is no JSON."""
        return orjson.loads(self.data)

    @Once
    def digest(self) -> bytes:
        """SHA-256 of 0x00 and the canonical bytes: the Merkle leaf and the link of every chain."""
        return hashlib.sha256(b"\x00" + self.body).digest()

    @Once
    def id(self) -> UUID:
        return UUID(self.attributes["id"])

    @property
    def source(self) -> str:
        return self.attributes["source"]

    @Once
    def incarnation(self) -> int:
        return count_of(self.attributes["incarnation"])

    @property
    def type(self) -> str:
        """Stable name with version, such as `case.registered.v1`."""
        return self.attributes["type"]

    @Once
    def name(self) -> str:
        """Stable name without version, such as `case.registered`."""
        return self.type.rsplit(".v", 1)[0]

    @Once
    def version(self) -> int:
        """Version of the data's shape."""
        return count_of(self.type.rsplit(".v", 1)[1])

    @property
    def kind(self) -> str:
        """Kind of stream, such as `case`."""
        return self.attributes["subject"].split("/", 1)[0]

    @Once
    def stream(self) -> UUID:
        return UUID(self.attributes["subject"].split("/", 1)[1])

    @Once
    def stream_version(self) -> int:
        return count_of(self.attributes["streamversion"])

    @Once
    def recorded(self) -> datetime:
        """When the node of origin recorded it."""
        return moment_of(self.attributes["time"])

    @Once
    def occurred(self) -> datetime:
        """When it happened."""
        return moment_of(self.attributes["occurred"])

    @Once
    def unit(self) -> UUID:
        return UUID(self.attributes["unit"])

    @property
    def actor(self) -> str:
        return self.attributes["actor"]

    @Once
    def addressees(self) -> tuple[UUID, ...]:
        return tuple(UUID(part) for part in self.attributes["addressees"].split(",") if part)

    @Once
    def correlation(self) -> UUID | None:
        return UUID(self.attributes["correlation"]) if self.attributes["correlation"] else None

    @Once
    def causation(self) -> UUID | None:
        return UUID(self.attributes["causation"]) if self.attributes["causation"] else None


CHAIN_START = bytes(32)
"""The chain value before number 1 of a route."""


def next_chain(chain: bytes, number: int, digest: bytes) -> bytes:
    """Link a fact to its route: SHA-256 of the chain so far, the number (8 bytes) and the digest."""
    return hashlib.sha256(chain + number.to_bytes(8, "big") + digest).digest()
