"""Waiting for what must become true."""

import time
from collections.abc import Callable
from contextlib import suppress

import httpx

PATIENCE = 60.0
"""Longest wait for something that must happen. Unit: seconds; a killed broker takes 12 to come back."""


def until(true: Callable[[], object], what: str = "it") -> None:
    """Wait for something that must become true; a host that does not answer yet is not true yet."""
    deadline = time.monotonic() + PATIENCE
    while True:
        with suppress(httpx.TransportError):
            if true():
                return
        assert time.monotonic() < deadline, f"{what} did not happen in {PATIENCE:.0f} s"
        time.sleep(0.05)  # the processes are asked again; there is nothing to wait on from outside
