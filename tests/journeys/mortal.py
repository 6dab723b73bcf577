"""Hosts that die where a test says: children of a process that has imported everything (tests/parts/nursery.py)."""

import os
import signal
from multiprocessing import get_context
from multiprocessing.connection import wait
from pathlib import Path
from subprocess import TimeoutExpired
from threading import Lock

from tests.journeys.processes import Host
from tests.parts import crashing

CONFIRMS_WITHIN = 10.0
"""Longest wait until a host has heard where it is to die. Unit: seconds; it takes milliseconds."""

_FORKING = get_context("forkserver")
_FORKING.set_forkserver_preload(["tests.parts.nursery"])
_ALONE = Lock()
"""Held around every look at how a child ended: a start looks at all children too, and of two threads that read how
one ended the second finds nothing and takes it for a failure (255)."""


class Child:
    """A forked process, as far as a `Host` uses one of `subprocess`."""

    def __init__(self, log: Path, arguments: list[str]) -> None:
        self._heard, said = _FORKING.Pipe(duplex=False)
        self._orders, hears = _FORKING.Pipe()
        living = (hears, said, log, arguments)
        self._process = _FORKING.Process(target=crashing.live, args=living, daemon=True)
        with _ALONE:
            self._process.start()
        said.close()
        hears.close()
        self.stdout = os.fdopen(self._heard.fileno(), closefd=False)

    @property
    def pid(self) -> int | None:
        """Its number."""
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """How it ended; negative: by which signal."""
        return self.poll()

    def poll(self) -> int | None:
        """How it ended; none while it runs."""
        with _ALONE:
            return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self.pid is not None and self.poll() is None
        os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def communicate(self, timeout: float) -> None:
        """Wait for its end."""
        wait([self._process.sentinel], timeout)
        if self.poll() is None:
            raise TimeoutExpired(self._process.name, timeout)

    def die_at(self, point: str, passings: int) -> None:
        """Tell it where to die."""
        self._orders.send((point, passings))
        assert self._orders.poll(CONFIRMS_WITHIN) and self._orders.recv()


class Mortal(Host):
    """A host that can be told to die at a point of its work."""

    def launch(self) -> None:
        """Fork it."""
        self._process = Child(self._log, self.command_line())

    def die_at(self, point: str, passings: int) -> None:
        """From now on, end at that passing of the point, as a power cut does."""
        self._running().die_at(point, passings)

    def wait_for_its_death(self) -> None:
        """Wait until it has been killed where it was told to die."""
        ended = self._ended()
        assert ended == -signal.SIGKILL, (
            f"{self.command_line()} ended with {ended}: {self._log.read_text()[-2000:]}"
        )
