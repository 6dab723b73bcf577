"""One frozen envelope and one frozen shape for every fact and version, as they were first published.

`python -m tests.event_log.frozen` writes those that are missing and never touches the others: a fact
of another shape is another version, and what was once recorded can be read for ever.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from enum import Enum
from pathlib import Path
from types import NoneType
from typing import Any, ClassVar, get_args, get_origin, get_type_hints
from uuid import UUID, uuid5

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.envelope import Envelope, canonical
from shared.event_log.key_ring import KeyRing
from shared.event_log.mapper import OUTSIDE_THE_DATA, Cause, FactMapper, fact_of
from shared.event_log.names import fact_classes, stream_classes
from shared.event_log.schemas import schema_text, schemas
from shared.work.common.fact import NAMES, Fact, FirstFact
from shared.work.common.sealed import Sealed
from shared.work.common.words import Ground, Tier
from shared.work.directory.node_entry import NodeEntry
from shared.work.directory.unit import Unit
from tests.projections.world import World
from tests.work.scene import COUNTY, DAY, TOWN_A, VILLAGE_1, VILLAGE_2, at, text

FOLDER = Path(__file__).parent
SAMPLES, SHAPES = FOLDER / "samples", FOLDER / "shapes"
SEALED = {"algorithm", "key", "nonce", "text", "fact", "field"}


def key_of(name: str) -> bytes:
    """The fixed key of that name; it seals nothing but samples."""
    return hashlib.sha256(f"sample key {name}".encode()).digest()


def secret_of(field: str) -> str:
    """What a sealed field of a sample says."""
    return f"what {field} says: 湘潭县"


def ring_for(sealed: list[dict[str, str]], folder: Path) -> KeyRing:
    """A key ring that holds the keys of the sealed fields."""
    ring = KeyRing(folder / "keyring.sqlite")
    ring.take({one["key"]: key_of(one["key"]) for one in sealed})
    return ring


def sealed_in(data: Any) -> Iterator[dict[str, str]]:
    """Every sealed field of a fact's data."""
    if isinstance(data, dict) and data.keys() == SEALED:
        yield data
    elif isinstance(data, dict | list):
        for part in data.values() if isinstance(data, dict) else data:
            yield from sealed_in(part)


def shape_of(schema: Any) -> Any:
    """A schema without the words that explain it, which may be bettered at any time."""
    if isinstance(schema, list):
        return [shape_of(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    words = ("title", "description")
    return {
        name: shape_of(part) for name, part in schema.items() if not (name in words and type(part) is str)
    }


def _made() -> dict[str, Envelope]:
    """The first fact of every kind that a busy week and a changing directory bring."""
    from tests.projections.test_every_order import a_busy_week

    world = a_busy_week()
    _answered_objections(world)
    _not_accepted(world)
    _changed_directory(world)
    found: dict[str, Envelope] = {}
    for envelope in world.facts:
        found.setdefault(envelope.type, envelope)
    return {
        f"{kind.TOPIC}.v{kind.class_version}": _as_declared(kind) for kind in fact_classes().values()
    } | found


def _as_declared(kind: type[Fact]) -> Envelope:
    """A fact of a kind that no week brings, filled in by the types of its fields."""
    stream = uuid5(NAMES, kind.TOPIC)
    hints = {name: hint for name, hint in get_type_hints(kind).items() if get_origin(hint) is not ClassVar}
    hints = {name: hint for name, hint in hints.items() if name not in OUTSIDE_THE_DATA}
    kept: dict[str, Any] = {
        "originator_id": stream,
        "originator_version": 2,
        "timestamp": at(),
        "unit": VILLAGE_2,
    }
    if issubclass(kind, FirstFact):
        kept |= {"originator_version": 1, "originator_topic": ""}
    filled = {name: _some(hint, stream, name) for name, hint in hints.items()}
    mapper = FactMapper("villages-100", 1)
    return mapper.envelope(kind(**kept, **filled), _record_of(kind), Cause("clerk"))


def _record_of(kind: type[Fact]) -> str:
    """The kind of record that a fact stands in; what may stand in any stands in a case."""
    name = kind.TOPIC.partition(".")[0]
    return name if name in stream_classes() else "case"


def _some(hint: Any, stream: UUID, field: str) -> Any:
    """Some value of a type. Errors: LookupError for a type that is to be named here."""
    if parts := [part for part in get_args(hint) if part is not NoneType and part is not Ellipsis]:
        one = _some(parts[0], stream, field)
        return (one,) if get_origin(hint) is tuple else [one] if get_origin(hint) is list else one
    if hint is Sealed:
        return text(stream, field)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    if is_dataclass(hint):
        return hint(
            **{part.name: _some(get_type_hints(hint)[part.name], stream, part.name) for part in fields(hint)}
        )
    plain = {UUID: stream, str: field, int: 1, bool: True, date: DAY, datetime: at(), time: at().time()}
    return plain[hint]


def _answered_objections(world: World) -> None:
    case = world.case(VILLAGE_2)
    world.refer(case, TOWN_A, at(8))
    for agreed in (False, True):
        case.take_objection(offer=case.offer, at=at(8))
        case.answer_objection(offer=case.offer, agreed=agreed, at=at(9))
    world.keep(VILLAGE_2, case)


def _not_accepted(world: World) -> None:
    referral = world.refer(world.case(VILLAGE_1), TOWN_A, at(8))
    explanation = text(referral.handover.case, "explanation")
    referral.not_accept(ground=Ground.COURT_OR_CONGRESS, explanation=explanation, at=at(9))
    world.keep(TOWN_A, referral)


def _changed_directory(world: World) -> None:
    opened = next(fact for fact in world.facts if fact.stream == VILLAGE_2)
    unit = _unit_of(opened)
    unit.rename(name="新村", name_en="New Village", code="430321100203", since=DAY, at=at(8))
    unit.rehost(node="village-100-202", since=DAY, at=at(8))
    unit.set_contact(contact="0731-5788", since=DAY, at=at(8))
    unit.close(since=DAY, at=at(9))
    world.keep(COUNTY, unit)
    keys = {"signing_key": "c2lnbg==", "receiving_key": "cmVjZWl2ZQ=="}
    node = NodeEntry.admit(
        county=COUNTY, name="town-100", tier=Tier.TOWNSHIP, area="430321100", at=at(), **keys
    )
    world.keep(COUNTY, node)


def _unit_of(opened: Envelope) -> Unit:
    unit: Any = fact_of(opened).mutate(None)
    return unit


def _really_sealed(envelope: Envelope) -> Envelope:
    """The envelope with its sealed fields sealed under the samples' own keys, always the same way."""
    data = json.loads(envelope.data)
    for sealed in sealed_in(data):
        bound = f"{sealed['fact']}|{sealed['field']}"
        nonce = hashlib.sha256(bound.encode()).digest()[:12]
        cipher = AESGCM(key_of(sealed["key"])).encrypt(
            nonce, secret_of(sealed["field"]).encode(), bound.encode()
        )
        sealed |= {"nonce": _b64(nonce), "text": _b64(cipher)}
    return Envelope.of(envelope.attributes, canonical(data))


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def write_missing() -> None:
    """Freeze what has no sample or shape yet."""
    for name, envelope in _made().items():
        path = SAMPLES / f"{name}.json"
        if not path.exists():
            path.write_bytes(_really_sealed(envelope).body + b"\n")
    for name, schema in schemas().items():
        path = SHAPES / f"{name}.json"
        if not path.exists():
            path.write_text(schema_text(shape_of(schema)), encoding="utf-8")


if __name__ == "__main__":
    write_missing()
