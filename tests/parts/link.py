"""A link to a server on this machine that goes down, crawls, hangs and is reset, as lines to villages do."""

import asyncio
import socket
import struct
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable
from contextlib import suppress
from threading import Thread

BLOCK = 1_024
"""Bytes that travel together; small, so that a slow line is slow evenly. Unit: bytes."""
AT_ONCE_CLOSED = struct.pack("ii", 1, 0)
"""SO_LINGER that makes closing a socket a reset."""


class Joined:
    """Both ends of one connection, and whether anything still passes between them."""

    def __init__(self, *ends: StreamWriter) -> None:
        self.ends = ends
        self.passes = asyncio.Event()
        self.passes.set()


class Link:
    """Carries bytes between clients, who connect to `port`, and a server's port on the loopback address."""

    def __init__(self, server: int) -> None:
        self._server = server
        self._rate: float | None = None
        self._up = asyncio.Event()
        self._up.set()
        self._joined: set[Joined] = set()
        listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = listening.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        Thread(target=self._run, args=[listening], name="link", daemon=True).start()

    def down(self) -> None:
        """Nothing passes any more and nobody is told, until `mend`."""
        self._do(self._up.clear)

    def slow(self, bytes_per_second: float) -> None:
        """Each connection passes so much in each direction, until `mend`."""
        self._do(lambda: setattr(self, "_rate", bytes_per_second))

    def mend(self) -> None:
        """The link is up and fast."""
        self._do(lambda: setattr(self, "_rate", None))
        self._do(self._up.set)

    def half_open(self) -> None:
        """Connections that stand lose their way for ever and nobody is told; new ones pass."""
        self._do(lambda: [joined.passes.clear() for joined in self._joined])

    def reset(self) -> None:
        """Connections that stand are reset at both ends; new ones pass."""
        self._do(lambda: [_reset(end) for joined in self._joined for end in joined.ends])

    def close(self) -> None:
        """Carry nothing any more."""
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _do(self, work: Callable[[], object]) -> None:
        async def done() -> None:
            work()

        asyncio.run_coroutine_threadsafe(done(), self._loop).result(5)

    def _run(self, listening: socket.socket) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(asyncio.start_server(self._join, sock=listening))
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _join(self, reader: StreamReader, client: StreamWriter) -> None:
        with suppress(OSError):
            await self._up.wait()
            from_server, server = await asyncio.open_connection("127.0.0.1", self._server)
            joined = Joined(client, server)
            self._joined.add(joined)
            try:
                await asyncio.gather(
                    self._carry(joined, reader, server), self._carry(joined, from_server, client)
                )
            finally:
                self._joined.discard(joined)

    async def _carry(self, joined: Joined, giver: StreamReader, taker: StreamWriter) -> None:
        with suppress(OSError):
            while said := await giver.read(BLOCK):
                if self._rate is not None:
                    await asyncio.sleep(len(said) / self._rate)
                await self._up.wait()
                await joined.passes.wait()
                taker.write(said)
                await taker.drain()
        taker.close()


def _reset(end: StreamWriter) -> None:
    if end.is_closing():
        return
    end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE_CLOSED)
    end.transport.abort()
