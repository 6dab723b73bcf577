"""Hears what giving an order tells of refusals that the order does not declare, in every thread of this process."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from shared.orders.giving import undeclared


class _Ear(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record.getMessage())


@contextmanager
def hearing() -> Iterator[list[str]]:
    """What is told meanwhile."""
    ear = _Ear()
    undeclared.addHandler(ear)
    try:
        yield ear.heard
    finally:
        undeclared.removeHandler(ear)


def require_none(heard: list[str]) -> None:
    """Fail where something was told; it is forgotten then, so that the next test begins with nothing."""
    told = sorted(set(heard))
    heard.clear()
    assert not told, f"say it in the order's DECLARED.refusals: {told}"
