"""Answers of orders by their idempotency keys, so that a repeated request finds its first answer.

A repeated request mostly comes seconds after the first, so the latest answers are remembered. What
is not remembered is taken for new at first: where that is wrong the key stands in the database, the
commit fails, and the order is tried again after a look.
"""

import json
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from shared.database.writes import Writes
from shared.envelope import moment_text
from shared.event_log.tables import ORDERS
from shared.work.common.order_refusals import SameKeyOtherOrder

_OF_KEYS = select(ORDERS).where(ORDERS.c.key.in_(bindparam("keys", expanding=True)))


REMEMBERED = 1_000
"""Latest answers that a writer remembers. Unit: answers of about 500 bytes; half a megabyte a node."""


class Answers:
    """The answers that a writer knows; new ones are written with their facts."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[str, str, str]] = OrderedDict()
        self._fresh: list[dict[str, Any]] = []

    def read(self, connection: Connection, keys: Iterable[str]) -> None:
        """Read what was answered under these keys before, with one question."""
        asked = [key for key in keys if key not in self._known]
        if asked:
            for row in connection.execute(_OF_KEYS, {"keys": asked}):
                self._remember(row.key, row.fingerprint, row.answer, row.answered_at)

    def find(self, key: str, is_same: Callable[[str], bool]) -> dict[str, Any] | None:
        """The first answer to an order with this key, as far as it is known; `is_same` looks at the kept fingerprint.

        Errors: SameKeyOtherOrder.
        """
        found = self._known.get(key)
        if found is None:
            return None
        if not is_same(found[0]):
            raise SameKeyOtherOrder()
        return json.loads(found[1])

    def keep(self, key: str, fingerprint: str, answer: dict[str, Any], at: datetime) -> None:
        """Remember an order's answer under its key."""
        text = json.dumps(answer, ensure_ascii=False)
        answered = moment_text(at)
        self._remember(key, fingerprint, text, answered)
        row = {"key": key, "fingerprint": fingerprint, "answer": text, "answered_at": answered}
        self._fresh.append(row)

    def write(self, writes: Writes) -> None:
        """Let the new answers be written with the facts."""
        writes.insert(ORDERS, self._fresh)
        self._fresh = []

    def clear(self) -> None:
        """Forget everything: a commit failed, so nothing of it is sure to be kept."""
        self._known.clear()
        self._fresh = []

    def forget_before(self, moment: datetime) -> None:
        """Forget what was answered before a moment."""
        old = [key for key, (_, _, at) in self._known.items() if at < moment_text(moment)]
        for key in old:
            del self._known[key]

    def _remember(self, key: str, fingerprint: str, answer: str, answered_at: str) -> None:
        self._known[key] = fingerprint, answer, answered_at
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
