"""Answers of orders by their idempotency keys, so that a repeated request finds its first answer."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from shared.casework.refusals import Refusal
from shared.envelope import moment_text
from shared.event_log.tables import ORDERS
from shared.writes import Writes

_OF_KEYS = select(ORDERS.c.key, ORDERS.c.fingerprint, ORDERS.c.answer).where(
    ORDERS.c.key.in_(bindparam("keys", expanding=True))
)


class SameKeyOtherOrder(Refusal):
    """An idempotency key was used again for something else."""

    code = "same-key-other-order"
    sentence = "This form was already sent with other content. Open the form again and send it once more."
    status = 422


class Answers:
    """The answers of one group: those of earlier groups are read once, its own are kept with its facts."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, str] | None] = {}
        self._fresh: list[dict[str, Any]] = []

    def read(self, connection: Connection, keys: Iterable[str]) -> None:
        """Read what was answered under these keys before, with one question."""
        asked = [key for key in keys if key not in self._known]
        if asked:
            self._known |= dict.fromkeys(asked)
            for row in connection.execute(_OF_KEYS, {"keys": asked}):
                self._known[row.key] = row.fingerprint, row.answer

    def find(self, key: str, fingerprint: str) -> dict[str, Any] | None:
        """The first answer to an order with this key, which was read. Errors: SameKeyOtherOrder."""
        found = self._known[key]
        if found is None:
            return None
        if found[0] != fingerprint:
            raise SameKeyOtherOrder()
        return json.loads(found[1])

    def keep(self, key: str, fingerprint: str, answer: dict[str, Any], at: datetime) -> None:
        """Remember an order's answer under its key."""
        text = json.dumps(answer, ensure_ascii=False)
        self._known[key] = fingerprint, text
        row = {"key": key, "fingerprint": fingerprint, "answer": text, "answered_at": moment_text(at)}
        self._fresh.append(row)

    def write(self, writes: Writes) -> None:
        """Let the fresh ones go with the facts."""
        writes.insert(ORDERS, self._fresh)
        self._fresh = []
