"""Whoever opens a connection and says little is let go; whoever speaks in time is answered."""

import socket
from collections.abc import Iterator
from threading import Thread

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from services import patience
from services.listening import listen
from services.running import web_config

SOON = 0.2
"""Patience of the test's server. Unit: seconds."""
NEVER = 3_600.0
LET_GO_WITHIN = 20
"""Longest wait for what must happen. Unit: seconds; a server without an end to its patience fails the test by it."""


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    body = await Request(scope, receive).body()
    await PlainTextResponse(body)(scope, receive, send)


@pytest.fixture
def port() -> Iterator[int]:
    taken = listen("127.0.0.1", 0)
    server = uvicorn.Server(web_config(echo))
    thread = Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
    thread.start()
    yield taken.getsockname()[1]
    server.should_exit = True
    thread.join(LET_GO_WITHIN)


def answer_to(port: int, *said: bytes) -> bytes:
    """All that the server says until it lets go."""
    with socket.create_connection(("127.0.0.1", port), timeout=LET_GO_WITHIN) as client:
        for part in said:
            client.sendall(part)
        answer = b""
        while part := client.recv(65_536):
            answer += part
        return answer


def impatient(monkeypatch: pytest.MonkeyPatch, *, headers: float = NEVER, body: float = NEVER) -> None:
    monkeypatch.setattr(patience, "HEADERS_WITHIN", headers)
    monkeypatch.setattr(patience, "BODY_WITHIN", body)


@pytest.mark.parametrize("said", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: 1\r\n"])
def test_given_headers_without_an_end_when_patience_ends_then_the_connection_is_let_go(
    monkeypatch: pytest.MonkeyPatch, port: int, said: bytes
):
    impatient(monkeypatch, headers=SOON)
    assert answer_to(port, said).startswith(b"HTTP/1.1 408")


def test_given_a_second_request_that_is_not_ended_then_its_connection_is_let_go_too(
    monkeypatch: pytest.MonkeyPatch, port: int
):
    impatient(monkeypatch, headers=SOON)
    answer = answer_to(port, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET / HTTP/1.1\r\nHo")
    assert answer.startswith(b"HTTP/1.1 200") and b"HTTP/1.1 408" in answer


def test_given_a_body_that_does_not_come_when_patience_ends_then_the_connection_is_let_go(
    monkeypatch: pytest.MonkeyPatch, port: int
):
    impatient(monkeypatch, body=SOON)
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n"
    assert answer_to(port, head, b"only this").startswith(b"HTTP/1.1 408")


def test_given_headers_larger_than_any_browser_s_then_they_are_refused_at_once(
    monkeypatch: pytest.MonkeyPatch, port: int
):
    impatient(monkeypatch)
    answer = answer_to(port, b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * patience.LARGEST_HEAD)
    assert answer.startswith(b"HTTP/1.1 431")


def test_given_a_request_that_comes_in_parts_and_in_time_then_it_is_answered(
    monkeypatch: pytest.MonkeyPatch, port: int
):
    impatient(monkeypatch)
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 9\r\n\r\n"
    answer = answer_to(port, head[:20], head[20:], b"said", b" late")
    assert answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"said late")
