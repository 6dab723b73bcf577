"""A host: one process that runs one node, a tier's nodes, or all of them, on one wire.

Two threads serve all nodes: the relay sends what departed, and control messages; the reader takes
what arrives and hands it to each node's writer. When the wire is down both wait and try again;
nobody has to act. What the threads do is four steps (`send_next`, `look_around`, `receive`,
`finish`) that take the time from outside, so that a simulator can call them in any order.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from threading import Event, Lock, Thread
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.event_log.writer import Crew, NotStored
from shared.node.node import Node, Wish
from shared.process.backoff import Ailing
from shared.transport import topics
from shared.transport.inbox import receipt_body
from shared.transport.messages import OnRoute, control_message, fact_message
from shared.transport.wire import Arrived, Message, Place, Wire, WireDown
from shared.work.common.refusals import Refusal

log = logging.getLogger(__name__)
T = TypeVar("T")

TICK = 1.0
"""Seconds between looks at what nobody woke the relay for: gaps, unanswered requests, lost tails."""

RECEIPTS_EVERY = 0.2
"""Longest seconds between receipts of one process while news keep coming; one receipt speaks of everything that came
since the last. When a round of the relay finds no news, what came is receipted at once: nobody waits for more."""

ASK_AGAIN = 5.0
"""Seconds before a missing number or key is asked for again, and between two times that a node without arrivals
saves how far it sent; a round trip takes well under one."""

LONGEST_PAUSE = 5.0
"""Longest pause in seconds between attempts while the wire is down; the link may be back any moment."""


SEND_EVERY = 0.05
"""Seconds between sends while news keep coming; the first after a rest goes at once. What comes meanwhile
travels, arrives and is committed together: under load, fewer and larger groups all the way up. Facts wait for
facts only: a round of receipts a moment ago does not hold them up, which had cost 20 ms (median) to the page."""


@dataclass(frozen=True)
class Handed:
    """A batch of arrivals that a node's writer was given; `taken` is done once it is durable."""

    node: Node
    batch: list[Arrived]
    taken: "Future[None]"


class Host:
    """Runs nodes on a wire; `crew` writes for all of them."""

    def __init__(self, nodes: Iterable[Node], wire: Wire, crew: Crew) -> None:
        self._crew = crew
        self.nodes = {node.name: node for node in nodes}
        self.wire = wire
        self.wire_is_up = True
        self._news = Event()
        self._facts = Event()
        self._facts_sent = -SEND_EVERY
        self._dirty: set[str] = set()
        self._marking = Lock()
        self._stopping = Event()
        self._relay = Thread(target=self._relay_loop, name="relay", daemon=True)
        self._reader = Thread(target=self._reader_loop, name="reader", daemon=True)
        self._asked: dict[tuple[str, object], float] = {}
        self._identities: dict[str, str] = {}
        self._receipts_sent = 0.0
        self._flow = next(iter(self.nodes.values())).settings.network.flow
        self._at_once = self._flow.round
        self._readers: dict[str, list[Node]] = {}
        self._read_anew = False
        self._ailing = Ailing(first=TICK, longest=LONGEST_PAUSE)

    def start(self) -> None:
        """Start every node, then the threads."""
        self.start_nodes()
        self._relay.start()
        self._reader.start()

    def start_nodes(self) -> None:
        """Start every node; whoever calls the steps by hand needs no threads."""
        for node in self.nodes.values():
            node.on_news = partial(self._mark, node.name)
            node.on_facts = partial(self._mark_facts, node.name)
            node.wire_is_up = lambda: self.wire_is_up
            node.start()
        for name in self.nodes:
            self._mark(name)

    def stop(self) -> None:
        """Stop the threads, then every node; what was answered is durable already."""
        self._stopping.set()
        self._news.set()
        self._facts.set()
        self.wire.wake()
        for thread in (self._relay, self._reader):
            thread.join(timeout=20)
        for node in self.nodes.values():
            node.stop()
        self._crew.close()
        self.wire.close()

    def taken_over(self) -> list[str]:
        """The nodes that another process has taken over; this one must end then."""
        return [node.name for node in self.nodes.values() if node.lease.is_lost()]

    def _may_work(self) -> bool:
        """Whether this process is surely the writer of its nodes; one that was frozen asks before it sends."""
        return all(node.lease.stands() for node in self.nodes.values())

    def _mark(self, name: str) -> None:
        """This node has something to send."""
        with self._marking:
            self._dirty.add(name)
        self._news.set()

    def _mark_facts(self, name: str) -> None:
        """This node has facts to send."""
        self._mark(name)
        self._facts.set()

    def _take_marked(self) -> list[str]:
        self._facts.clear()
        with self._marking:
            names, self._dirty = sorted(self._dirty), set()
        return names

    def is_settled(self) -> bool:
        """Whether everything that departed here is held where it should be, as the receipts say."""
        return all(
            state.last <= state.held.get(holder, 0)
            for node in self.nodes.values()
            for state in node.outbox.states()
            for holder in node.holders_of(state.route)
        )

    def _relay_loop(self) -> None:
        pause, last_tick = 0.1, 0.0
        while not self._stopping.is_set():
            self._news.wait(RECEIPTS_EVERY)
            self._news.clear()
            if not self._may_work():
                continue
            try:
                if time.monotonic() - last_tick >= TICK:
                    last_tick = time.monotonic()
                    self.look_around(last_tick)
                self._send_until(last_tick + TICK)
                pause, self.wire_is_up = 0.1, True
            except (WireDown, NotStored) as error:
                log.warning("the relay waits: %s", error)
                self.wire_is_up = False
                self._stopping.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                self._news.set()
            except Exception:
                log.exception("the relay goes on after an error")
                self._stopping.wait(LONGEST_PAUSE)
        self._save_all_places()

    def _send_until(self, moment: float) -> None:
        """Send what there is, but not beyond the next look around: it must not wait for a long catch-up."""
        while not self._stopping.is_set() and self.send_next(started := time.monotonic()):
            if started >= moment:
                self._news.set()
                return
            self.rest(started)

    def rest(self, started: float) -> None:
        """Pause after a round that began then, but no longer than the last facts want when there are new ones."""
        self._stopping.wait(min(started, self._facts_sent) + SEND_EVERY - time.monotonic())
        self._facts.wait(started + SEND_EVERY - time.monotonic())

    def send_next(self, now: float) -> bool:
        """Send the next batch of every node with news, and receipts that are due; false when there was nothing.

        `now` counts seconds and never goes back. Errors: WireDown; the same is sent by the next call then.
        """
        names = self._take_marked()
        if not names and not self._may_send_receipts():
            return False
        try:
            well = [self.nodes[name] for name in names if not self._ailing.is_left_out(name)]
            self._send_of(well, now, receipts=not names or self._receipts_are_due(now))
        except BaseException:
            for name in names:
                self._mark(name)
            raise
        return True

    def _send_of(self, nodes: list[Node], now: float, *, receipts: bool) -> None:
        """Send the next batch of each node and what it has to say, all together.

        Each route has the same share of a round, so that whoever has much to catch up holds up nobody.
        """
        waiting = self._of_each(nodes, lambda node: node.waiting_routes(now))
        share = min(self._flow.portion, max(1, self._at_once // max(1, sum(map(len, waiting.values())))))
        well = [self.nodes[name] for name in waiting]
        batches = self._of_each(well, lambda node: node.outbox.batches(waiting[node.name], share))
        messages = [
            message for name in batches for message in self._messages(self.nodes[name], batches[name])
        ]
        if receipts:
            self._receipts_sent = now
            messages += [message for node in self.nodes.values() for message in self._receipts(node)]
        if messages:
            self._send_or_halve(messages)
        if any(facts for routes in batches.values() for facts in routes.values()):
            self._facts_sent = now
        for name, routes in batches.items():
            for route, facts in routes.items():
                self.nodes[name].outbox.took(route, facts)
            if any(len(facts) < waiting[name][route] for route, facts in routes.items()):
                self._mark(name)

    def _messages(self, node: Node, batches: dict[str, list[OnRoute]]) -> list[Message]:
        facts = [
            message
            for route, batch in batches.items()
            for message in node.outbox.messages(node.topic_of(route), batch)
        ]
        return facts + [message for wish in node.take_wishes() for message in self._said(node, wish)]

    def _of_each(self, nodes: Iterable[Node], ask: Callable[[Node], T]) -> dict[str, T]:
        """What each node says; one whose database does not answer is left out and stops no other."""
        said: dict[str, T] = {}
        for node in nodes:
            with self._alone(node):
                said[node.name] = ask(node)
        return said

    @contextmanager
    def _alone(self, node: Node) -> Iterator[None]:
        """Whatever a node's database or writer refuses in here is this node's trouble alone."""
        try:
            yield
        except (DBAPIError, PoolTimeout, Refusal) as error:
            log.warning("%s is left out for a while: %s", node.name, error)
            self._ailing.failed(node.name)
            self.read_again()

    def _may_send_receipts(self) -> bool:
        return any(node.inbox.has_touched() for node in self.nodes.values())

    def _receipts_are_due(self, now: float) -> bool:
        if any(node.inbox.is_waited_for() for node in self.nodes.values()):
            return True
        return now - self._receipts_sent >= RECEIPTS_EVERY and self._may_send_receipts()

    def _send_or_halve(self, messages: list[Message]) -> None:
        try:
            self._send(messages)
        except WireDown:
            self._at_once = max(1, min(self._at_once, len(messages)) // 2)
            raise
        self._at_once = min(self._flow.round, 2 * self._at_once)

    def _send(self, messages: list[Message]) -> None:
        unknown = {message.topic for message in messages} - self._identities.keys()
        if unknown:
            self.wire.ensure_topics(sorted(unknown))
            self._identities |= dict.fromkeys(unknown, "")
        self.wire.send(messages)

    def _said(self, node: Node, wish: Wish) -> list[Message]:
        control = self._control(node, wish)
        return [*(fact_message(control.topic, fact) for fact in wish.facts), control]

    def _control(self, node: Node, wish: Wish) -> Message:
        topic = topics.mailbox(node.settings.network.name, wish.to)
        return control_message(topic, wish.kind, node.name, node.now(), node.keys, wish.body)

    def _receipts(self, node: Node) -> list[Message]:
        touched = sorted(node.inbox.take_touched())
        held: dict[tuple[str, int], dict[str, int]] = {}
        for source, incarnation, route in touched:
            held.setdefault((source, incarnation), {})[route] = node.inbox.durable[source, incarnation, route]
        wishes = [
            Wish("receipt", source, receipt_body(source, inc, routes))
            for (source, inc), routes in held.items()
        ]
        return [self._control(node, wish) for wish in wishes]

    def look_around(self, now: float) -> None:
        """See to what nobody reported: wiped topics, gaps, lost tails, unanswered requests. Errors: WireDown."""
        for name in self._ailing.call_back(now):
            self.read_again()
            self._mark(name)
        self._heal_wipes()
        for node in self._well():
            with self._alone(node):
                self._look_at(node, now)
        self._save_places(now)

    def _look_at(self, node: Node, now: float) -> None:
        self._ask_for_gaps(node, now)
        if node.has_to_send(now):
            self._mark(node.name)
        if self._is_time(("keys", node.name), now):
            node.ask_again_for_keys()
            self._mark(node.name)
        if node.restoring is None:  # a log that is being put back is shorter than what it once signed
            node.keeper.look()

    def _well(self) -> list[Node]:
        return [node for node in self.nodes.values() if not self._ailing.is_left_out(node.name)]

    def _heal_wipes(self) -> None:
        """A topic with a new identity was wiped: send again whatever its readers do not hold."""
        known = self.wire.identities()
        wiped = {
            topic
            for topic, identity in known.items()
            if self._identities.get(topic) not in (None, "", identity)
        }
        if wiped:
            log.warning("topics were wiped or made anew: %s", ", ".join(sorted(wiped)))
            self.wire.ensure_topics(sorted(wiped))
            for node in self._well():
                with self._alone(node):
                    node.go_back_to_held(wiped)
                    node.inbox.touch_all()
                    self._mark(node.name)
        self._identities |= known

    def _ask_for_gaps(self, node: Node, now: float) -> None:
        for (source, incarnation, route), lane in node.inbox.gaps().items():
            if self._is_time((node.name, (source, incarnation, route)), now):
                body = {"incarnation": incarnation, "route": route, "after": lane.held}
                node.wishes.append(Wish("resend", source, body))
                self._mark(node.name)

    def _is_time(self, what: tuple[str, object], now: float) -> bool:
        if now - self._asked.get(what, -ASK_AGAIN) < ASK_AGAIN:
            return False
        self._asked[what] = now
        return True

    def _save_places(self, now: float) -> None:
        """Let writers remember how far their routes were sent, where no arrival let them lately; waits for none.

        It is a hint: a process that is killed before sends some seconds again, and readers skip what they hold.
        """
        for node in self._well():
            if node.outbox.unsaved and self._is_time(("places", node.name), now):
                with suppress(Refusal):  # a later look tries again
                    node.log.write(node.outbox.save)

    def _save_all_places(self) -> None:
        """Once more at the end, so that the next start sends nothing twice."""
        saving: list[Future[None]] = []
        for node in self.nodes.values():
            if node.outbox.unsaved:
                with suppress(Refusal):  # a writer that takes nothing more: a few messages go twice
                    saving.append(node.log.write(node.outbox.save))
        wait(saving, timeout=20)

    def _reader_loop(self) -> None:
        pause = 0.1
        while not self._stopping.is_set():
            if not self._may_work():
                self._stopping.wait(RECEIPTS_EVERY)
                continue
            try:
                self.finish(self.receive(0.5))
                pause = 0.1
            except WireDown as error:
                log.warning("the reader waits: %s", error)
                self.read_again()
                self._stopping.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            except Exception:
                log.exception("the reader goes on after an error")
                self.read_again()
                self._stopping.wait(LONGEST_PAUSE)

    def read_again(self) -> None:
        """Let the next `receive` go back to where every node stands: what was polled since may be lost."""
        self._read_anew = True

    def receive(self, seconds: float) -> list[Handed]:
        """Wait for messages and give each node's writer its share. Errors: WireDown."""
        self._read_where_needed()
        batches: dict[str, list[Arrived]] = {}
        for arrived in self.wire.poll(seconds):
            for node in self._readers.get(arrived.message.topic, ()):
                batches.setdefault(node.name, []).append(arrived)
        takers = [self.nodes[name] for name in batches]
        taken = self._of_each(takers, lambda node: node.take(batches[node.name]))
        return [Handed(self.nodes[name], batches[name], future) for name, future in taken.items()]

    def finish(self, handed: list[Handed]) -> None:
        """Wait until the writers have taken it; a batch that fails is taken one by one.

        A node that refuses is left out for a while; reading then goes back to where it stands.
        """
        for given in handed:
            with self._alone(given.node):
                self._finish_one(given)
                self._ailing.recovered(given.node.name)
                self._mark(given.node.name)

    def _finish_one(self, given: Handed) -> None:
        try:
            given.taken.result()
        except Refusal:
            raise
        except Exception:
            log.exception("%s could not take a batch; taking its messages one by one", given.node.name)
            self._one_by_one(given.node, given.batch)

    def _read_where_needed(self) -> None:
        """Begin to read topics that became this process's business, each where its slowest reader stands."""
        readers: dict[str, list[Node]] = {}
        for node in self._well():
            for topic in node.topics():
                readers.setdefault(topic, []).append(node)
        if self._read_anew or readers.keys() != self._readers.keys():
            self._read_anew = False
            places = self._of_each(self._well(), lambda node: node.inbox.places())
            self._readers = {
                topic: [node for node in nodes if node.name in places] for topic, nodes in readers.items()
            }
            self.wire.ensure_topics(sorted(readers))
            self.wire.read_from(_slowest(places, self._readers))

    def _one_by_one(self, node: Node, batch: list[Arrived]) -> None:
        for arrived in batch:
            try:
                node.take([arrived]).result()
            except Refusal:
                raise
            except Exception as reason:
                node.take([arrived], failed=f"{type(reason).__name__}: {reason}").result()


def _slowest(places: dict[str, dict[str, Place]], readers: dict[str, list[Node]]) -> dict[str, Place | None]:
    """For each topic the place of the reader that is furthest behind; none when one has never read this life of it."""
    found: dict[str, Place | None] = {}
    for topic, nodes in readers.items():
        known = [places[node.name].get(topic) for node in nodes]
        lives = {place.identity for place in known if place}
        is_one = None not in known and len(lives) == 1
        found[topic] = min((p for p in known if p), key=lambda place: place.offset) if is_one else None
    return found
