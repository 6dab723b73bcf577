"""The reader: takes what arrives on the wire and hands it to the writers of a process's nodes."""

import logging
from concurrent.futures import Future
from dataclasses import dataclass

from shared.node.node import Node
from shared.process import rhythm
from shared.process.nodes import HostedNodes
from shared.transport.wire import Arrived, Place, Wire, WireDown
from shared.transport.wire_places import places
from shared.work.common.refusals import Refusal

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
"""Longest wait for a message, so that new topics and the end of the process are noticed. Unit: seconds."""


@dataclass(frozen=True)
class Handed:
    """A batch of arrivals that a node's writer was given; `taken` is done once it is durable."""

    node: Node
    batch: list[Arrived]
    taken: "Future[None]"


class Reader:
    """Reads each topic once for all nodes of the process that want it."""

    def __init__(self, nodes: HostedNodes, wire: Wire) -> None:
        self._nodes = nodes
        self._wire = wire
        self._readers: dict[str, list[Node]] = {}

    def run(self) -> None:
        """Read until the process stops; while the wire is down, wait and try again."""
        stopping, pause = self._nodes.stopping, rhythm.FIRST_PAUSE
        while not stopping.is_set():
            if not self._nodes.may_work():
                stopping.wait(rhythm.RECEIPTS_EVERY)
                continue
            try:
                self.finish(self.receive(POLL_SECONDS))
                pause = rhythm.FIRST_PAUSE
                self._nodes.goes("reader")
            except WireDown as error:
                log.warning("the reader waits: %s", error, extra=self._nodes.stands("reader"))
                self._nodes.read_again()
                stopping.wait(pause)
                pause = min(pause * 2, rhythm.LONGEST_PAUSE)
            except Exception:
                log.exception("the reader goes on after an error", extra=self._nodes.stands("reader"))
                self._nodes.read_again()
                stopping.wait(rhythm.LONGEST_PAUSE)

    def receive(self, seconds: float) -> list[Handed]:
        """Wait for messages and give each node's writer its share. Errors: WireDown."""
        self._read_where_needed()
        batches: dict[str, list[Arrived]] = {}
        for arrived in self._wire.poll(seconds):
            for node in self._readers.get(arrived.message.topic, ()):
                batches.setdefault(node.name, []).append(arrived)
        by_name = self._nodes.by_name
        takers = [by_name[name] for name in batches]
        taken = self._nodes.of_each(takers, lambda node: node.take(batches[node.name]))
        return [Handed(by_name[name], batches[name], future) for name, future in taken.items()]

    def finish(self, handed: list[Handed]) -> None:
        """Wait until the writers have taken it; a batch that fails is taken one by one.

        A node that refuses is left out for a while; reading then goes back to where it stands.
        """
        for given in handed:
            with self._nodes.alone(given.node):
                _finish(given)
                self._nodes.recovered(given.node)
                self._nodes.has_news(given.node.name)

    def _read_where_needed(self) -> None:
        """Begin to read topics that became this process's business, each where its slowest reader stands."""
        readers: dict[str, list[Node]] = {}
        for node in self._nodes.well():
            for topic in node.ways.topics():
                readers.setdefault(topic, []).append(node)
        read_again = self._nodes.take_read_again()
        if read_again or readers.keys() != self._readers.keys():
            stand = self._nodes.of_each(self._nodes.well(), lambda node: places(node.engine))
            self._readers = {
                topic: [node for node in nodes if node.name in stand] for topic, nodes in readers.items()
            }
            self._wire.ensure_topics(sorted(readers))
            self._wire.read_from(_slowest(stand, self._readers))


def _finish(given: Handed) -> None:
    try:
        given.taken.result()
    except Refusal:
        raise
    except Exception:
        log.exception("%s could not take a batch; taking its messages one by one", given.node.name)
        _one_by_one(given.node, given.batch)


def _one_by_one(node: Node, batch: list[Arrived]) -> None:
    for arrived in batch:
        try:
            node.take([arrived]).result()
        except Refusal:
            raise
        except Exception as reason:
            node.take([arrived], failed=f"{type(reason).__name__}: {reason}").result()


def _slowest(stand: dict[str, dict[str, Place]], readers: dict[str, list[Node]]) -> dict[str, Place | None]:
    """For each topic the place of the reader furthest behind; none when one has never read the topic as it is now."""
    found: dict[str, Place | None] = {}
    for topic, nodes in readers.items():
        known = [stand[node.name].get(topic) for node in nodes]
        identities = {place.identity for place in known if place}
        is_one = None not in known and len(identities) == 1
        found[topic] = min((p for p in known if p), key=lambda place: place.offset) if is_one else None
    return found
