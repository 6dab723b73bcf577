"""Key parcels: how the keys of a matter follow it to the office that may read it.

The receiver makes a one-time key, asks the nodes that may hold the keys, and forgets the one-time
key when the parcel is open. A holder answers only a node that keeps a unit the matter was offered
to. Nothing of this is in a fact; the requests are repeated until the parcel is here.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from shared.database.writes import upsert
from shared.event_log.journal import known_among
from shared.event_log.key_ring import KeyRing
from shared.event_log.node_keys import ReceivingKey, b64, seal_parcel, unb64
from shared.event_log.sealing import opened
from shared.event_log.tables import WANTED_KEYS
from shared.transport.messages import Control
from shared.transport.seals_of import sealed_texts
from shared.work.common.sealed import Sealed, subject_of

Entitled = Callable[[Connection, UUID, str], bool]


def missing_subjects(ring: KeyRing, data: Any) -> set[UUID]:
    """The cases and letters in a fact's data of which a key is not in the ring."""
    names = {text.key for text in sealed_texts(data)}
    return {subject_of(name) for name in names if ring.find(name) is None}


def want(connection: Connection, subject: UUID, nodes: Iterable[str], fact: UUID) -> None:
    """Remember that the keys of a subject are awaited from these nodes, and from those that were asked before.

    `fact` has texts that they open. A matter that comes back before its keys have come is offered by somebody who waits
    for them, too.
    """
    row = connection.execute(select(WANTED_KEYS).where(WANTED_KEYS.c.subject == subject)).one_or_none()
    asked, facts = (_listed(row.ask), _listed(row.facts)) if row else ([], [])
    values = {"ask": ",".join(dict.fromkeys([*asked, *nodes]))}
    values["facts"] = ",".join(dict.fromkeys([*facts, str(fact)]))
    upsert(connection, WANTED_KEYS, [{"subject": subject} | values])


def wanted(connection: Connection) -> dict[UUID, list[str]]:
    """Subjects whose keys are awaited, and the nodes to ask."""
    rows = connection.execute(select(WANTED_KEYS))
    return {row.subject: _listed(row.ask) for row in rows}


def request_body(ring: KeyRing, subject: UUID) -> dict[str, Any]:
    """A request for the keys of a subject, with the public half of a one-time key."""
    raw = ring.one_time(subject)
    key = ReceivingKey.of(raw) if raw else ReceivingKey.make()
    if raw is None:
        ring.keep_one_time(subject, key.raw())
    return {"subject": str(subject), "key": key.public()}


def parcel_body(
    connection: Connection, ring: KeyRing, entitled: Entitled, request: Control
) -> dict[str, Any] | None:
    """The parcel that answers a request; none when nothing is held or the asker has no claim."""
    subject = UUID(str(request.body["subject"]))
    keys = ring.of_subject(subject)
    if not keys or not entitled(connection, subject, request.source):
        return None
    content = json.dumps({name: b64(key) for name, key in keys.items()}).encode()
    sealed = seal_parcel(str(request.body["key"]), content, _bound(subject, request.source))
    return {"subject": str(subject), "parcel": sealed}


def take_parcel(connection: Connection, ring: KeyRing, me: str, parcel: Control) -> bool:
    """Store those keys of a parcel that open what they are for; false when it was not asked for there, or none does.

    The waiting ends when no text for which keys were asked lacks its key.
    """
    subject = UUID(str(parcel.body["subject"]))
    row = connection.execute(select(WANTED_KEYS).where(WANTED_KEYS.c.subject == subject)).one_or_none()
    raw = ring.one_time(subject)
    if row is None or raw is None or parcel.source not in _listed(row.ask):
        return False
    content = ReceivingKey.of(raw).open(str(parcel.body["parcel"]), _bound(subject, me))
    if not content:
        return False
    keys = {str(name): unb64(key) for name, key in json.loads(content).items()}
    known = known_among(connection, [UUID(fact) for fact in _listed(row.facts)])
    texts = [text for one in known for text in sealed_texts(one.data) if subject_of(text.key) == subject]
    right = _right_keys(keys, texts)
    if not right:
        return False
    ring.take(right)
    if all(ring.find(text.key) is not None for text in texts):
        ring.drop_one_time(subject)
        connection.execute(WANTED_KEYS.delete().where(WANTED_KEYS.c.subject == subject))
    return True


def _right_keys(keys: dict[str, bytes], texts: Iterable[Sealed]) -> dict[str, bytes]:
    """The keys that open one of the texts for which they were asked."""
    return {
        text.key: keys[text.key]
        for text in texts
        if text.key in keys and opened(keys[text.key], text) is not None
    }


def _listed(text: str) -> list[str]:
    return [part for part in text.split(",") if part]


def _bound(subject: UUID, receiver: str) -> bytes:
    return f"huiyin-parcel-1|{subject}|{receiver}".encode()
