"""What one node still has to send of its facts: how much may go now, and what goes once more."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace

from shared.node.outgoing import Outgoing, OutgoingControl
from shared.node.ways import Ways
from shared.restore.messages import new_incarnation_body
from shared.transport.departures import RouteNumbering
from shared.transport.outbox import Outbox, RouteState, in_all_incarnations
from shared.transport.window import SendWindow


@dataclass(frozen=True)
class Sending:
    """Joins the outbox with those who are to hold what is sent; `incarnation` is that of the node."""

    incarnation: int
    outbox: Outbox
    ways: Ways
    window: SendWindow
    outgoing: Outgoing

    def routes(self) -> list[RouteState]:
        """How far each route of this node has got, in all its incarnations, with every node that is to hold it."""
        return in_all_incarnations(self._routes_by_incarnation())

    def _routes_by_incarnation(self) -> list[RouteState]:
        return [
            replace(
                state,
                held={holder: state.held.get(holder, 0) for holder in self.ways.holders_of(state.route)},
            )
            for state in self.outbox.states()
        ]

    def is_held(self) -> bool:
        """Whether everything that departed here is held where it should be, as the receipts say."""
        return all(
            state.last <= number for state in self._routes_by_incarnation() for number in state.held.values()
        )

    def waiting_routes(self, now: float) -> dict[str, int]:
        """Per route that has something to send how much may go now: not too far ahead of who reads it.

        `now` counts seconds and never goes back, here and below.
        """
        return self.outbox.waiting(
            lambda route, sent: self.window.may_send_up_to(route, sent, self._held_of(route), now)
        )

    def has_to_send(self, now: float) -> bool:
        """Whether anything waits to be sent, once more what got lost at the end of a route included."""
        routes = self._routes_by_incarnation()
        for route in routes:
            held = min(route.held.values(), default=route.last)
            if self.window.tail_is_lost(route.route, route.sent, held, now):
                self.outbox.go_back(route.route, held)
                self.tell_incarnation(name for name, number in route.held.items() if number < route.last)
        return any(route.last > self.outbox.sent.get(route.route, 0) for route in routes)

    def go_back_to_held(self, topics: Container[str]) -> None:
        """On these topics everything was lost: send again what is not held by all who should."""
        for route in self._routes_by_incarnation():
            if self.ways.topic_of(route.route) in topics:
                self.outbox.go_back(route.route, min(route.held.values(), default=0))

    def _held_of(self, route: str) -> dict[str, int]:
        return {holder: self.outbox.held_of(route, holder) for holder in self.ways.holders_of(route)}

    def tell_incarnation(self, nodes: Iterable[str], restore_token: str = "") -> None:
        """Say to others which incarnation this is and where those before it ended; nothing in the first."""
        if self.incarnation > 1:
            body = new_incarnation_body(self.incarnation, self.outbox.states(), restore_token)
            self.outgoing.add(*(OutgoingControl("new-life", node, body) for node in nodes))


def tell_of_commit(numbering: RouteNumbering, outbox: Outbox, outgoing: Outgoing, *, restoring: bool) -> None:
    """The writer has committed something, or perhaps has: what departed may be sent."""
    # What comes back in a restore is put into its old places, past the departures.
    departed = None if restoring else numbering.take_departed()
    outbox.committed(departed)
    if departed or departed is None:
        outgoing.has_facts()
    else:
        outgoing.has_news()
