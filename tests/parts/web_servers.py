"""nginx and Caddy: the machine's, or Debian's packages unpacked beside the tests without touching the machine."""

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.parts.fetching import CACHE, PartMissing, run

PACKAGES = {"nginx": "nginx", "caddy": "caddy"}
"""Command to the package of Debian that holds it; apt looks at the signatures itself."""


def web_server(name: str) -> Path:
    """The command. Errors: PartMissing."""
    if found := shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin"):
        return Path(found)
    folder = CACHE / "web-servers" / name
    if not folder.exists():
        _unpack(PACKAGES[name], folder)
    (command,) = (path for place in ("usr/sbin", "usr/bin") if (path := folder / place / name).exists())
    return command


def tried_web_servers() -> None:
    """Start each once. Errors: PartMissing."""
    for name, asked in (("nginx", "-v"), ("caddy", "version")):
        try:
            run([str(web_server(name)), asked])
        except (OSError, PartMissing) as failure:
            raise PartMissing(f"{name}: {failure}; the system's package helps") from failure


def _unpack(package: str, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Whole or not at all: a run that is stopped half way leaves nothing that looks complete.
    with TemporaryDirectory(dir=folder.parent, ignore_cleanup_errors=True) as place:
        _download(package, Path(place))
        (archive,) = Path(place).glob("*.deb")
        run(["dpkg-deb", "-x", str(archive), f"{place}/unpacked"])
        (Path(place) / "unpacked").rename(folder)


def _download(package: str, place: Path) -> None:
    command = ["sh", "-c", 'cd "$PLACE" && apt-get download -qq "$PACKAGE"']
    asked: Mapping[str, str] = {"PLACE": str(place), "PACKAGE": package}
    with suppress(PartMissing):
        run(command, asked)
        return
    run(["apt-get", "update", "-qq"])  # a new machine has no list yet
    run(command, asked)
