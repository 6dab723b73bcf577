"""Where a process listens: a socket, taken before anything else starts."""

import errno
import socket

from shared.work.common.cannot_go_on import CannotGoOn

LOOPBACK = "127.0.0.1"


class PortTaken(CannotGoOn):
    """Somebody else listens where the pages should be."""

    code = "port-taken"


def listen(address: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes a free one. Errors: PortTaken."""
    # asyncio switches Nagle's algorithm off only for a socket that names its protocol; with it on, every
    # answer waits 40 ms for the other side's delayed acknowledgement.
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((address, port))
    except (OSError, OverflowError) as error:
        made.close()
        reason = getattr(error, "strerror", None) or "a port is a number from 0 to 65535"
        option = "--address" if _is_no_place_here(error) else "--port"
        raise PortTaken(f"{address}:{port}: {reason}; choose another with {option}") from None
    made.listen(256)
    return made


def _is_no_place_here(error: Exception) -> bool:
    """Whether it is the address that this machine does not have."""
    return isinstance(error, socket.gaierror) or getattr(error, "errno", None) == errno.EADDRNOTAVAIL
