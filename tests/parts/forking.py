"""What a child does that was forked from a process which has imported everything (`nursery.py`)."""

import os
import sys
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from uuid import uuid4

from services import cli
from shared.database import engines
from shared.writer_lease import postgres


def live(said: Connection, log: Path, arguments: Sequence[str]) -> None:
    """Run the `huiyin` command; what it says goes to `said` and to the log."""
    os.dup2(said.fileno(), sys.stdout.fileno())
    with log.open("ab") as file:
        os.dup2(file.fileno(), sys.stderr.fileno())
    _take_a_name_of_its_own()
    sys.argv = ["huiyin", *arguments]
    cli.main()


def _take_a_name_of_its_own() -> None:
    """What a process is called at the server is made at the import, which all children share."""
    name = f"huiyin-{uuid4().hex[:12]}"
    engines.SESSIONS = postgres.SESSIONS = name
    engines._CONNECT["application_name"] = name
