"""What a person can mend is one line at the terminal; what nobody expected keeps its traceback."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException

import psycopg2
import typer
from sqlalchemy.exc import ArgumentError, DatabaseError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.logs import log_to_terminal
from shared.transport.wire import WireDown
from shared.work.common.cannot_go_on import CannotGoOn

WRONG_EXIT = 2


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """What a person can mend is one line, not a traceback; exit code 2."""
    log_to_terminal()
    try:
        yield
    except BrokenPipeError:
        # Whoever read the answer has enough, as `head` does.
        sys.stderr.close()
        raise SystemExit(1) from None
    except Exception as error:
        said = _mendable(error)
        if said is None:
            raise
        typer.echo(said, err=True)
        raise SystemExit(WRONG_EXIT) from None


def _mendable(error: Exception) -> str | None:
    """An error in words if a person can mend it."""
    match error:
        case CannotGoOn():
            return str(error)
        case OSError():
            # The system's own: a folder that is none, a file that is closed to us, a disk that is full.
            return f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error)
        case WireDown():
            return f"the wire does not answer: {_flat(error)}"
        case HTTPException():
            return f"no answer over HTTP: {_flat(error)}"
        case ArgumentError():
            return f"this is no address of a database: {_flat(error)}"
        case psycopg2.OperationalError() | OperationalError() | InterfaceError() | PoolTimeout():
            return f"the database does not answer: {_flat(getattr(error, 'orig', None) or error)}"
        case DatabaseError() if "not a database" in str(error):
            return f"a file of the network is no database any more: put its backup back ({_flat(error.orig)})"
        case _:
            return None


def _flat(error: object) -> str:
    return " ".join(str(error).split())
