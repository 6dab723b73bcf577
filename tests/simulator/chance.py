"""The product's own chance and slow hashes, played: from the seed, and fast."""

import hashlib
import os
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch
from uuid import UUID

from shared.orders import matters


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Keys, nonces and query codes from the seed; a quick hash for the query code's slow one (10 ms each).

    The random part of key parcels stays the machine's own: nothing in a log or projection depends on it.
    """
    chance = random.Random(seed)
    with ExitStack() as played:
        played.enter_context(patch.object(os, "urandom", chance.randbytes))
        played.enter_context(patch.object(matters, "new_query_code", lambda: _code(chance)))
        played.enter_context(patch.object(matters, "query_check", _quick_check))
        yield


def _code(chance: random.Random) -> str:
    return "".join(chance.choices(matters.CODE_SIGNS, k=matters.CODE_LENGTH))


def _quick_check(case: UUID, code: str) -> str:
    return hashlib.sha256(case.bytes + code.encode()).hexdigest()
