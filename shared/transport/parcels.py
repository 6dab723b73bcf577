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
from shared.event_log.key_ring import KeyRing
from shared.event_log.node_keys import ReceivingKey, b64, seal_parcel, unb64
from shared.event_log.tables import WANTED_KEYS
from shared.transport.messages import Control
from shared.work.common.sealed import subject_of

Entitled = Callable[[Connection, UUID, str], bool]


def key_names(data: Any) -> Iterable[str]:
    """The names of all keys that sealed fields in a fact's data were sealed with."""
    if isinstance(data, dict):
        if {"algorithm", "key", "nonce", "text"} <= data.keys():
            yield str(data["key"])
        for value in data.values():
            yield from key_names(value)
    elif isinstance(data, list):
        for value in data:
            yield from key_names(value)


def missing_subjects(ring: KeyRing, data: Any) -> set[UUID]:
    """The cases and letters in a fact's data of which a key is not in the ring."""
    return {subject_of(name) for name in set(key_names(data)) if ring.find(name) is None}


def want(connection: Connection, subject: UUID, nodes: Iterable[str]) -> None:
    """Remember that the keys of a subject are awaited from these nodes, and from those that were asked before.

    A matter that comes back before its keys have come is offered by somebody who waits for them, too.
    """
    before = wanted(connection).get(subject, [])
    upsert(connection, WANTED_KEYS, [{"subject": subject, "ask": ",".join(dict.fromkeys([*before, *nodes]))}])


def wanted(connection: Connection) -> dict[UUID, list[str]]:
    """Subjects whose keys are awaited, and the nodes to ask."""
    rows = connection.execute(select(WANTED_KEYS))
    return {row.subject: [node for node in row.ask.split(",") if node] for row in rows}


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
    """Open a parcel that was asked for and store its keys; false when it does not fit."""
    subject = UUID(str(parcel.body["subject"]))
    raw = ring.one_time(subject)
    content = raw and ReceivingKey.of(raw).open(str(parcel.body["parcel"]), _bound(subject, me))
    if not content:
        return False
    keys = {str(name): unb64(key) for name, key in json.loads(content).items()}
    ring.take({name: key for name, key in keys.items() if subject_of(name) == subject})
    ring.drop_one_time(subject)
    connection.execute(WANTED_KEYS.delete().where(WANTED_KEYS.c.subject == subject))
    return True


def _bound(subject: UUID, receiver: str) -> bytes:
    return f"huiyin-parcel-1|{subject}|{receiver}".encode()
