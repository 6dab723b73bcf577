"""The one writer of a node: what is committed together, what fails alone, what is answered when."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, wait
from threading import Event
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from shared.event_log.writer import Writer, WriterPool
from shared.settings.limits import Flow
from shared.work.common.order_refusals import Busy, NotStored, Stopped
from shared.work.common.refusals import NotFound


class Paper:
    """A group that writes lines on a paper; lines that were not committed are torn off."""

    def __init__(self, kept: list[str], *, refuses: str = "") -> None:
        self._kept = kept
        self._refuses = refuses
        self.lines: list[str] = []

    def __enter__(self) -> "Paper":
        return self

    def __exit__(self, *error: object) -> None:
        self.lines = []

    def expect(self, works: Iterable[Any], *, look: bool = False) -> None:
        """A paper has nothing to ask before."""

    def run(self, work: Any) -> Any:
        return work(self)

    def seal(self) -> None:
        """A paper is ready as it is."""

    def commit(self) -> None:
        if self._refuses and self._refuses in self.lines:
            raise OperationalError("commit", {}, Exception("disk full"))
        self._kept += self.lines

    def land(self) -> None:
        """What is kept needs nothing more."""


class Desk:
    """A writer over a paper, with what was kept and how often a commit was announced."""

    def __init__(self, refuses: str = "", flow: Flow = Flow()) -> None:
        self.kept: list[str] = []
        self.groups: list[Paper] = []
        self.announced = 0
        self.crew = WriterPool()
        self.writer = Writer(
            self.crew, lambda before: self._open(refuses), flow=flow, after_commit=self._announce
        )

    def submit(self, line: str) -> "Future[Any]":
        def work(group: Paper) -> str:
            group.lines.append(line)
            return line

        return self.writer.submit(work)

    def _open(self, refuses: str) -> Paper:
        self.groups.append(Paper(self.kept, refuses=refuses))
        return self.groups[-1]

    def _announce(self) -> None:
        self.announced += 1


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.writer.stop()
    made.crew.close()


def refused(group: Paper) -> None:
    raise NotFound(what="Case")


def broken(group: Paper) -> None:
    group.lines.append("half done")
    raise KeyError("a mistake in the program")


def test_what_waits_is_committed_together(desk: Desk):
    # Given three orders that wait
    answers = [desk.submit(line) for line in ("one", "two", "three")]
    # When the writer starts
    desk.writer.start()
    # Then one group took them in the order in which they came
    assert [answer.result(10) for answer in answers] == ["one", "two", "three"]
    assert desk.kept == ["one", "two", "three"]
    assert (len(desk.groups), desk.announced) == (1, 1)


def test_a_refused_member_does_not_fail_its_group(desk: Desk):
    # Given a refused order between two good ones
    first, bad, last = desk.submit("first"), desk.writer.submit(refused), desk.submit("last")
    # When they are committed together
    desk.writer.start()
    # Then only the refused one is told so
    assert (first.result(10), last.result(10)) == ("first", "last")
    with pytest.raises(NotFound):
        bad.result(10)
    assert desk.kept == ["first", "last"]
    assert len(desk.groups) == 1


def test_a_member_that_breaks_fails_alone(desk: Desk):
    # Given a member that leaves something half done between two good ones
    first, bad, last = desk.submit("first"), desk.writer.submit(broken), desk.submit("last")
    # When the group is tried
    desk.writer.start()
    # Then its members were tried again one by one, and nothing of the broken one is kept
    assert (first.result(10), last.result(10)) == ("first", "last")
    with pytest.raises(KeyError):
        bad.result(10)
    assert desk.kept == ["first", "last"]


def test_a_failed_commit_is_tried_again_one_by_one_so_that_the_bad_one_fails_alone():
    # Given a database that does not take one of five orders
    desk = Desk(refuses="three")
    answers = [desk.submit(line) for line in ("one", "two", "three", "four", "five")]
    # When they are committed together
    desk.writer.start()
    wait(answers, 10)
    # Then the four others are durable, and the bad one is told that it was not stored
    assert desk.kept == ["one", "two", "four", "five"]
    with pytest.raises(NotStored):
        answers[2].result()
    desk.writer.stop()
    desk.crew.close()


def test_nothing_is_answered_before_it_is_durable(desk: Desk):
    # Given an order whose commit waits
    may_commit, committing = Event(), Event()

    def work(group: Paper) -> str:
        commit = group.commit

        def slow() -> None:
            committing.set()
            may_commit.wait(10)
            commit()

        group.commit = slow  # pyright: ignore[reportAttributeAccessIssue]
        group.lines.append("one")
        return "one"

    answer = desk.writer.submit(work)
    desk.writer.start()
    # When it was decided and is not committed yet
    assert committing.wait(10)
    # Then there is no answer, and there is one as soon as it is durable
    assert not answer.done()
    may_commit.set()
    assert answer.result(10) == "one"
    assert desk.kept == ["one"]


def test_a_full_queue_is_busy_and_forgets_nothing():
    # Given a queue that is full
    desk = Desk(flow=Flow(queue=3))
    answers = [desk.submit(line) for line in ("one", "two", "three")]
    # When one more comes
    with pytest.raises(Busy):
        desk.submit("four")
    # Then the others are done, and there is room again
    desk.writer.start()
    assert [answer.result(10) for answer in answers] == ["one", "two", "three"]
    assert desk.submit("four").result(10) == "four"
    desk.writer.stop()


def test_a_stopping_writer_finishes_what_waits_and_takes_no_more(desk: Desk):
    # Given orders that wait
    answers = [desk.submit(str(number)) for number in range(50)]
    desk.writer.start()
    # When it stops
    desk.writer.stop()
    # Then all are answered, and the next one is refused
    assert [answer.result(0) for answer in answers] == [str(number) for number in range(50)]
    with pytest.raises(Stopped):
        desk.submit("late")


def test_a_long_queue_is_committed_in_groups_of_bounded_size():
    # Given more orders than a group holds
    desk = Desk(flow=Flow(group=20))
    answers = [desk.submit(str(number)) for number in range(50)]
    # When the writer starts
    desk.writer.start()
    wait(answers, 10)
    # Then three groups took them in order
    assert desk.kept == [str(number) for number in range(50)]
    assert len(desk.groups) == 3
    desk.writer.stop()


def test_whoever_was_answered_has_a_moment_to_give_the_next_order_and_they_are_committed_together(desk: Desk):
    # Given two callers who were answered together, and a writer that lingers long
    desk.crew.linger = 30
    answers = [desk.submit("one"), desk.submit("two")]
    desk.writer.start()
    wait(answers, 10)
    # When they give their next orders one after the other
    answers = [desk.submit("three"), desk.submit("four")]
    # Then these are one group as well, and nobody waits any longer
    assert [answer.result(10) for answer in answers] == ["three", "four"]
    assert len(desk.groups) == 2


def test_who_does_not_come_again_is_waited_for_once(desk: Desk):
    # Given two callers who were answered together, of whom one gives another order
    answers = [desk.submit("one"), desk.submit("two")]
    desk.writer.start()
    wait(answers, 10)
    assert desk.submit("three").result(10) == "three"
    # When that one goes on, with a writer that would linger long
    desk.crew.linger = 30
    # Then nobody is waited for
    assert desk.submit("four").result(10) == "four"


def test_an_order_stands_behind_one_batch_of_arrivals_at_most_and_arrivals_have_their_turn(desk: Desk):
    # Given ten batches that arrived, and a clerk's orders that come after them
    groups: list[int] = []

    def arrival(group: Paper) -> None:
        groups.append(len(desk.groups))
        group.lines.append("arrival")

    for _ in range(10):
        desk.writer.submit(arrival, order=False)
    orders = [desk.submit(f"order {number}") for number in range(3)]
    # When the writer works
    desk.writer.start()
    wait(orders, 10)
    desk.writer.stop()
    # Then the orders are in the first or second group, and each batch has a group of its own
    assert desk.kept.index("order 0") <= 1
    assert desk.kept.index("order 2") - desk.kept.index("order 0") == 2
    assert len(set(groups)) == 10 and desk.kept.count("arrival") == 10


def test_orders_that_keep_coming_do_not_starve_arrivals(desk: Desk):
    # Given a clerk who sends the next order whenever one is answered
    def again(answered: "Future[Any]") -> None:
        if len(desk.kept) < 20:
            desk.submit("order").add_done_callback(again)

    desk.submit("order").add_done_callback(again)
    arrivals = [
        desk.writer.submit(lambda group: group.lines.append("arrival"), order=False) for _ in range(3)
    ]
    # When the writer works
    desk.writer.start()
    wait(arrivals, 10)
    # Then they take turns
    assert desk.kept[:6] == ["order", "arrival"] * 3
