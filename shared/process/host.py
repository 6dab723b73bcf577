"""A host: one process that runs one node, a tier's nodes, or all of them, on one wire.

Two threads serve all nodes: the relay sends what departed, and control messages; the reader takes
what arrives and hands it to each node's writer. When the wire is down both wait and try again;
nobody has to act. What the threads do is four steps (`send_next`, `look_around`, `receive`,
`finish`) that take the time from outside, so that a simulator can call them in any order.
"""

from collections.abc import Iterable
from threading import Thread

from shared.event_log.writer import WriterPool
from shared.node.node import Node
from shared.process.known_topics import KnownTopics
from shared.process.nodes import HostedNodes
from shared.process.reader import Handed, Reader
from shared.process.relay import Relay
from shared.process.watch import Watch
from shared.transport.wire import Wire

JOIN_SECONDS = 20
"""Longest wait for each thread at the end; a send is bounded by a deadline of its own. Unit: seconds."""


class Host:
    """Runs nodes on a wire; `crew` writes for all of them."""

    def __init__(self, nodes: Iterable[Node], wire: Wire, crew: WriterPool) -> None:
        self._crew = crew
        self._hosted = HostedNodes(nodes)
        self.nodes = self._hosted.by_name
        self.wire = wire
        known_topics = KnownTopics(wire)
        flow = next(iter(self._hosted)).settings.network.flow
        self._watch = Watch(self._hosted, known_topics)
        self.relay = Relay(self._hosted, wire, known_topics, flow, self.look_around)
        self._reader = Reader(self._hosted, wire)
        self._threads = (
            Thread(target=self._relay_then_save, name="relay", daemon=True),
            Thread(target=self._reader.run, name="reader", daemon=True),
        )

    def start(self) -> None:
        """Start every node, then the threads."""
        self.start_nodes()
        for thread in self._threads:
            thread.start()

    def start_nodes(self) -> None:
        """Start every node; whoever calls the steps by hand needs no threads."""
        for node in self._hosted:
            node.carried_by(self._hosted)
            node.start()
        for node in self._hosted:
            self._hosted.has_news(node.name)

    def stop(self) -> None:
        """Stop the threads, then every node; what was answered is durable already."""
        self._hosted.stopping.set()
        self._hosted.news.set()
        self._hosted.facts.set()
        self.wire.wake()
        for thread in self._threads:
            thread.join(timeout=JOIN_SECONDS)
        for node in self._hosted:
            node.stop()
        self._crew.close()
        self.wire.close()

    def _relay_then_save(self) -> None:
        self.relay.run()
        self._watch.save_all_places()

    @property
    def wire_is_up(self) -> bool:
        """Whether the wire answered when the relay last used it."""
        return self._hosted.wire_is_up

    def taken_over(self) -> list[str]:
        """The nodes that another process has taken over; this one must end then."""
        return [node.name for node in self._hosted if node.lease.is_lost()]

    def is_settled(self) -> bool:
        """Whether everything that departed here is held where it should be, as the receipts say."""
        return all(node.sending.is_held() for node in self._hosted)

    def look_around(self, now: float) -> None:
        """See to what nobody reported: wiped topics, gaps, lost tails, unanswered requests. Errors: WireDown."""
        self._watch.look_around(now)

    def send_next(self, now: float) -> bool:
        """Send the next batch of every node with news, and receipts that are due; false when there was nothing.

        `now` counts seconds and never goes back. Errors: WireDown; the same is sent by the next call then.
        """
        return self.relay.send_next(now)

    def read_again(self) -> None:
        """Let the next `receive` go back to where every node stands: what was polled since may be lost."""
        self._hosted.read_again()

    def receive(self, seconds: float) -> list[Handed]:
        """Wait for messages and give each node's writer its share. Errors: WireDown."""
        return self._reader.receive(seconds)

    def finish(self, handed: list[Handed]) -> None:
        """Wait until the writers have taken it; a batch that fails is taken one by one."""
        self._reader.finish(handed)
