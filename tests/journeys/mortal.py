"""Hosts that die where a test says (tests/parts/crashing.py)."""

import signal
from pathlib import Path

from tests.journeys.forked import FORKING, Child
from tests.journeys.processes import Host
from tests.parts import crashing

CONFIRMS_WITHIN = 10.0
"""Longest wait until a host has heard where it is to die. Unit: seconds; it takes milliseconds."""


class MortalChild(Child):
    """A forked process that hears where to die."""

    def __init__(self, log: Path, arguments: list[str]) -> None:
        self._orders, hears = FORKING.Pipe()
        super().__init__(crashing.live, log, arguments, hears)
        hears.close()

    def die_at(self, point: str, passings: int) -> None:
        """Tell it where to die."""
        self._orders.send((point, passings))
        assert self._orders.poll(CONFIRMS_WITHIN) and self._orders.recv()


class Mortal(Host):
    """A host that can be told to die at a point of its work."""

    def launch(self) -> None:
        """Fork it."""
        self._process = MortalChild(self._log, self.command_line())

    def die_at(self, point: str, passings: int) -> None:
        """From now on, end at that passing of the point, as a power cut does."""
        self._running().die_at(point, passings)

    def wait_for_its_death(self) -> None:
        """Wait until it has been killed where it was told to die."""
        ended = self._ended()
        assert ended == -signal.SIGKILL, (
            f"{self.command_line()} ended with {ended}: {self._log.read_text()[-2000:]}"
        )
