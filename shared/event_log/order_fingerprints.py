"""By what a repeated order is known again: a keyed hash of what was asked, which says nothing without its key.

A petition's words are few enough to be guessed, so a plain hash of them would outlive their erasure. The keys stand in the
key ring, one a month, and go when the answers of that month have gone.
"""

import hashlib
import hmac
import json
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete

from shared.envelope import moment_text
from shared.event_log.group import Group
from shared.event_log.key_ring import KeyRing
from shared.event_log.tables import ORDERS
from shared.work.common.fact import derived_id
from shared.work.common.order_request import OrderRequest

_AS_EVER = json.JSONEncoder(sort_keys=True, default=str, ensure_ascii=False).encode
"""How orders were written when the first fingerprints were kept; another form would not know them again."""

OF_ORDERS: UUID = derived_id("keys of the fingerprints of orders")
"""The subject of these keys in the ring; no case or letter has it."""

ANSWERS_KEPT = timedelta(days=90)
"""How long a repeated order finds its first answer; longer than any program tries, and than a month is played again."""


def fingerprint_of(request: OrderRequest, ring: KeyRing) -> str:
    """The month of the key and the hash; the key is durable with what the order records."""
    month = f"{request.at:%Y-%m}"
    return f"{month}:{_keyed(request, ring.make(_name(month)))}"


def is_of(kept: str, request: OrderRequest, ring: KeyRing) -> bool:
    """Whether this order was kept under this fingerprint.

    Where the key was destroyed nobody can say any more; the idempotency key, which is one person's, is believed then.
    """
    month, colon, hashed = kept.partition(":")
    if not colon:  # kept by an earlier release
        return hmac.compare_digest(kept, hashlib.sha256(_said(request)).hexdigest())
    key = ring.find(_name(month))
    return key is None or hmac.compare_digest(hashed, _keyed(request, key))


def forget_answers(group: Group, *, at: datetime) -> None:
    """Forget the answers that nobody asks for any more, also those in memory; the keys of their months go once that is kept."""
    before, ring = at - ANSWERS_KEPT, group.parts.ring
    group.connection.execute(delete(ORDERS).where(ORDERS.c.answered_at < moment_text(before)))
    group.parts.memory.answers.forget_before(before)
    oldest = _name(f"{before:%Y-%m}")
    if gone := [name for name in ring.of_subject(OF_ORDERS) if name < oldest]:
        group.on_commit.append(lambda: ring.destroy(gone))


def _name(month: str) -> str:
    return f"{OF_ORDERS}/orders-{month}"


def _keyed(request: OrderRequest, key: bytes) -> str:
    return hmac.new(key, _said(request), hashlib.sha256).hexdigest()


def _said(request: OrderRequest) -> bytes:
    return f"{request.by.account}|{_AS_EVER(request.content)}".encode("utf-8", "surrogatepass")
