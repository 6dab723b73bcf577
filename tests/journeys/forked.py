"""Hosts forked from a process that has imported everything (tests/parts/nursery.py), which no start repeats.

That the command starts from nothing is told by the tests of hosts, commands, stand-bys and the sample.
"""

import os
import signal
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import wait
from pathlib import Path
from subprocess import TimeoutExpired
from threading import Lock
from typing import Any

from tests.journeys.processes import Host
from tests.parts.forking import live

FORKING = get_context("forkserver")
FORKING.set_forkserver_preload(["tests.parts.nursery"])
_ALONE = Lock()
"""Held around every look at how a child ended: a start looks at all children too, and of two threads that read how
one ended the second finds nothing and takes it for a failure (255)."""


class Child:
    """A forked process, as far as a `Host` uses one of `subprocess`."""

    def __init__(self, live: Callable[..., None], log: Path, *arguments: Any) -> None:
        self._heard, said = FORKING.Pipe(duplex=False)
        self._process = FORKING.Process(target=live, args=(said, log, *arguments), daemon=True)
        with _ALONE:
            self._process.start()
        said.close()
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


class Forked(Host):
    """A host that is forked instead of started from nothing."""

    def launch(self) -> None:
        """Fork it."""
        self._process = Child(live, self._log, self.command_line())
