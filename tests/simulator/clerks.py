"""People at work: they give orders, sometimes twice, and send again what got no answer."""

import random
from collections import defaultdict
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from shared.accounts.people import Person
from shared.node.node import Node
from shared.orders.giving import hand_in
from shared.work.common.calendar import day_of
from shared.work.common.order_refusals import Busy, CommitInDoubt, NotStored, Stopped
from shared.work.common.refusals import Refusal
from shared.work.directory.orders import RehostUnit
from shared.work.directory.tree_orders import CloseUnit
from tests.simulator.ledger import Ledger
from tests.simulator.menu import Desk, Wanted, next_wanted

_NO_ANSWER = (CommitInDoubt, NotStored, Stopped, Busy)
"""Refusals after which people send the same form again."""


@dataclass
class Asked:
    """One order of one person, under one idempotency key; `answers` are all that came for it.

    The account is the order's own, so that every fact names the order that it was made by. `found` are facts
    that were in the list after a restore when somebody looked for an order without an answer; `forgotten`
    says that the node does not know the key any more.
    """

    number: int
    node: str
    wanted: Wanted
    waiting: "list[Future[dict[str, Any]]]" = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    unanswered: bool = False
    found: set[UUID] = field(default_factory=set[UUID])
    forgotten: bool = False

    @property
    def account(self) -> str:
        return f"clerk-{self.number}"

    @property
    def form(self) -> str:
        return f"key-{self.number}"

    @property
    def key(self) -> str:
        """Under which the node keeps the answer."""
        return f"{self.account}:{self.form}"

    def person(self) -> Person:
        """Who gives it."""
        return Person(self.account, self.account, "接待员", self.wanted.unit, self.wanted.role, False)

    def hand_in(self, node: Node) -> None:
        """Send the form."""
        try:
            self.waiting.append(hand_in(node, self.person(), self.wanted.order, key=self.form))
        except Refusal as refusal:
            self._refused(refusal)

    def collect(self) -> None:
        """Take what has been answered."""
        done = [future for future in self.waiting if future.done()]
        self.waiting = [future for future in self.waiting if not future.done()]
        for future in done:
            error = future.exception()
            if error is None:
                self.answers.append(future.result())
                self.unanswered = False
            elif isinstance(error, Refusal):
                self._refused(error)
            else:
                self.errors.append(repr(error))

    def lose(self) -> None:
        """The process died: whoever waits gets no answer."""
        self.unanswered = self.unanswered or bool(self.waiting)
        self.waiting = []

    def look_for(self, made: set[UUID]) -> None:
        """The node was restored and has forgotten the key: only what is not in its list is sent again."""
        self.forgotten = True
        if self.unanswered and not self.answers:
            self.found = made
        if self.found or self.answers:
            self.unanswered = False

    def _refused(self, refusal: Refusal) -> None:
        if isinstance(refusal, _NO_ANSWER):
            self.unanswered = True
        else:
            self.refusals.append(refusal.code)
            self.unanswered = False


class Clerks:
    """Everybody in the county who gives orders."""

    def __init__(self, ledger: Ledger, chance: random.Random) -> None:
        self._ledger = ledger
        self._chance = chance
        self.asked: list[Asked] = []

    def work(self, node: Node) -> None:
        """Somebody at a node gives an order, or one again that got no answer, or one twice."""
        again = [asked for asked in self.asked if asked.node == node.name and asked.unanswered]
        if again and self._chance.random() < 0.5:
            self._chance.choice(again).hand_in(node)
        elif self.asked and self._chance.random() < 0.05:
            self._repeat(node)
        else:
            self._new(node)

    def send_again(self, node: Node) -> None:
        """Send everything again that got no answer."""
        for asked in self.asked:
            if asked.node == node.name and asked.unanswered:
                asked.hand_in(node)

    def collect(self, *, lost: frozenset[str] = frozenset()) -> None:
        """Take the answers that came; of nodes whose process died none comes any more."""
        for asked in self.asked:
            if asked.waiting:
                asked.collect()
                if asked.node in lost:
                    asked.lose()

    def look_after_restore(self, node: str) -> None:
        """Everybody of a restored node looks what has become of the orders that it has forgotten."""
        known = {key for (key,) in self._ledger.rows(node, "SELECT key FROM orders")}
        made: dict[str, set[UUID]] = defaultdict(set)
        for seen in self._ledger.facts:
            if seen.node == node:
                made[seen.envelope.actor].add(seen.envelope.id)
        for asked in self.asked:
            if asked.node == node and asked.key not in known:
                asked.look_for(made[asked.account])

    def _new(self, node: Node) -> None:
        self._ledger.look_everywhere()
        open_ = [asked.wanted for asked in self.asked if asked.waiting or asked.unanswered]
        waited_for = frozenset(wanted.unit for wanted in open_)
        moving = frozenset(one.order.unit for one in open_ if isinstance(one.order, RehostUnit))
        moving |= {one.order.successor for one in open_ if isinstance(one.order, CloseUnit)} - {None}
        known = frozenset(unit.unit for unit in node.directory.units.values() if unit.open)
        desk = Desk(self._ledger, node.name, day_of(node.now()), self._chance, known, waited_for, moving)
        try:
            wanted = next_wanted(desk)
        except LookupError:
            return
        asked = Asked(len(self.asked) + 1, node.name, wanted)
        self.asked.append(asked)
        asked.hand_in(node)
        if self._chance.random() < 0.05:
            asked.hand_in(node)  # a double click

    def _repeat(self, node: Node) -> None:
        done = [asked for asked in self.asked if self._is_done_at(node, asked)]
        if done:
            self._chance.choice(done).hand_in(node)

    def _is_done_at(self, node: Node, asked: Asked) -> bool:
        return asked.node == node.name and bool(asked.answers) and not asked.forgotten


def ids(asked: Asked) -> set[UUID]:
    """The facts that an order's answers name, or that somebody found in the list."""
    return asked.found | {UUID(fact) for answer in asked.answers for fact in answer["facts"]}
