"""Plays a piece in a process of its own and counts what was tried and what survived."""

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from tests.long_set.parts import Piece


@dataclass(frozen=True)
class Outcome:
    """What came of a piece; `said` is the end of its output when something did not survive."""

    tried: int
    survived: int
    seconds: int
    said: str = ""

    @property
    def is_well(self) -> bool:
        """Whether something was tried and all of it survived."""
        return 0 < self.tried == self.survived


def play(piece: Piece, size: float, log: Path) -> Outcome:
    """Run a piece; its whole output goes to the log."""
    begun = time.monotonic()
    with log.open("w+", encoding="utf-8") as output:
        ended = _run([sys.executable, "-m", *piece.arguments], size, output)
        output.seek(0)
        said = output.read()
    tried, survived = counted(piece.how, said)
    if ended and tried == survived:
        # It ended before it could say what did not survive.
        tried = survived + 1
    seconds = round(time.monotonic() - begun)
    return Outcome(tried, survived, seconds, said[-2000:] if ended else "")


def _run(command: list[str], size: float, output: TextIO) -> int:
    """Run a command in a group of its own, which ends with us: it has servers and helpers to put away."""
    environment = os.environ | {"HUIYIN_LONG": str(size)}
    with subprocess.Popen(
        command, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
    ) as process:
        try:
            return process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGINT)
            raise


def counted(how: str, said: str) -> tuple[int, int]:
    """How much was tried and how much survived, from what a command said."""
    return _READERS[how](said)


def _of_simulator(said: str) -> tuple[int, int]:
    found = re.search(r"^(\d+) seeds, (\d+) with violations$", said, re.MULTILINE)
    seeds, bad = map(int, found.groups()) if found else (0, 0)
    return seeds, seeds - bad


def _of_tamper(said: str) -> tuple[int, int]:
    kinds = re.findall(r"(\d+) tried +(\d+) found$", said, re.MULTILINE)
    return sum(int(tried) for tried, _ in kinds), sum(int(found) for _, found in kinds)


def _of_tests(said: str) -> tuple[int, int]:
    last = "".join(said.splitlines()[-1:])
    ends = {word: int(count) for count, word in re.findall(r"(\d+) (passed|failed|error)", last)}
    return sum(ends.values()), ends.get("passed", 0)


_READERS = {"tests.simulator": _of_simulator, "tests.tamper": _of_tamper, "pytest": _of_tests}
