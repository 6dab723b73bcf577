"""The `huiyin` command in this process, as a person at a terminal meets it."""

import io
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any

from services.cli import app
from services.one_line import told_in_one_line


@dataclass(frozen=True)
class Said:
    """How a command ended: its exit code, its answer, what stood beside it."""

    code: int
    out: str
    err: str


def huiyin(*arguments: Any) -> Said:
    """Run the command to its end; an error that nobody expected comes through as it is."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            with told_in_one_line():
                app([str(one) for one in arguments])
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    return Said(code, out.getvalue(), err.getvalue())
