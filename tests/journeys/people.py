"""People at their offices: signed in over HTTP, giving orders and asking questions as JSON."""

from copy import copy
from datetime import datetime
from typing import Any

import httpx

PASSWORD = "correct-horse-battery"
TIMEOUT = 40.0
"""Longest wait for an answer. Unit: seconds; a database that is gone is refused sooner."""

CLOCK = "Huiyin-Rehearsal-Clock"
TOKEN = "Huiyin-Rehearsal-Token"


class Refused(AssertionError):
    """An order or a question that was answered with a problem."""

    def __init__(self, reply: httpx.Response) -> None:
        super().__init__(f"{reply.request.url.path}: {reply.status_code} {reply.text[:300]}")
        self.status = reply.status_code
        self.kind = reply.headers["content-type"]
        self.seconds = reply.elapsed.total_seconds()
        self.problem: dict[str, Any] = reply.json() if "json" in self.kind else {}
        self.code = self.problem.get("code")


class Person:
    """Somebody signed in at an office; `at` sets the clock of a rehearsal network, whose `token` they have."""

    def __init__(self, address: str, login: str, password: str = PASSWORD, *, token: str = "") -> None:
        self.http = httpx.Client(base_url=address, timeout=TIMEOUT, headers={TOKEN: token} if token else {})
        self._sign_in(login, password)

    def order(
        self, name: str, /, *, at: datetime | None = None, key: str | None = None, **body: Any
    ) -> dict[str, Any]:
        """Give an order; its answer. Errors: Refused, httpx's when nobody answers."""
        headers = _clock(at) | ({"Idempotency-Key": key} if key else {})
        return _answer(self.http.post(f"/api/orders/{name}", json=_plain(body), headers=headers))

    def refused(self, name: str, /, *, at: datetime | None = None, **body: Any) -> Refused:
        """Give an order that must be refused; the refusal."""
        try:
            answer = self.order(name, at=at, **body)
        except Refused as refusal:
            return refusal
        raise AssertionError(f"{name} was done: {answer}")

    def ask(self, path: str, *, at: datetime | None = None, **query: Any) -> Any:
        """Ask a question as JSON."""
        return _answer(self.http.get(path, params=_plain(query), headers=_clock(at)))

    def page(self, path: str, *, at: datetime | None = None) -> str:
        """A page's text."""
        reply = self.http.get(path, headers=_clock(at), follow_redirects=True)
        assert reply.status_code == 200, f"{path}: {reply.status_code} {reply.text[:300]}"
        return reply.text

    def change_password(self, current: str, new: str = PASSWORD) -> None:
        """Choose one's own password; signs in again."""
        form = {"csrf": self.http.headers["Huiyin-Form-Token"], "current": current, "new": new}
        reply = self.http.post("/password", data=form)
        assert reply.status_code == 303, reply.text
        self._sign_in(self._login, new)

    def sign_in_again(self) -> None:
        """Sign in with the same password, after all sessions of the node were ended."""
        self._sign_in(self._login, self._password)

    def elsewhere(self, address: str) -> "Person":
        """The same person with the same session at another address of the node."""
        made = copy(self)
        made.http = httpx.Client(
            base_url=address, timeout=TIMEOUT, headers=self.http.headers, cookies=self.http.cookies
        )
        return made

    def _sign_in(self, login: str, password: str) -> None:
        self._login, self._password = login, password
        answer = _answer(self.http.post("/api/session", json={"login": login, "password": password}))
        self.http.headers["Huiyin-Form-Token"] = answer["form_token"]


def _answer(reply: httpx.Response) -> Any:
    if reply.is_error:
        raise Refused(reply)
    return reply.json()


def _clock(at: datetime | None) -> dict[str, str]:
    return {CLOCK: at.isoformat()} if at else {}


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, (int, list)) else str(value) for name, value in values.items()}
