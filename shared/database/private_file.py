"""Files of SQLite that only their owner reads."""

import contextlib
import os
from pathlib import Path


def make_private(path: Path) -> None:
    """Make a file that only its owner reads, before anything is in it; SQLite gives its other files the same rights.

    One that an earlier release left open to others is closed to them. Errors: OSError.
    """
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        # By its name: closing a handle of a file drops every lock that this process has on it, SQLite's, too.
        with contextlib.suppress(PermissionError):
            os.chmod(path, 0o600)
