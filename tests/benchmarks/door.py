"""A node's pages asked in this process, one request after the other, so that nothing but the server's work is timed."""

import asyncio
import gzip
import json
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Engine, event

from services.network import serve
from shared.node.node import Node
from tests.benchmarks.lives.kept import PASSWORD


@dataclass(frozen=True)
class Answer:
    """What came back; `took` until its last byte was handed over, `worked` of it this process (seconds), `size` as sent."""

    status: int
    took: float
    worked: float
    size: int
    headers: dict[str, str]
    cookies: tuple[str, ...]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Door:
    """The app that serves one node, and people who are signed in there."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.app = serve([node], alone=True)
        self._loop = asyncio.new_event_loop()

    def close(self) -> None:
        """Let go of it."""
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def sign_in(self, login: str) -> str:
        """Open a session; gives the cookies that speak for it and for the browser."""
        body = json.dumps({"login": login, "password": PASSWORD}).encode()
        answer = self.send("POST", "/api/session", body=body)
        if answer.status != 200:
            raise RuntimeError(f"{self.node.name}: {login}: {answer.text}")
        return "; ".join(answer.cookies)

    def get(self, address: str, cookie: str = "") -> Answer:
        """Open a page or ask a question."""
        return self.send("GET", address, cookie)

    def send(self, method: str, address: str, cookie: str = "", body: bytes = b"") -> Answer:
        """Any request."""
        return self._loop.run_until_complete(self._send(method, address, cookie, body))

    async def _send(self, method: str, address: str, cookie: str, body: bytes) -> Answer:
        scope = _scope(method, address, cookie)
        begins: dict[str, Any] = {}
        parts: list[bytes] = []
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            return waiting.pop() if waiting else await asyncio.Future()  # nobody hangs up

        async def send(message: Any) -> None:
            begins.update(message) if message["type"] == "http.response.start" else parts.append(
                message["body"]
            )

        begun, worked = perf_counter(), process_time()
        await self.app(scope, receive, send)
        took, worked = perf_counter() - begun, process_time() - worked
        headers = {name.decode().lower(): value.decode() for name, value in begins["headers"]}
        sent = b"".join(parts)
        plain = gzip.decompress(sent) if headers.get("content-encoding") == "gzip" else sent
        set_ = [value.decode() for name, value in begins["headers"] if name.lower() == b"set-cookie"]
        cookies = tuple(cookie.split(";")[0] for cookie in set_)
        return Answer(begins["status"], took, worked, len(sent), headers, cookies, plain)


def _scope(method: str, address: str, cookie: str) -> dict[str, Any]:
    parts = urlsplit(address)
    headers = {"host": "127.0.0.1", "accept-encoding": "gzip", "content-type": "application/json"}
    headers |= {"accept-language": "zh"} | ({"cookie": cookie} if cookie else {})
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }


class Statements:
    """Counts what is sent to databases while it is entered."""

    def __enter__(self) -> "Statements":
        self.count = 0
        event.listen(Engine, "before_cursor_execute", self._one_more)
        return self

    def __exit__(self, *error: object) -> None:
        event.remove(Engine, "before_cursor_execute", self._one_more)

    def _one_more(self, *_: object) -> None:
        self.count += 1
