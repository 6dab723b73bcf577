"""The program of an earlier release, run from the archive of its sources, in an environment of its own."""

import fcntl
import hashlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.journeys.processes import TODAY, Program
from tests.parts.fetching import CACHE
from tests.upgrade import keeping

LOCK = Path("deploy") / "requirements.txt"
"""Where a release's list of packages lies among its sources."""

ENVIRONMENT = TODAY.sources / "deploy" / "environment.sh"


def old_program(release: str) -> Program:
    """The program of a release. Its sources are unpacked once, and again when their archive changes."""
    archive = keeping.HERE / release / keeping.SOURCES
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()[:16]
    sources = CACHE / "releases" / f"{release}-{digest}"
    with _alone(sources):
        if not (sources / LOCK).exists():
            keeping.unpack(archive, sources)
    return Program(sources, python_for(sources / LOCK))


def python_for(lock: Path) -> Path:
    """A Python with just the packages of a lock: this one if they are today's, else one of its own.

    Releases with the same packages share an environment; the first start makes it, which takes a minute.
    """
    if lock.read_bytes() == (TODAY.sources / LOCK).read_bytes():
        return Path(sys.executable)
    environment = CACHE / "environments" / hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    with _alone(environment):
        make = f'. "{ENVIRONMENT}"; make_environment "{environment}" "{lock}"'
        subprocess.run(["bash", "-euc", make], check=True)
    return environment / "bin" / "python"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Tests run side by side, and one of them makes the folder."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
