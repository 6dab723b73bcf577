"""A link to a server that can break at the worst moment: after a word went through, before its answer."""

import socket
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

BLOCK = 65_536


class BreakingLink:
    """Carries bytes between clients and a server's socket file; `port` is where clients connect.

    After `break_after(word)` the next message of a client that holds the word reaches the server, and
    the link breaks when the server has answered: the client never learns. `broken` is set then; with
    `stays_down` nobody gets through any more until `mend`.
    """

    def __init__(self, server: Path) -> None:
        self._server = str(server)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.broken = Event()
        self._word: bytes | None = None
        self._stays_down = self._down = False
        Thread(target=self._accept, name="link", daemon=True).start()

    def break_after(self, word: bytes, *, stays_down: bool = False) -> None:
        """Let the link break at the answer to the next message with this word."""
        self.broken.clear()
        self._word, self._stays_down = word, stays_down

    def mend(self) -> None:
        """Let clients through again."""
        self._down = False

    def close(self) -> None:
        """Take no more clients."""
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                if self._down:
                    client.close()
                else:
                    self._join(client)

    def _join(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        server.connect(self._server)
        cut = Event()
        Thread(target=self._carry, args=(client, server, cut, True), daemon=True).start()
        Thread(target=self._carry, args=(server, client, cut, False), daemon=True).start()

    def _carry(self, giver: socket.socket, taker: socket.socket, cut: Event, asking: bool) -> None:
        with suppress(OSError):
            while (said := giver.recv(BLOCK)) and not self._down:
                if asking and self._word is not None and self._word in said:
                    self._word = None
                    cut.set()
                elif not asking and cut.is_set():
                    self._down = self._stays_down
                    self.broken.set()
                    break
                taker.sendall(said)
        for end in (giver, taker):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
