"""What one node still has to send: its routes, how far the wire took them, and who holds what."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from threading import Lock
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, bindparam, select

from shared.envelope import Envelope
from shared.event_log.group import Group
from shared.event_log.journal import own_facts
from shared.event_log.node_keys import NodeKeys
from shared.event_log.recorder import STORED_EVENTS
from shared.event_log.tables import HOLDINGS, JOURNAL, PLACES, ROUTES, SENT
from shared.transport.departures import Departed
from shared.transport.messages import OnRoute, chain_statement, fact_message
from shared.transport.route_names import oldest_of_each_route, route_and_incarnation
from shared.transport.routes import way_of
from shared.transport.wire import Message

FRESH = 100
"""Facts of one route that are kept at hand until they are sent. Unit: facts; as many as a window."""

_LASTS = select(ROUTES.c.route, ROUTES.c.last).order_by(ROUTES.c.route)
_DEPARTED = (
    own_facts(PLACES.c.number, PLACES.c.chain, STORED_EVENTS.c.state)
    .join(PLACES, PLACES.c.position == JOURNAL.c.position)
    .where(PLACES.c.route == bindparam("route"), PLACES.c.number > bindparam("after"))
    .order_by(PLACES.c.number)
    .limit(bindparam("most"))
)


class Acknowledged(NamedTuple):
    """What a holder says that it holds of a route, and when it said so, by its own clock."""

    at: str
    held: int


@dataclass(frozen=True)
class RouteState:
    """A route in one incarnation: last number, what the wire took, what each holder says it holds."""

    route: str
    last: int
    sent: int
    held: dict[str, int]


class Outbox:
    """Reads departed facts by their places; keeps in memory how far each route was sent."""

    def __init__(self, me: str, engine: Engine, keys: NodeKeys) -> None:
        self.me = me
        self._engine = engine
        self._keys = keys
        with engine.connect() as connection:
            self.sent = {row.route: row.number for row in connection.execute(select(SENT))}
            self._acknowledged = _acknowledged(connection)
        self._being_acknowledged: dict[str, dict[str, Acknowledged]] = {}
        self._saved = dict(self.sent)
        self.commits = 0
        self._doubts, self._doubts_seen = 1, 0
        self._lasts: dict[str, int] = {}
        self._fresh: dict[str, deque[Departed]] = {}
        self._lock = Lock()

    def committed(self, departed: Iterable[Departed] | None) -> None:
        """This node's writer has committed these; none: it has committed something, or perhaps has, so look in the log."""
        self.commits += 1
        with self._lock:
            if departed is None:
                self._doubts += 1
                self._fresh.clear()
                return
            for fact in departed:
                self._lasts[fact.route] = fact.number
                fresh = self._fresh.setdefault(fact.route, deque())
                if len(fresh) == FRESH:
                    fresh.clear()  # the relay is far behind and reads on in the log
                fresh.append(fact)

    @property
    def unsaved(self) -> bool:
        """Whether a restart now would send again what the wire took already."""
        return self.sent != self._saved

    def waiting(self, up_to: Callable[[str, int], int]) -> dict[str, int]:
        """For each route that has something to send, how much of it may go now.

        `up_to` says of a route and the last number sent up to which number it may.
        """
        lasts = self._last_numbers()
        ahead = {route: last for route, last in lasts.items() if last > self.sent.get(route, 0)}
        first = {route: ahead[route] for route in oldest_of_each_route(ahead)}
        may = {route: min(last, up_to(route, self.sent.get(route, 0))) for route, last in first.items()}
        return {
            route: number - self.sent.get(route, 0)
            for route, number in may.items()
            if number > self.sent.get(route, 0)
        }

    def batches(self, waiting: Mapping[str, int], most: int) -> dict[str, list[OnRoute]]:
        """The next facts of each of these routes in order, at most so many of each."""
        counts = {route: min(count, most) for route, count in waiting.items()}
        found = {
            route: facts for route, count in counts.items() if (facts := self._just_departed(route, count))
        }
        older = {route: count for route, count in counts.items() if route not in found}
        if older:
            with self._engine.connect() as connection:
                found |= {route: self._read(connection, route, count) for route, count in older.items()}
        return {route: [self._on_route(fact) for fact in found[route]] for route in waiting}

    def held_of(self, route: str, holder: str) -> int:
        """What a holder said that it holds of a route; 0 when it said nothing."""
        acknowledged = self._acknowledged.get(route, {}).get(holder)
        return acknowledged.held if acknowledged else 0

    def holders_who_know(self, route: str) -> set[str]:
        """Who has spoken of a route at all, if only to say that nothing of it has come."""
        return set(self._acknowledged.get(route, {}))

    def is_behind(self, held: Mapping[str, int]) -> bool:
        """Whether somebody holds more of a route than was ever given a number here."""
        lasts = self._last_numbers() if held else {}
        return any(number > lasts.get(route, 0) for route, number in held.items())

    def forget(self, connection: Connection, holder: str) -> None:
        """Forget what a holder had said: it was restored, so that is not so any more, and its clock may have gone back."""
        connection.execute(HOLDINGS.delete().where(HOLDINGS.c.holder == holder))
        for acknowledged in (*self._acknowledged.values(), *self._being_acknowledged.values()):
            acknowledged.pop(holder, None)

    def acknowledged_by(self, holder: str, route: str) -> Acknowledged | None:
        """The last word of a holder on a route, also one of the group that is open."""
        open_now, known = self._being_acknowledged.get(route, {}), self._acknowledged.get(route, {})
        return open_now.get(holder) or known.get(holder)

    def record_receipt(self, group: Group, holder: str, held: Mapping[str, int], sent_at: str) -> None:
        """Store what a holder says it holds; it counts from the group's commit on."""
        group.writes.upsert(HOLDINGS, holding_rows(holder, held, sent_at))
        for route, number in held.items():
            self._being_acknowledged.setdefault(route, {})[holder] = Acknowledged(sent_at, number)
        group.on_commit.append(self._receipts_are_durable)
        group.on_rollback.append(self._being_acknowledged.clear)

    def _receipts_are_durable(self) -> None:
        for route, acknowledged in self._being_acknowledged.items():
            self._acknowledged.setdefault(route, {}).update(acknowledged)
        self._being_acknowledged.clear()

    def messages(self, topic: str, facts: Iterable[OnRoute]) -> list[Message]:
        """The messages of facts for a topic."""
        return [fact_message(topic, fact) for fact in facts]

    def took(self, route: str, batch: Sequence[OnRoute]) -> None:
        """The wire acknowledged a batch; it does not count when somebody went back in the meantime."""
        if self.sent.get(route, 0) == batch[0].number - 1:
            self.sent[route] = batch[-1].number

    def go_back(self, route: str, number: int) -> None:
        """Send the route again after a number."""
        if number < self.sent.get(route, 0):
            self.sent[route] = number

    def save(self, group: Group) -> None:
        """Remember how far the routes were sent, in the group's commit; a restart goes on from here."""
        now = {route: number for route, number in self.sent.items() if self._saved.get(route) != number}
        group.writes.upsert(SENT, [{"route": route, "number": number} for route, number in now.items()])
        group.on_commit.append(lambda: self._saved.update(now))

    def states(self) -> list[RouteState]:
        """Every route with what is known of it."""
        return [
            RouteState(route, last, self.sent.get(route, 0), self._held(route))
            for route, last in self._last_numbers().items()
        ]

    def _held(self, route: str) -> dict[str, int]:
        return {
            holder: acknowledged.held
            for holder, acknowledged in dict(self._acknowledged.get(route, {})).items()
        }

    def _last_numbers(self) -> dict[str, int]:
        """The last number of each route, by name; the database is asked only where a commit left a doubt."""
        doubts = self._doubts  # before the look: what is committed meanwhile is looked for again
        found: dict[str, int] = {}
        if self._doubts_seen != doubts:
            with self._engine.connect() as connection:
                found = {row.route: row.last for row in connection.execute(_LASTS)}
        with self._lock:
            for route, last in found.items():
                # What was committed during the look has been told already, and routes never get shorter.
                self._lasts[route] = max(last, self._lasts.get(route, 0))
            self._doubts_seen = max(doubts, self._doubts_seen)
            return dict(sorted(self._lasts.items()))

    def _just_departed(self, route: str, count: int) -> list[Departed]:
        """The next facts of a route if they are still in memory; none when they have to be read."""
        sent = self.sent.get(route, 0)
        with self._lock:
            fresh = self._fresh.get(route, deque())
            while fresh and fresh[0].number <= sent:
                fresh.popleft()
            return list(islice(fresh, count)) if fresh and fresh[0].number == sent + 1 else []

    def _read(self, connection: Connection, route: str, most: int) -> list[Departed]:
        after = {"route": route, "after": self.sent.get(route, 0), "most": most}
        return [
            Departed(route, row.number, bytes(row.chain), Envelope.kept(bytes(row.state)))
            for row in connection.execute(_DEPARTED, after)
        ]

    def _on_route(self, fact: Departed) -> OnRoute:
        route, _ = route_and_incarnation(fact.route)
        signature = self._keys.sign(chain_statement(fact.envelope, route, fact.number, fact.chain))
        return OnRoute(fact.envelope, route, fact.number, fact.chain, signature)


def in_all_incarnations(states: Iterable[RouteState]) -> list[RouteState]:
    """Each way once, its incarnations added up: what all of them sent, and what of it is held."""
    found: dict[str, RouteState] = {}
    for state in states:
        route = way_of(route_and_incarnation(state.route)[0])
        before = found.get(route, RouteState(route, 0, 0, {}))
        held = {holder: before.held.get(holder, 0) + number for holder, number in state.held.items()}
        found[route] = RouteState(route, before.last + state.last, before.sent + state.sent, held)
    return [found[route] for route in sorted(found)]


def holding_rows(holder: str, held: Mapping[str, int], told_at: str) -> list[dict[str, Any]]:
    """Rows of HOLDINGS for what a holder says that it holds of each route."""
    return [
        {"holder": holder, "route": route, "held": number, "told_at": told_at}
        for route, number in held.items()
    ]


def receipt_moments(connection: Connection) -> dict[tuple[str, str], str]:
    """Per route and holder when the holder last said how much it holds, by its own clock."""
    by_age = connection.execute(select(HOLDINGS).order_by(HOLDINGS.c.told_at))
    return {(way_of(route_and_incarnation(row.route)[0]), row.holder): row.told_at for row in by_age}


def _acknowledged(connection: Connection) -> dict[str, dict[str, Acknowledged]]:
    acknowledged: dict[str, dict[str, Acknowledged]] = {}
    for row in connection.execute(select(HOLDINGS)):
        acknowledged.setdefault(row.route, {})[row.holder] = Acknowledged(row.told_at, row.held)
    return acknowledged
