"""The product's own chance and slow hashes, played: from the seed, and fast."""

import hashlib
import os
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from shared.work.matters.orders import registering


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Keys, nonces and query codes from the seed; a quick hash for the query code's slow one (10 ms each).

    The random part of key parcels stays the machine's own: nothing in a log or projection depends on it.
    """
    chance = random.Random(seed)
    with ExitStack() as played:
        for module, name in ((os, "urandom"), (random, "_urandom")):  # the second is that of `secrets`
            played.enter_context(patch.object(module, name, chance.randbytes))
        played.enter_context(patch.object(registering, "query_check", _quick_check))
        yield


def _quick_check(code: str, salt: str) -> str:
    return f"{salt}:{hashlib.sha256(f'{salt}{code}'.encode()).hexdigest()}"
