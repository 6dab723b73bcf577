"""Clerks who go on giving orders while processes die under them, and remember what was acknowledged."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from threading import Event, Thread
from typing import Any
from uuid import UUID

from shared.work.common.calendar import day_of
from tests.journeys.network import Network
from tests.journeys.orders import petition
from tests.journeys.people import Person, Refused
from tests.journeys.waiting import PATIENCE, until

NOTHING_WAS_SAVED = 503
"""The status of a refusal that asks to send the same order again."""

PACE = 0.25
"""Time between two orders of a clerk who has given enough of them. Unit: seconds."""

_keys = count()


@dataclass
class Giver:
    """A clerk who registers matters one after the other, and sends each order again until it is acknowledged.

    With `refers_to`, each matter is offered to that office at once.
    """

    unit: str
    unit_id: UUID
    clerk: Person
    answers: list[dict[str, Any]] = field(default_factory=list)
    refusals: list[Refused] = field(default_factory=list)
    failure: BaseException | None = None
    refers_to: UUID | None = None

    def facts(self) -> list[UUID]:
        """Every fact that was acknowledged."""
        return [UUID(fact) for answer in self.answers for fact in answer["facts"]]

    def has_given(self, orders: int) -> bool:
        """Whether so many orders were acknowledged. Errors: what the clerk could not go on after."""
        return len(self._at_work().answers) >= orders

    def was_refused(self, times: int) -> bool:
        """Whether so many answers were refusals. Errors: what the clerk could not go on after."""
        return len(self._at_work().refusals) >= times

    def work(self, orders: int, done: Event) -> None:
        """Give so many orders, and then now and then one more until it is done."""
        try:
            for _ in range(orders):
                self._give()
            while not done.wait(PACE):
                self._give()
        except BaseException as failure:
            self.failure = failure

    def _at_work(self) -> "Giver":
        if self.failure:
            raise self.failure
        return self

    def _give(self) -> None:
        body = petition(self.unit_id, day_of(datetime.now(UTC)))
        matter = self._acknowledged("register-matter", body)
        if self.refers_to:
            self._acknowledged("refer-matter", {"case": matter["case"], "to": self.refers_to})

    def _acknowledged(self, order: str, body: dict[str, Any]) -> dict[str, Any]:
        key = f"{self.unit}-{next(_keys)}"
        until(lambda: self._is_acknowledged(order, key, body), f"an answer at {self.unit}")
        return self.answers[-1]

    def _is_acknowledged(self, order: str, key: str, body: dict[str, Any]) -> bool:
        try:
            self.answers.append(self.clerk.order(order, key=key, **body))
        except Refused as refusal:
            if refusal.status != NOTHING_WAS_SAVED:
                raise
            self.refusals.append(refusal)
            return False
        return True


@contextmanager
def at_work(givers: Sequence[Giver], *, orders: int) -> Iterator[None]:
    """Clerks give so many orders, and more while something happens; in the end each has all its answers."""
    done = Event()
    wanted = [len(giver.answers) + orders for giver in givers]
    threads = [Thread(target=giver.work, args=[orders, done], daemon=True) for giver in givers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert all(giver.has_given(total) for giver, total in zip(givers, wanted, strict=True))


def new_givers(network: Network, roles: dict[str, str]) -> list[Giver]:
    """A clerk at each unit, signed in."""
    return [Giver(unit, network.unit(unit), network.person(unit, role)) for unit, role in roles.items()]
