"""A disk that no longer says that it has kept anything: every sync of a running process answers EIO."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.parts.prepare import strace

_SYNCS = "fsync,fdatasync"
_COMMAND = ("-f", "-e", f"trace={_SYNCS}", "-e", f"inject={_SYNCS}:error=EIO", "-o", "/dev/null")


@contextmanager
def failing_syncs(*pids: int) -> Iterator[None]:
    """While it lasts no sync of these processes succeeds; one that dies of it is let go."""
    command = [strace(), *_COMMAND, *(part for pid in pids for part in ("-p", str(pid)))]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
        _wait_until_attached(tracer, pids)
        try:
            yield
        finally:
            tracer.terminate()
            tracer.communicate(timeout=30)


def _wait_until_attached(tracer: "subprocess.Popen[str]", pids: Sequence[int]) -> None:
    """It says of each process that it is attached, or why not."""
    assert tracer.stderr is not None
    for _ in pids:
        said = tracer.stderr.readline()
        assert "attached" in said, f"strace: {said or 'ended'}(tracing another process needs root)"
