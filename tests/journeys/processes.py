"""The `huiyin` command as a process: run to its end, or a host that answers until it is stopped or killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

STOPS_WITHIN = 60
"""Longest clean stop of a host. Unit: seconds; the host gives its web 10, its relay and its reader 20 each, its wire 5."""

COMMAND_ENDS_WITHIN = 120
"""Longest run of a command that ends by itself. Unit: seconds."""

COMMAND = "services.cli"
"""The module of the `huiyin` command."""

_TOP = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Program:
    """The program of a release: its sources, and the Python that has the packages it needs."""

    sources: Path
    python: Path

    def command(self, arguments: Iterable[object], module: str) -> list[str]:
        """How one of its modules is run."""
        return [str(self.python), "-m", module, *map(str, arguments)]

    def environment(self) -> dict[str, str]:
        """Its sources come first, and no other release's are in sight."""
        return {**os.environ, "PYTHONPATH": str(self.sources), "PYTHONUNBUFFERED": "1"}


TODAY = Program(_TOP, Path(sys.executable))


def huiyin(
    *arguments: object, expect: int | None = 0, program: Program = TODAY, module: str = COMMAND
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end; `expect` is the exit code that is right, none: any."""
    done = subprocess.run(
        program.command(arguments, module),
        env=program.environment(),
        cwd=program.sources,  # Python looks there first
        capture_output=True,
        text=True,
        timeout=COMMAND_ENDS_WITHIN,
    )
    assert expect in (None, done.returncode), f"{done.args}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


class Host:
    """A process that runs nodes, or another server of `module`; `url` is the same after every start."""

    def __init__(
        self, *arguments: object, log: Path, module: str = COMMAND, program: Program = TODAY
    ) -> None:
        self._arguments = arguments
        self._module = module
        self._program = program
        self._log = log
        self._port = 0
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        """The process."""
        return self._running().pid

    def start(self) -> "Host":
        """Start it and wait until it answers."""
        self.launch()
        self.wait_until_it_answers()
        return self

    def launch(self) -> None:
        """Start it; several may start side by side."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._program.command(self.command_line(), self._module),
                env=self._program.environment(),
                cwd=self._program.sources,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def command_line(self) -> list[str]:
        """What its command is called with."""
        return [*map(str, self._arguments), "--port", str(self._port)]

    def wait_until_it_answers(self) -> None:
        """Wait until a process that was launched answers."""
        said = self.next_line()
        assert said.startswith("http://"), f"{self._arguments} did not start: {self._log.read_text()[-2000:]}"
        self._port = int(said.split("/")[2].rsplit(":", 1)[1])

    def next_line(self) -> str:
        """What it says next on its standard output."""
        out = self._running().stdout
        assert out is not None
        return out.readline().strip()

    def says(self, words: str) -> bool:
        """Whether it has said something to its administrator."""
        return words in self.told()

    def told(self) -> str:
        """All that it has said to its administrator, over every start."""
        return self._log.read_text()

    def freeze(self) -> None:
        """Stop it as it stands (SIGSTOP)."""
        self._running().send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on (SIGCONT)."""
        self._running().send_signal(signal.SIGCONT)

    def wait_for_its_end(self) -> int:
        """Wait until it has ended by itself; its exit code."""
        return self._ended()

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        self._running().kill()
        self._ended()

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Stop it cleanly; its exit code."""
        self._running().send_signal(by)
        return self._ended()

    def end(self) -> None:
        """Stop it if it runs, at the end of a test."""
        if self._process is not None and self._process.poll() is None:
            self.stop()

    def _ended(self) -> int:
        process = self._running()
        process.communicate(timeout=STOPS_WITHIN)
        return process.returncode

    def _running(self) -> subprocess.Popen[str]:
        assert self._process is not None, f"{self._arguments} was not started"
        return self._process
