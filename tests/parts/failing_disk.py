"""A disk that no longer says that it has kept anything: every sync of a running process answers EIO."""

import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.parts.fetching import PartMissing

_SYNCS = "fsync,fdatasync"
_OPTIONS = ("-f", "-e", f"trace={_SYNCS}", "-e", f"inject={_SYNCS}:error=EIO", "-o", "/dev/null")
_SYNCING = "import os, tempfile; file = tempfile.TemporaryFile(); print(flush=True); input(); os.fsync(file.fileno())"


@contextmanager
def failing_syncs(*pids: int) -> Iterator[None]:
    """While it lasts no sync of these processes succeeds; one that dies of it is let go. Errors: PartMissing."""
    with subprocess.Popen(_command(pids), stderr=subprocess.PIPE, text=True) as tracer:
        try:
            _wait_until_attached(tracer, pids)
            yield
        finally:
            tracer.terminate()
            tracer.communicate(timeout=30)


def tried_failing_syncs() -> None:
    """Let a sync of a small process fail. Errors: PartMissing."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", _SYNCING], text=True, **pipes) as syncing:
        assert syncing.stdout is not None
        syncing.stdout.readline()
        try:
            with failing_syncs(syncing.pid):
                complaint = syncing.communicate("now\n", timeout=30)[1]
        finally:
            syncing.kill()
    if "Errno 5" not in complaint:
        raise PartMissing("A failing disk: system calls of running processes cannot be changed here")


def _command(pids: Sequence[int]) -> list[str]:
    """The machine's strace, or what stands in for it."""
    if strace := shutil.which("strace"):
        return [strace, *_OPTIONS, *(part for pid in pids for part in ("-p", str(pid)))]
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise PartMissing(
            "A failing disk: strace is missing, and what stands in for it needs Linux on x86-64"
        )
    return [sys.executable, "-m", "tests.parts.tracer", *map(str, pids)]


def _wait_until_attached(tracer: "subprocess.Popen[str]", pids: Sequence[int]) -> None:
    """It says of each process that it is attached, or why not."""
    assert tracer.stderr is not None
    for _ in pids:
        if "attached" not in tracer.stderr.readline():
            said = tracer.stderr.read().strip().splitlines()[-1:]
            raise PartMissing(f"A failing disk: this user may not trace other processes here {said}")
