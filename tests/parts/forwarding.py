"""A proxy as it stands before an office: takes TCP connections, says in headers whom it brings, carries the rest."""

import socket
from contextlib import suppress
from threading import Thread

BLOCK = 65_536


class ForwardingProxy:
    """Carries each connection's one request to `server`, with `headers` added; `port` is where clients connect.

    Whom it brings is the client's own address, added to what the client says of it, as proxies do.
    """

    def __init__(self, server: int, **headers: str) -> None:
        self._server, self._headers = (
            server,
            {name.replace("_", "-"): value for name, value in headers.items()},
        )
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        Thread(target=self._accept, name="forwarding proxy", daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        """Take no more clients."""
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, (address, _) = self._listening.accept()
                Thread(target=self._carry, args=(client, address), daemon=True).start()

    def _carry(self, client: socket.socket, address: str) -> None:
        with suppress(OSError), client, socket.create_connection(("127.0.0.1", self._server)) as server:
            server.sendall(self._dressed(_head(client), address))
            Thread(target=_pass_on, args=(client, server), daemon=True).start()
            _pass_on(server, client)

    def _dressed(self, head: bytes, address: str) -> bytes:
        lines, _, rest = head.partition(b"\r\n\r\n")
        request, *said = lines.decode("latin-1").split("\r\n")
        given = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in said)}
        brought = [given.get("x-forwarded-for", ""), address]
        given |= {"x-forwarded-for": ", ".join(filter(None, brought)), "connection": "close"}
        given |= {name.lower(): value for name, value in self._headers.items()}
        dressed = "\r\n".join([request, *(f"{name}: {value}" for name, value in given.items())])
        return dressed.encode("latin-1") + b"\r\n\r\n" + rest


def _head(client: socket.socket) -> bytes:
    read = b""
    while b"\r\n\r\n" not in read and (said := client.recv(BLOCK)):
        read += said
    return read


def _pass_on(giver: socket.socket, taker: socket.socket) -> None:
    with suppress(OSError):
        while said := giver.recv(BLOCK):
            taker.sendall(said)
