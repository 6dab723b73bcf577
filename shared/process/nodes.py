"""The nodes of one process: which of them have news, and which are left alone because they fail."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Event, Lock
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.node.node import Node
from shared.process import rhythm
from shared.process.backoff import RetryBackoff
from shared.work.common.refusals import Refusal

log = logging.getLogger(__name__)
T = TypeVar("T")
NODES = "nodes"
"""What the log calls the trouble of nodes that are left out."""


class HostedNodes:
    """Carries the nodes' news to the relay (`shared/node/outgoing.py: Carrier`).

    `news` is set when any node has something to send, `facts` when it is facts; `stopping` when the process ends.
    """

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.by_name = {node.name: node for node in nodes}
        self.wire_is_up = True
        self.news = Event()
        self.facts = Event()
        self.stopping = Event()
        self._marked: set[str] = set()
        self._marking = Lock()
        self._failing: dict[str, float | None] = {}
        self._standing: set[str] = set()
        self._read_anew = False
        self._backoff = RetryBackoff(first=rhythm.TICK, longest=rhythm.LONGEST_PAUSE)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.by_name.values())

    def has_news(self, node: str) -> None:
        """This node has something to send; callable from any thread."""
        with self._marking:
            self._marked.add(node)
        self.news.set()

    def has_facts(self, node: str) -> None:
        """This node has facts to send; callable from any thread."""
        self.has_news(node)
        self.facts.set()

    def take_marked(self) -> list[str]:
        """Names of the nodes that have had news since the last call."""
        self.facts.clear()
        with self._marking:
            names, self._marked = sorted(self._marked), set()
        return names

    def stands(self, road: str) -> dict[str, str]:
        """A part of the road failed: the log counts what follows until it goes again."""
        self._standing.add(road)
        return {"outage": road}

    def goes(self, road: str) -> None:
        """A part of the road works; said once after it stood."""
        if road in self._standing:
            self._standing.discard(road)
            log.warning("the %s goes on", road, extra={"outage_over": road})

    def standing_for(self, node: str) -> list[str]:
        """The parts of the road, relay and reader, that failed when they were last used, and `left-out` for a node."""
        return [*sorted(self._standing), *(["left-out"] if node in self._failing else [])]

    def may_work(self) -> bool:
        """Whether this process is surely the writer of its nodes; one that was frozen asks before it sends."""
        return all(node.lease.stands() for node in self)

    def read_again(self) -> None:
        """Let the reader go back to where every node stands: what was polled since may be lost."""
        self._read_anew = True

    def take_read_again(self) -> bool:
        """Whether the reader is to go back; once."""
        wanted, self._read_anew = self._read_anew, False
        return wanted

    def well(self, names: Iterable[str] | None = None) -> list[Node]:
        """Those of some nodes, or of all, that are not left alone at present."""
        nodes = self.by_name.values() if names is None else [self.by_name[name] for name in names]
        return [node for node in nodes if not self._backoff.is_left_out(node.name)]

    def of_each(self, nodes: Iterable[Node], ask: Callable[[Node], T]) -> dict[str, T]:
        """What each node says; one whose database does not answer is left out and stops no other."""
        said: dict[str, T] = {}
        for node in nodes:
            with self.alone(node):
                said[node.name] = ask(node)
        return said

    @contextmanager
    def alone(self, node: Node) -> Iterator[None]:
        """Whatever a node's database or writer refuses in here is this node's trouble alone."""
        try:
            yield
        except (DBAPIError, PoolTimeout, Refusal) as error:
            log.warning("%s is left out for a while: %s", node.name, error, extra={"outage": NODES})
            self._failing[node.name] = None
            self._backoff.failed(node.name)
            self.read_again()

    def recovered(self, node: Node) -> None:
        """A node took something in."""
        self._backoff.recovered(node.name)
        self._takes_part(node.name)

    def _takes_part(self, name: str) -> None:
        if name in self._failing:
            del self._failing[name]
            if not self._failing:
                log.warning("every node takes part again", extra={"outage_over": NODES})

    def try_again(self, now: float) -> None:
        """Try again with the nodes whose time has come; `now` counts seconds and never goes back."""
        for name in self._backoff.due(now):
            self.read_again()
            self.has_news(name)
        for name, well_since in list(self._failing.items()):
            if well_since is None and not self._backoff.is_left_out(name):
                self._failing[name] = now
            elif well_since is not None and now - well_since >= rhythm.WELL_AFTER:
                self._takes_part(name)
