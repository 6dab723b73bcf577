"""While a group is on its way into the database a whole group more is decided on top of it, and counts for nothing unless that
is kept."""

from collections.abc import Iterator
from concurrent.futures import Future
from threading import Event
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from sqlalchemy.exc import OperationalError

from shared.audit.verify import verify_node
from shared.event_log.order_context import OrderContext
from shared.event_log.transaction import Transaction
from shared.node.node import Node
from shared.projections.timeline import timeline
from shared.settings.limits import Flow
from shared.work.common.order_refusals import CommitInDoubt
from shared.work.common.order_request import OrderRequest
from shared.work.common.words import MatterClass, Purpose
from shared.work.matters.case import Case
from tests.parts.tiny_network import VILLAGE_2, TinyNetwork, change_network
from tests.transport.wire_tools import until

VILLAGE = "village-100-202"
SECONDS = 10
"""Longest wait for a thread that works; it takes milliseconds."""


class Commits:
    """The commits of a process, one after the other: each waits for `go`, then fails if it is to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.begun, self.go = Event(), Event()
        self.fails: Exception | None = None
        self.after = False
        """Whether it fails only once everything is kept."""

    def watch(self) -> None:
        """From now on."""
        commit = Transaction.commit

        def slow(transaction: Transaction) -> None:
            self.begun.set()
            assert self.go.wait(SECONDS)
            fails, self.fails = self.fails, None
            if fails is None or self.after:
                commit(transaction)
            if fails is not None:
                raise fails

        self._monkeypatch.setattr(Transaction, "commit", slow)


class Order(NamedTuple):
    """An order that was given: its answer, and whether it was decided."""

    answer: "Future[dict[str, Any]]"
    decided: Event


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> Iterator[Commits]:
    made = Commits(monkeypatch)
    yield made
    made.go.set()


@pytest.fixture
def village(tiny: TinyNetwork) -> Node:
    """A village whose writer takes one order a group, so that one that waits is a whole group."""
    change_network(tiny.data, flow=Flow(group=1))
    (node,) = tiny.open(VILLAGE)
    return node


def gone() -> OperationalError:
    """What a driver says whose link broke."""
    return OperationalError("COMMIT", {}, Exception("the link broke"))


def assess(
    tiny: TinyNetwork,
    village: Node,
    case: UUID,
    *,
    asks: bool = False,
    key: str | None = None,
    after: Event | None = None,
) -> Order:
    """An order that changes a matter, and says which version it saw; `asks`: also how many facts the projection shows.

    It is decided only `after` something has happened.
    """
    decided = Event()

    def decide(context: OrderContext) -> dict[str, Any]:
        assert after is None or after.wait(SECONDS)
        found = context.load(Case, case)
        saw = {"saw": found.version, "facts": len(context.ask(timeline, case)) if asks else 0}
        found.assess(matter_class=MatterClass.URBAN_RURAL, purpose=Purpose.SUGGESTION, at=context.at)
        decided.set()
        return saw

    request = OrderRequest(tiny.clerk(VILLAGE_2).actor(), tiny.clock.now(), decide, key=key)
    return Order(village.change(request), decided)


def on_top(tiny: TinyNetwork, village: Node, commits: Commits, **how: Any) -> tuple[Order, Order]:
    """An order whose commit waits, and one that had come before that began."""
    case, both_came = tiny.register(village, VILLAGE_2), Event()
    commits.watch()
    first = assess(tiny, village, case, key="first", after=both_came)
    until(lambda: village.log.waiting() == 0)
    second = assess(tiny, village, case, **how)
    both_came.set()
    assert commits.begun.wait(SECONDS)
    return first, second


def test_given_a_group_on_its_way_when_the_next_order_comes_then_it_is_decided_and_answered_after_it(
    tiny: TinyNetwork, village: Node, commits: Commits
) -> None:
    first, second = on_top(tiny, village, commits)
    assert second.decided.wait(SECONDS)
    assert not (first.answer.done() or second.answer.done())
    commits.go.set()
    assert first.answer.result(SECONDS)["version"] == 2
    assert second.answer.result(SECONDS)["saw"] == 2
    assert verify_node(village).findings == ()


def test_given_no_whole_group_that_waits_when_one_is_committed_then_it_is_answered_before_the_next_is_decided(
    tiny: TinyNetwork, commits: Commits
) -> None:
    (village,) = tiny.open(VILLAGE)
    first, second = on_top(tiny, village, commits)
    assert not second.decided.is_set()
    commits.go.set()
    assert first.answer.result(SECONDS)["version"] == 2
    assert second.answer.result(SECONDS)["saw"] == 2


def test_given_a_group_on_its_way_when_an_order_asks_a_projection_then_it_waits_and_sees_what_that_recorded(
    tiny: TinyNetwork, village: Node, commits: Commits
) -> None:
    _, second = on_top(tiny, village, commits, asks=True)
    assert not second.decided.is_set()
    commits.go.set()
    assert second.answer.result(SECONDS)["facts"] == 2


def test_given_a_group_on_its_way_when_its_order_is_repeated_then_both_have_the_same_answer_and_it_is_done_once(
    tiny: TinyNetwork, village: Node, commits: Commits
) -> None:
    first, again = on_top(tiny, village, commits, key="first")
    commits.go.set()
    assert first.answer.result(SECONDS) == again.answer.result(SECONDS)
    assert village.log.count("case.classified") == 1


@pytest.mark.parametrize("kept", [False, True])
def test_given_a_commit_that_failed_or_seems_to_have_when_an_order_was_decided_on_top_then_both_are_done_once(
    tiny: TinyNetwork, village: Node, commits: Commits, kept: bool
) -> None:
    commits.fails, commits.after = gone(), kept
    first, second = on_top(tiny, village, commits)
    assert second.decided.wait(SECONDS)
    commits.go.set()
    assert first.answer.result(SECONDS)["version"] == 2
    assert (second.answer.result(SECONDS)["saw"], second.answer.result()["version"]) == (2, 3)
    assert verify_node(village).findings == ()


def test_given_a_commit_that_cannot_be_repeated_when_an_order_was_decided_on_top_then_it_is_decided_anew(
    tiny: TinyNetwork, village: Node, commits: Commits
) -> None:
    commits.fails = CommitInDoubt()
    first, second = on_top(tiny, village, commits)
    assert second.decided.wait(SECONDS)
    commits.go.set()
    with pytest.raises(CommitInDoubt):
        first.answer.result(SECONDS)
    assert (second.answer.result(SECONDS)["saw"], second.answer.result()["version"]) == (1, 2)
    assert verify_node(village).findings == ()
