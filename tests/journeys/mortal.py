"""Hosts that die where a test says: children of a process that has imported everything (tests/parts/nursery.py)."""

import os
import signal
from multiprocessing import get_context
from pathlib import Path
from subprocess import TimeoutExpired

from tests.journeys.processes import Host
from tests.journeys.waiting import until
from tests.parts import crashing

CONFIRMS_WITHIN = 10.0
"""Longest wait until a host has heard where it is to die. Unit: seconds; it takes milliseconds."""

REFUSES = 2
"""Exit code of a process that cannot go on and says why."""

STILL_HELD = "another process holds this node's lease"
"""Said by a start that comes before the server has noticed that the sessions of a dead process are gone. A process
that begins with its imports takes longer than that; one that is forked may be there first."""

_FORKING = get_context("forkserver")
_FORKING.set_forkserver_preload(["tests.parts.nursery"])


class Child:
    """A forked process, as far as a `Host` uses one of `subprocess`."""

    def __init__(self, log: Path, arguments: list[str]) -> None:
        self._heard, said = _FORKING.Pipe(duplex=False)
        self._orders, hears = _FORKING.Pipe()
        living = (hears, said, log, arguments)
        self._process = _FORKING.Process(target=crashing.live, args=living, daemon=True)
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
        return self._process.exitcode

    def poll(self) -> int | None:
        """How it ended; none while it runs."""
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
        self._process.join(timeout)
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

    def start_again(self) -> None:
        """Start it after its death, once more as a supervisor does while the server still knows the dead one."""
        until(self._is_back, "a start after a death")

    def _is_back(self) -> bool:
        self.launch()
        try:
            self.wait_until_it_answers()
        except AssertionError:
            if self._ended() == REFUSES and self.says(STILL_HELD):
                return False
            raise
        return True

    def die_at(self, point: str, passings: int) -> None:
        """From now on, end at that passing of the point, as a power cut does."""
        self._running().die_at(point, passings)

    def wait_for_its_death(self) -> None:
        """Wait until it has been killed where it was told to die."""
        ended = self._ended()
        assert ended == -signal.SIGKILL, (
            f"{self.command_line()} ended with {ended}: {self._log.read_text()[-2000:]}"
        )
