"""Where the log of a process goes: the standard error, in lines for people or for programs."""

import logging
import sys
import time
from enum import StrEnum
from typing import TextIO

from shared.process.quiet_log import Plain, Repeated, Structured


class LogForm(StrEnum):
    """How a line of the log looks."""

    TEXT = "text"
    JSON = "json"


class _Terminal(logging.StreamHandler[TextIO]):
    """Writes to whatever the standard error is at the moment."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        self.addFilter(Repeated(time.monotonic))

    @property
    def stream(self) -> TextIO:  # pyright: ignore[reportIncompatibleVariableOverride]
        return sys.stderr


_TERMINAL = _Terminal()


def log_to_terminal(form: LogForm = LogForm.TEXT) -> None:
    """Let everything that is logged go to the standard error; once more with another form replaces the first."""
    _TERMINAL.setFormatter(Structured() if form is LogForm.JSON else Plain())
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    root.addHandler(_TERMINAL)
    # The client tells of every attempt to connect; the relay says once that the wire is down, and why.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
