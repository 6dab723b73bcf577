"""The client of the benchmarks over HTTP: a process of its own, so that it shares no interpreter with the server.

    python -m tests.benchmarks.client PORT STATUS < requests.json

Reads one list of requests, as text, for each connection. Every connection waits for its answer
before it sends the next request. Prints requests a second; any other status ends it with an error.
"""

import asyncio
import json
import subprocess
import sys
from time import perf_counter

import uvloop

REQUEST_ENDS_WITHIN = 120
"""Longest run of all requests. Unit: seconds; a run takes some seconds."""


class Connection(asyncio.Protocol):
    """One connection with its requests; `done` is set once all are answered as they should be."""

    def __init__(self, requests: list[str], status: str) -> None:
        self._waiting = [request.encode() for request in reversed(requests)]
        self._status = f"HTTP/1.1 {status} ".encode()
        self._came = b""
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the line."""
        self._transport = transport

    def send_next(self) -> None:
        """Send the next request, or be done."""
        if self._waiting:
            self._transport.write(self._waiting.pop())
        else:
            self.done.set_result(None)

    def data_received(self, data: bytes) -> None:
        """Take a part of an answer."""
        self._came += data
        head, end, body = self._came.partition(b"\r\n\r\n")
        if end and len(body) >= _length(head):
            if not head.startswith(self._status):
                self.done.set_exception(RuntimeError(self._came.decode(errors="replace")[:1000]))
                return
            self._came = b""
            self.send_next()

    def connection_lost(self, error: Exception | None) -> None:
        """The server hung up."""
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server hung up"))


def _length(head: bytes) -> int:
    return next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))


async def ask(port: int, status: str, requests: list[list[str]]) -> float:
    """Open the connections, then send everything; gives requests a second."""
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda own=own: Connection(own, status), "127.0.0.1", port)
        for own in requests
    ]
    begun = perf_counter()
    for _, connection in made:
        connection.send_next()
    await asyncio.gather(*(connection.done for _, connection in made))
    took = perf_counter() - begun
    for transport, _ in made:
        transport.close()
    return sum(map(len, requests)) / took


def rate_of(url: str, status: int, requests: list[list[str]]) -> float:
    """Let a client process ask a server; gives requests a second. Errors: RuntimeError with what it said."""
    port = url.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "tests.benchmarks.client", port, str(status)]
    done = subprocess.run(
        command, input=json.dumps(requests), capture_output=True, text=True, timeout=REQUEST_ENDS_WITHIN
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return float(done.stdout)


def request(method: str, path: str, headers: dict[str, str], body: str = "") -> str:
    """A request as it stands on the line."""
    said = {"Host": "127.0.0.1", **headers, "Content-Length": str(len(body.encode()))}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items())]
    return "\r\n".join([*lines, "", body])


if __name__ == "__main__":
    print(uvloop.run(ask(int(sys.argv[1]), sys.argv[2], json.load(sys.stdin))))
