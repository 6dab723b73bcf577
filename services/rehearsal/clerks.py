"""The people of a rehearsal: accounts, one sign-in each, and orders with the rehearsal's clock."""

import csv
import http.client
import json
import secrets
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from services.founding import FIRST_PASSWORDS
from shared.settings.network import read_network

CLERKS_FILE = "rehearsal-clerks.csv"
ATTEMPTS = 3
AT_ONCE = 8
"""Sign-ins under way at once; password checks are slow on purpose and the machine has two cores."""


@dataclass(frozen=True)
class Post:
    """A person's place: which node, which unit, which role; `login` and `name` follow from them."""

    node: str
    unit: str
    role: str
    login: str
    name: str


class OrderRefused(Exception):
    """An order of the rehearsal was refused; `code` is the refusal's."""

    def __init__(self, name: str, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{name}: {status} {body.get('code')}: {body.get('title')}")
        self.code = str(body.get("code"))


@dataclass(frozen=True)
class Reply:
    """An answer as it came."""

    status: int
    body: bytes
    cookie: str


class HttpClient:
    """One address of a running host; `nodes` are those that answer there."""

    def __init__(self, url: str) -> None:
        self.url = url
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "127.0.0.1", parts.port or 80
        self.base = parts.path.rstrip("/")
        self._kept = threading.local()

    def send(self, method: str, path: str, content: bytes | None, headers: dict[str, str]) -> Reply:
        """Send a request on this thread's connection; once more on a new one when it had been closed.

        Sending again is harmless: questions change nothing, orders carry an idempotency key.
        """
        for attempt in range(ATTEMPTS):
            try:
                connection = self._connection()
                connection.request(method, self.base + path, content, headers)
                response = connection.getresponse()
                return Reply(response.status, response.read(), response.getheader("Set-Cookie") or "")
            except (ConnectionError, http.client.HTTPException):
                self._kept.connection = None
                if attempt == ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _connection(self) -> http.client.HTTPConnection:
        if getattr(self._kept, "connection", None) is None:
            self._kept.connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        return self._kept.connection


class Clerk:
    """One person; signs in once, with the first thing that is asked of them. May be used from several threads."""

    def __init__(self, client: HttpClient, post: Post, password: str, token: str) -> None:
        """`token` is the rehearsal's, which lets its people set its clock."""
        self.post = post
        self._prefix = f"/n/{post.node}"
        self._client = client
        self._password = password
        self._headers = {"Content-Type": "application/json", "Huiyin-Rehearsal-Token": token}
        self._at_the_door = threading.Lock()

    def _sign_in(self) -> None:
        credentials = {"login": self.post.login, "password": self._password}
        answer, cookie = self._exchange("POST", "/api/session", credentials)
        self._headers = self._headers | {"Cookie": cookie, "Huiyin-Form-Token": answer["form_token"]}

    def order(self, name: str, at: datetime, key: str, body: dict[str, Any]) -> dict[str, Any]:
        """Give an order at a moment of the rehearsal, under an idempotency key. Errors: OrderRefused."""
        more = {"Huiyin-Rehearsal-Clock": at.isoformat(), "Idempotency-Key": key}
        return self._send("POST", f"/api/orders/{name}", body, more)

    def ask(self, path: str, at: datetime | None = None) -> Any:
        """Ask a question as JSON. Errors: OrderRefused."""
        more = {"Huiyin-Rehearsal-Clock": at.isoformat()} if at else {}
        return self._send("GET", path, None, more)

    def make_account(self, post: Post, password: str) -> None:
        """Make a clerk's account; one that is there already stays. Errors: OrderRefused."""
        body = {
            "login": post.login,
            "name": post.name,
            "unit": post.unit,
            "role": post.role,
            "password": password,
        }
        try:
            self._send("POST", "/api/accounts", body)
        except OrderRefused as refusal:
            if refusal.code != "login-taken":
                raise

    def _send(self, method: str, path: str, body: Any, more: dict[str, str] | None = None) -> Any:
        with self._at_the_door:
            if "Cookie" not in self._headers:
                self._sign_in()
        return self._exchange(method, path, body, more)[0]

    def _exchange(
        self, method: str, path: str, body: Any, more: dict[str, str] | None = None
    ) -> tuple[Any, str]:
        content = json.dumps(body).encode() if body is not None else None
        reply = self._client.send(method, self._prefix + path, content, self._headers | (more or {}))
        answer = json.loads(reply.body or b"null")
        if reply.status >= 400:
            raise OrderRefused(path, reply.status, answer or {})
        return answer, reply.cookie.split(";", 1)[0]


class Staff:
    """Everybody of the rehearsal, made by the nodes' first administrators and signed in once."""

    def __init__(self, data: Path, clients: dict[str, HttpClient]) -> None:
        self._data = data
        self._clients = clients
        self._token = read_network(data).rehearsal_token
        self._clerks: dict[tuple[str, str], Clerk] = {}

    def hire(self, posts: Iterable[Post]) -> None:
        """Make accounts that are missing; everybody signs in when their first work comes."""
        listed = list(posts)
        known = self._known()
        fresh = {post.login: secrets.token_urlsafe(12) for post in listed if post.login not in known}
        missing = [post for post in listed if post.login in fresh]
        nodes = {post.node for post in missing}
        passwords = known | fresh
        # Kept first: an account whose password got lost on the way could not be used by the next attempt.
        self._keep(passwords)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(
                pool.map(
                    lambda node: self._make(node, [p for p in missing if p.node == node], fresh),
                    sorted(nodes),
                )
            )
        hired = (Clerk(self._clients[post.node], post, passwords[post.login], self._token) for post in listed)
        self._clerks |= {(clerk.post.unit, clerk.post.role): clerk for clerk in hired}

    def of(self, unit: str, role: str = "") -> Clerk:
        """The clerk of a unit; the one who does the daily work when no role is named."""
        for wanted in (role,) if role else ("information_officer", "petition_clerk"):
            if (unit, wanted) in self._clerks:
                return self._clerks[unit, wanted]
        raise KeyError(f"nobody is {role or 'clerk'} at {unit}")

    def administrator(self, node: str) -> Clerk:
        """The first administrator of a node, signed in."""
        password = next(row["password"] for row in self._rows(FIRST_PASSWORDS) if row["node"] == node)
        return Clerk(self._clients[node], Post(node, "", "administrator", "admin", ""), password, self._token)

    def _make(self, node: str, posts: list[Post], passwords: dict[str, str]) -> None:
        administrator = self.administrator(node)
        for post in posts:
            administrator.make_account(post, passwords[post.login])

    def _known(self) -> dict[str, str]:
        return {row["login"]: row["password"] for row in self._rows(CLERKS_FILE)}

    def _rows(self, name: str) -> list[dict[str, str]]:
        path = self._data / name
        if not path.exists():
            return []
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def _keep(self, passwords: dict[str, str]) -> None:
        path = self._data / CLERKS_FILE
        path.touch(mode=0o600)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("login", "password"), *passwords.items()])
