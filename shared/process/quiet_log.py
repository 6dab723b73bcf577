"""Logs that can be read: what repeats is counted instead of said again, and a traceback stands once an hour.

A record may name a trouble that lasts (`extra={"outage": "wire"}`): its first line is said, the others are counted until a
record says that it is over (`extra={"outage_over": "wire"}`), which tells how many there were. Any other warning is said
once an hour; the next one tells how many were left out. Numbers in a message do not make it another one.
"""

import json
import logging
import re
import traceback
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock

AGAIN_AFTER = 3600.0
"""Time after which what repeats is said again. Unit: seconds; a night's log has some lines of each kind then."""

MOST_KINDS = 1_000
"""Kinds of messages that are remembered. Unit: kinds; more means that something in them is no kind, and all are forgotten."""

LONGEST = 600
"""Longest message. Unit: signs; a database repeats the whole statement."""

_ADDED = re.compile(r"\n\[SQL:|\n\(Background on this error")
_NUMBERS = re.compile(r"0x[0-9a-fA-F]+|[0-9]+")


@dataclass
class _Said:
    at: float
    more: int = 0


class Repeated(logging.Filter):
    """Lets the first of a kind through and counts the others; `clock` counts seconds and never goes back."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock
        self._lock = Lock()
        self._said: dict[Hashable, _Said] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is said; one that is carries the number of those that were left out (`more`)."""
        record.more = 0
        with self._lock:
            if (over := getattr(record, "outage_over", None)) is not None:
                record.more = self._end(over)
                return True
            if record.levelno < logging.WARNING:
                return True
            lasting = getattr(record, "outage", None)
            kind = kind_of(record) if lasting is None else reason_of(record)
            if not self._is_due(record, (lasting, record.name, kind), lasting is not None):
                return False
            self._strip_traceback(record)
            return True

    def _is_due(self, record: logging.LogRecord, kind: Hashable, lasts: bool) -> bool:
        said, now = self._said.get(kind), self._clock()
        if said is not None and (lasts or now - said.at < AGAIN_AFTER):
            said.more += 1
            return False
        record.more = said.more if said else 0
        if len(self._said) >= MOST_KINDS:
            self._said.clear()
        self._said[kind] = _Said(now)
        return True

    def _end(self, outage: str) -> int:
        kinds = [kind for kind in self._said if isinstance(kind, tuple) and kind[0] == outage]
        return sum(self._said.pop(kind).more for kind in kinds)

    def _strip_traceback(self, record: logging.LogRecord) -> None:
        """The same error of the same place has its traceback once an hour, whatever is said about it."""
        if not record.exc_info or record.exc_info[0] is None:
            return
        frames = traceback.extract_tb(record.exc_info[2])
        place = (frames[-1].filename, frames[-1].lineno) if frames else ("", 0)
        said, now = self._said.get((record.exc_info[0], place)), self._clock()
        if said is not None and now - said.at < AGAIN_AFTER:
            record.msg, record.args = f"{record.getMessage()} ({_named(record.exc_info[1])})", ()
            record.exc_info = record.exc_text = None
        else:
            self._said[record.exc_info[0], place] = _Said(now)


def kind_of(record: logging.LogRecord) -> str:
    """A message without its numbers: ports, counts, addresses in memory, numbers of offices."""
    return _NUMBERS.sub("#", message_of(record))


def reason_of(record: logging.LogRecord) -> str:
    """Of a trouble that lasts, what sort it is: a server that starts anew says something else every second."""
    args = record.args if isinstance(record.args, tuple) else ()
    return " ".join([str(record.msg), *(type(one).__name__ for one in args if isinstance(one, Exception))])


def message_of(record: logging.LogRecord) -> str:
    """A message as one line, without the statement that a database adds."""
    text = " ".join(_ADDED.split(record.getMessage())[0].split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _named(error: BaseException | None) -> str:
    return f"{type(error).__name__}, its traceback stands above"


class Plain(logging.Formatter):
    """A line for people: moment, who says it, what."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, and the traceback if there is one."""
        more = getattr(record, "more", 0)
        left_out = f" ({more} more like this were left out)" if more else ""
        said = f"{self.formatTime(record)} {record.name} {message_of(record)}{left_out}"
        return f"{said}\n{self.formatException(record.exc_info)}" if record.exc_info else said


class Structured(logging.Formatter):
    """A line of JSON for programs that gather logs."""

    def format(self, record: logging.LogRecord) -> str:
        """`at` in UTC, `level`, `logger`, `message`, `left_out`; `outage` and `traceback` where there is one."""
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message_of(record),
            "left_out": getattr(record, "more", 0),
        }
        outage = getattr(record, "outage", None) or getattr(record, "outage_over", None)
        if outage:
            said |= {"outage": outage, "over": hasattr(record, "outage_over")}
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False)
