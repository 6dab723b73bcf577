"""Lets nodes take facts that were made elsewhere: others' by way of what the inbox does with them, their own as they are.

What follows from a fact is among the facts already, so nothing follows while a node is filled. Projections are replayed
from the journal at the end, which comes to the same rows in a third of the time.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from shared.event_log.group import Group
from shared.node.node import Node
from tests.benchmarks.lives.pen import NamedKeys, Written

TOGETHER = 1_000
"""Facts that are committed together. Unit: facts; half of what a writer's queue takes."""
TOLD = 50_000
"""Facts between two lines that say how far it is. Unit: facts; some ten seconds."""


class Filling:
    """Nodes that take facts in portions; while one portion is written the next is made."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._nodes = {node.name: node for node in nodes}
        self._waiting: dict[str, list[Written]] = defaultdict(list)
        self._under_way: dict[str, Future[Any]] = {}

    def take(self, facts: Iterable[Written]) -> int:
        """Take all of them; gives how many there were."""
        number = 0
        for number, written in enumerate(facts, start=1):
            for name in self._nodes.keys() & {*written.nodes, *written.keys}:
                self._waiting[name].append(written)
                if len(self._waiting[name]) == TOGETHER:
                    self._send(name)
            if number % TOLD == 0:
                print(f"{number:,} facts; now {written.at:%Y-%m-%d}", file=sys.stderr, flush=True)
        for name in self._nodes:
            self._send(name)
        for name, node in self._nodes.items():
            self._under_way[name].result()
            print(f"{name}: replaying {node.rebuild():,} facts", file=sys.stderr, flush=True)
        return number

    def _send(self, name: str) -> None:
        if before := self._under_way.get(name):
            before.result()
        portion, node = self._waiting.pop(name, []), self._nodes[name]
        self._under_way[name] = node.log.write(lambda group: _take(group, node.name, portion))


def _take(group: Group, me: str, portion: Sequence[Written]) -> None:
    """Put facts into the open group of a node, and the keys that they bring into its ring."""
    group.parts = replace(group.parts, follow=_nothing, projector=_nothing)
    names = {name for written in portion for name in written.keys.get(me, ())}
    group.parts.ring.take({name: NamedKeys.make(name) for name in names})
    for written in portion:
        if written.envelope.attributes["source"] == me:
            group.take_back(written.envelope)
        elif me in written.nodes:
            group.receive(written.envelope, written.at)


def _nothing(*_: object) -> None:
    """Neither a reaction nor a projection."""
