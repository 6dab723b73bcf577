"""What travels around a fact: a CloudEvents 1.0 envelope with canonical bytes.

The canonical bytes are RFC 8785 JSON of the immutable attributes and the data, made once when a
fact is recorded and used again for storage, wire, chain and Merkle leaf. Attribute values are
strings, so they travel unchanged as Kafka headers (CloudEvents binary mode).

What belongs to a route (route, number, chain, signature) is outside the canonical bytes.
"""

import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from json.encoder import encode_basestring
from typing import Any
from uuid import UUID, uuid5

from shared.work.common.cannot_go_on import CannotGoOn
from shared.work.common.once import Once

_COUNT = re.compile(r"[1-9]\d{0,8}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)

WIRE_VERSION = "1"
SPEC_VERSION = "1.0"
SCHEMA_PREFIX = "urn:huiyin:schema:"
FACT_NAMES = UUID("0c6f2c0e-6a3b-5d0e-8f5e-6d1b7f6f7c55")
"""Namespace of fact ids, so that a fact id is known before its fields are sealed."""

ATTRIBUTES = (
    "actor",
    "addressees",
    "causation",
    "correlation",
    "dataschema",
    "id",
    "incarnation",
    "occurred",
    "source",
    "specversion",
    "streamversion",
    "subject",
    "time",
    "type",
    "unit",
    "wire",
)
"""Names of the immutable attributes, all of them always present (an empty string says none)."""
_NAMES = frozenset(ATTRIBUTES)
_BEFORE_DATA = tuple(name for name in ATTRIBUTES if name < "data")
_BEHIND_DATA = tuple(name for name in ATTRIBUTES if name > "data")
GREATEST_INTEGER = 2**53 - 1
"""Greatest whole number that every JSON reader keeps exactly (RFC 8785, section 3.2.2.3)."""
_DATA, _AFTER_DATA = b',"data":', b',"dataschema":'


class UnreadableEnvelope(CannotGoOn, ValueError):
    """Bytes or headers that are no envelope of this wire version; they are parked."""

    code = "unreadable-envelope"


def canonical(value: Any) -> bytes:
    """RFC 8785 bytes of JSON data without floating point numbers.

    For strings, integers below 2**53, booleans, null, lists and ASCII-keyed objects the standard
    library's sorted compact JSON is byte for byte RFC 8785 (a test compares it with a reference
    implementation); other numbers and keys are refused because only there the two differ.
    Errors: ValueError for those, and for half a surrogate pair.
    """
    _require_exact(value)
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8")


def _require_exact(value: Any) -> None:
    """Refuse what two implementations might write differently. Errors: ValueError."""
    if isinstance(value, dict):
        if not all(isinstance(key, str) and key.isascii() for key in value):
            raise ValueError(f"names that are not ASCII: {[*value]}")
        value = value.values()
    elif isinstance(value, int) and abs(value) > GREATEST_INTEGER or isinstance(value, float):
        raise ValueError(f"a number that is not a whole one below 2**53: {value!r}")
    elif not isinstance(value, list | tuple):
        return
    for part in value:
        if type(part) is not str:
            _require_exact(part)


def fact_id(node: str, incarnation: int, stream: UUID, version: int) -> UUID:
    """The id of a fact: known before it is recorded, the same on every send."""
    return uuid5(FACT_NAMES, f"{node}|{incarnation}|{stream}|{version}")


def moment_text(moment: datetime) -> str:
    """UTC with microseconds, as `2026-11-23T21:46:31.089299Z`."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


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
        name = f"{type}.v{version}"
        attributes = {
            "actor": actor,
            "addressees": ",".join(map(str, addressees)),
            "causation": str(causation or ""),
            "correlation": str(correlation or ""),
            "dataschema": SCHEMA_PREFIX + name,
            "id": str(id),
            "incarnation": str(incarnation),
            "occurred": moment_text(occurred),
            "source": source,
            "specversion": SPEC_VERSION,
            "streamversion": str(stream_version),
            "subject": f"{kind}/{stream}",
            "time": moment_text(recorded),
            "type": name,
            "unit": str(unit),
            "wire": WIRE_VERSION,
        }
        made = cls(attributes, canonical(data))
        # What was given need not be worked out of its own text again.
        made.__dict__.update(id=id, stream=stream, stream_version=stream_version, unit=unit, version=version)
        made.__dict__.update(addressees=addressees, correlation=correlation, causation=causation)
        return made

    @classmethod
    def read(cls, body: bytes) -> "Envelope":
        """The envelope of stored canonical bytes. Errors: UnreadableEnvelope."""
        start, end = body.find(_DATA) + len(_DATA), body.rfind(_AFTER_DATA)
        try:
            # Quotes inside strings are escaped, so the first and the last marker are the real ones.
            attributes = dict(json.loads((body[: start - len(_DATA)] + body[end:]).decode()))
        except (ValueError, TypeError, RecursionError) as error:
            raise UnreadableEnvelope(f"not canonical bytes: {error}") from error
        return cls.of(attributes, body[start:end])

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
        """The canonical bytes of the whole envelope."""
        before, after = self._members(_BEFORE_DATA), self._members(_BEHIND_DATA)
        return b"".join((b"{", before, _DATA, self.data, b",", after, b"}"))

    def _members(self, names: tuple[str, ...]) -> bytes:
        """Attributes as `canonical` writes them, which has nothing to look at in a string."""
        return ",".join([f'"{name}":{encode_basestring(self.attributes[name])}' for name in names]).encode()

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
