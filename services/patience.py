"""How long a connection may take to say what it wants: whoever opens many and says little is let go.

A process serves every clerk of its nodes, and what stands half open takes a place and a file of the system. Speed within
these times is not asked for: a form with every field full passes a line of 64 kbit/s in time.
"""

from asyncio import TimerHandle, Transport
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADERS_WITHIN = 10.0
"""From the connection, or a request's first byte, to the end of its headers. Unit: seconds; a few kilobytes, on any line."""

BODY_WITHIN = 60.0
"""From the end of a request's headers to the end of its body. Unit: seconds; the largest body (400 kB) at 64 kbit/s."""

LARGEST_HEAD = 65_536
"""Largest address and headers together. Unit: bytes; a browser's are under two thousand."""

TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class PatientProtocol(HttpToolsProtocol):
    """The server's protocol with an end to its patience; between two requests of a connection the server's own idle time counts."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._waiting: TimerHandle | None = None
        self._head: int | None = 0

    # asyncio gives a streaming protocol a Transport; its stub names the base of all transports.
    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Somebody connected; the headers are awaited."""
        super().connection_made(transport)
        self._wait(HEADERS_WITHIN)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is awaited any more."""
        self._wait(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some bytes came; headers without an end are refused."""
        if self._head is not None:
            self._head += len(data)
        super().data_received(data)
        if self._head is not None and self._head > LARGEST_HEAD:
            self._let_go(TOO_LARGE)

    def on_message_begin(self) -> None:
        """A request's first byte."""
        super().on_message_begin()
        self._head = self._head or 0
        self._wait(HEADERS_WITHIN)

    def on_headers_complete(self) -> None:
        """The body is awaited."""
        self._head = None
        self._wait(BODY_WITHIN)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of the request is there; answering may take what it takes."""
        self._wait(None)
        super().on_message_complete()

    def _wait(self, seconds: float | None) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = self.loop.call_later(seconds, self._let_go, TOO_SLOW) if seconds else None

    def _let_go(self, said: bytes) -> None:
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(said)
        self.transport.close()
