"""Departure: in the commit that records a fact, each of its routes gives it the next number and chain.

The place is stored with the fact, then the relay sends; so a number never belongs to two facts and
a recorded fact always has its place (decision 0005).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Engine, bindparam, select

from shared.envelope import CHAIN_START, Envelope, next_chain
from shared.event_log.journal import own_facts
from shared.event_log.known import JournaledFact
from shared.event_log.recorder import STORED_EVENTS
from shared.event_log.tables import JOURNAL, PLACES, ROUTES
from shared.event_log.transaction import Transaction
from shared.transport.evidence_given import followers, own_record
from shared.transport.route_names import route_in_incarnation
from shared.transport.routes import again, mailbox_route, routes_of
from shared.work.common.unit_tree import Directory

_OnRoute = tuple[str, JournaledFact]
_HEADS = select(ROUTES).where(ROUTES.c.route.in_(bindparam("routes", expanding=True)))


class Departed(NamedTuple):
    """An own fact with its place: the route in an incarnation of its node (route_names.py), number and chain there."""

    route: str
    number: int
    chain: bytes
    envelope: Envelope


@dataclass
class Head:
    """Last number and chain of a route."""

    last: int = 0
    chain: bytes = CHAIN_START


class RouteNumbering:
    """Follows the directory fact by fact and gives own facts their places."""

    def __init__(
        self, me: str, incarnation: int, load: Callable[[Connection], Directory], engine: Engine
    ) -> None:
        self.me = me
        self._incarnation = incarnation
        self._load = load
        self._heads: dict[str, Head] = {}
        self._came_back: Mapping[UUID, set[str]] = {}
        self._placed: list[Departed] = []
        self._departed: list[Departed] | None = None
        with engine.connect() as connection:
            self.directory = self._next = load(connection)

    def current_directory(self) -> Directory:
        """The directory as committed."""
        return self.directory

    def begin_incarnation(self, incarnation: int, came_back: Mapping[UUID, set[str]]) -> None:
        """From now on only what this incarnation records gets places, and what came back without some of its own.

        `came_back` says on which routes each fact did: on the others nobody has it.
        """
        self._incarnation, self._came_back = incarnation, came_back

    def read_again(self, connection: Connection) -> None:
        """Begin from what the database holds."""
        self.directory = self._next = self._load(connection)
        self._forget()

    def take_departed(self) -> list[Departed] | None:
        """What was committed since this was asked last; none when only the database can say."""
        departed, self._departed = self._departed, []
        return departed

    def depart(self, transaction: Transaction, news: list[JournaledFact]) -> None:
        """Give every own fact among the news its places, by the directory as of that fact."""
        departing: list[_OnRoute] = []
        for known in news:
            before, self._next = self._next, followed(self._next, known)
            if self._begins_here(known):
                routes = routes_of(known.envelope, self.me, self._next, before)
                departing += self._said_before(transaction, known, routes, before)
                departing += [_on(route, known) for route in routes]
                departing += self._for_followers(transaction, known, routes)
                departing += self._backfill(transaction, known)
            elif self.me in self._next.nodes:
                departing += self._goes_again(known, before)
        if departing:
            self._place(transaction, departing)

    def send_also(self, transaction: Transaction, node: str, facts: list[JournaledFact]) -> None:
        """Own facts of the past travel to a node that asked for them."""
        route = mailbox_route(node)
        self._place(transaction, [self._on_now(route, known) for known in facts])

    def _on_now(self, route: str, known: JournaledFact) -> _OnRoute:
        is_older = known.envelope.incarnation != self._incarnation
        return _on(again(route, self._incarnation) if is_older else route, known)

    def _place(self, transaction: Transaction, departing: list[_OnRoute]) -> None:
        routes = {route for route, _ in departing}
        self._read_heads(transaction.link, routes - self._heads.keys())
        rows: list[dict[str, Any]] = []
        for route, known in departing:
            head = self._heads[route]
            head.last += 1
            head.chain = next_chain(head.chain, head.last, known.envelope.digest)
            rows.append(
                {"route": route, "number": head.last, "position": known.position, "chain": head.chain}
            )
            self._placed.append(Departed(route, head.last, head.chain, known.envelope))
        transaction.writes.insert(PLACES, rows)
        transaction.writes.upsert(
            ROUTES, [{"route": route, **vars(self._heads[route])} for route in sorted(routes)]
        )

    def _read_heads(self, asking: Connection, routes: Iterable[str]) -> None:
        """Routes that this writer has not used yet; afterwards nobody else moves them."""
        fresh = {route: Head() for route in routes}
        if fresh:
            for row in asking.execute(_HEADS, {"routes": list(fresh)}):
                fresh[row.route] = Head(row.last, bytes(row.chain))
        self._heads |= fresh

    def commit(self) -> None:
        """Show the new directory, and what departed, to everybody."""
        self.directory = self._next
        placed, self._placed = self._placed, []
        if self._departed is not None:
            self._departed += placed

    def rollback(self) -> None:
        """Forget directory facts and places that were not committed."""
        self._next = self.directory
        self._forget()

    def _forget(self) -> None:
        self._heads.clear()
        self._placed, self._departed = [], None

    def _goes_again(self, known: JournaledFact, before: Directory) -> Iterable[_OnRoute]:
        """What came back takes those of its routes on which nobody had it."""
        had = self._came_back.get(known.envelope.id)
        if had is None:
            return []
        routes = routes_of(known.envelope, self.me, self._next, before)
        return [_on(again(route, self._incarnation), known) for route in routes if route not in had]

    def _begins_here(self, known: JournaledFact) -> bool:
        """Whether a fact is to get its places now; what an earlier incarnation recorded has its places already."""
        own = known.arrived is None and self.me in self._next.nodes
        return own and known.envelope.incarnation == self._incarnation

    def _for_followers(
        self, transaction: Transaction, known: JournaledFact, routes: list[str]
    ) -> Iterable[_OnRoute]:
        """What changes about a unit goes to those, too, who once asked for it."""
        if known.envelope.kind != "unit" or known.envelope.stream_version == 1:
            return []
        transaction.send()  # who asked in the same group has only been waiting
        nodes = followers(transaction.link, known.envelope.stream)
        return [_on(route, known) for node in nodes if (route := mailbox_route(node)) not in routes]

    def _said_before(
        self, transaction: Transaction, known: JournaledFact, routes: list[str], before: Directory
    ) -> Iterable[_OnRoute]:
        """Who hears of a unit for the first time hears first what was said of it before."""
        if known.envelope.kind != "unit" or known.envelope.stream_version == 1:
            return []
        fresh = [route for route in routes if route not in routes_of(known.envelope, self.me, before)]
        if not fresh:
            return []
        transaction.send()  # those of the same group have only been waiting
        record = own_record(transaction.link, known.envelope.stream)
        return [
            self._on_now(route, fact)
            for route in fresh
            for fact in record[: known.envelope.stream_version - 1]
        ]

    def _backfill(self, transaction: Transaction, known: JournaledFact) -> Iterable[_OnRoute]:
        """What a newly admitted node has to learn: every earlier directory fact that is its business."""
        if known.envelope.name != "node.admitted" or known.data["name"] == self.me:
            return []
        route = mailbox_route(known.data["name"])
        transaction.send()  # those of the same group have only been waiting
        earlier = _directory_facts(transaction.link, known.position)
        return [
            _on(route, fact) for fact in earlier if route in routes_of(fact.envelope, self.me, self._next)
        ]


def _on(route: str, fact: JournaledFact) -> _OnRoute:
    return route_in_incarnation(route, fact.envelope.incarnation), fact


def followed(directory: Directory, known: JournaledFact) -> Directory:
    """The directory after a fact; the same for a fact that is none of it."""
    if known.envelope.kind == "unit":
        return directory.with_unit(
            known.envelope.stream, known.envelope.name, known.data, known.envelope.stream_version
        )
    if known.envelope.kind == "node":
        return directory.with_node(known.envelope.name, known.data)
    return directory


def _directory_facts(connection: Connection, before: int) -> list[JournaledFact]:
    directory_fact = STORED_EVENTS.c.topic.like("unit.%") | STORED_EVENTS.c.topic.like("node.%")
    query = (
        own_facts(JOURNAL.c.position, STORED_EVENTS.c.state)
        .where(JOURNAL.c.position < before, JOURNAL.c.own, directory_fact)
        .order_by(JOURNAL.c.position)
    )
    rows = connection.execute(query).all()
    return [JournaledFact(Envelope.read(bytes(row.state)), {}, row.position, None) for row in rows]
