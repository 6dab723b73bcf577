"""A host that dies (SIGKILL) exactly at a point of its work, when a test says so; the product has no hooks for it.

Each point is a wrapper around a function of the product. `live` is what a child does that was forked from
a process which has imported everything (`nursery.py`).
"""

import os
import signal
import time
from collections.abc import Callable, Sequence
from functools import partial, wraps
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

from kafka import KafkaProducer

from services import opening
from shared.event_log.flight import Flight, Member
from shared.event_log.group import Group
from shared.event_log.prefetch import Prefetch
from shared.event_log.transaction import Transaction
from shared.event_log.writer import Writer
from shared.proof import making
from shared.proof.making import Maker
from shared.transport.kafka.wire import KafkaWire
from shared.transport.local import file
from shared.transport.local.wire import LocalWire
from shared.transport.messages import is_control
from shared.transport.outbox import Outbox
from tests.parts import forking

BEFORE_LOG, AFTER_LOG = "before the commit of an order", "after the commit of an order"
ON_TOP = "while an order is decided on top of one that is on its way"
BEFORE_SEND, SENDING, AFTER_SEND = "before sending", "while sending", "after sending"
BEFORE_PLACE = "before the place is kept"
BEFORE_INBOX, AFTER_INBOX = "before the commit of arrivals", "after the commit of arrivals"
BEFORE_CHECKPOINT, AFTER_CHECKPOINT = "before a checkpoint is kept", "after a checkpoint is kept"
POINTS = (
    BEFORE_LOG,
    AFTER_LOG,
    ON_TOP,
    BEFORE_SEND,
    SENDING,
    AFTER_SEND,
    BEFORE_PLACE,
    BEFORE_INBOX,
    AFTER_INBOX,
    BEFORE_CHECKPOINT,
    AFTER_CHECKPOINT,
)
"""Where a host may die. Of an order: nothing is kept; it is kept, and not answered; the one before it is being committed, and
it rests on that (in a network whose groups hold one order, so that one more that waits is a whole group). Of facts on their way: nothing is
sent; they are handed to the road, which has not acknowledged them; it has, and the host has not noted it; it has, and
has not kept it. Of arrivals with all that follows from them, and of checkpoints: nothing is kept; they are kept, and
nobody was told."""

FACTS_A_CHECKPOINT = 2
"""Facts that wait for a checkpoint in a host that is to die at one. Unit: facts; a thousand would take minutes."""

WAITS_FOR_ANOTHER = 1.0
"""Longest wait of an order for a second one, in a host that is to die when that is decided. Unit: seconds."""

Pass = Callable[[str], None]


class Death:
    """Waits at one point for its hour, and lets all others pass."""

    def __init__(self) -> None:
        self._point, self._passings = "", 0
        self._lock = Lock()

    def listen(self, test: Connection) -> None:
        """Hear from the test at which passing of which point to come, and confirm it."""
        while True:
            point, passings = test.recv()
            with self._lock:
                self._point, self._passings = point, passings
            if point in (BEFORE_CHECKPOINT, AFTER_CHECKPOINT):
                making.FACTS_A_CHECKPOINT = FACTS_A_CHECKPOINT
            test.send(True)

    def waits_at(self, point: str) -> bool:
        """Whether this process is to die at a point."""
        return point == self._point

    def passed(self, point: str) -> None:
        """This process is at a point; perhaps it goes no further."""
        with self._lock:
            if point != self._point:
                return
            self._passings -= 1
            if not self._passings:
                os.kill(os.getpid(), signal.SIGKILL)


def live(said: Connection, log: Path, arguments: Sequence[str], test: Connection) -> None:
    """Run the `huiyin` command in a child that was forked, which dies where the test says."""
    death = Death()
    for watch in (_watch_commits, _watch_the_road, _watch_places, _watch_checkpoints):
        watch(death.passed)
    _watch_what_is_on_top(death)
    # Orders that wait for a second one hold a thread each, also where two do the work of all nodes.
    opening.WRITERS_ON_FILES = opening.WRITERS_ON_SERVER
    Thread(target=death.listen, args=[test], name="death", daemon=True).start()
    forking.live(said, log, arguments)


def _watch_commits(passed: Pass) -> None:
    """Groups of arrivals, whatever follows from them, and groups of orders that recorded something."""
    commit = Group.commit

    def remembered(self: Group, *_: Any) -> None:
        self._transaction.arrivals = True

    def watched(self: Group) -> None:
        if self._pending.last_own is not None:
            self._transaction.orders = True
        commit(self)

    for taken in ("hold", "receive"):
        _around(Group, taken, before=remembered)
    Group.commit = watched
    Transaction.arrivals = Transaction.orders = False
    before = partial(_pass_commit, passed, BEFORE_INBOX, BEFORE_LOG)
    after = partial(_pass_commit, passed, AFTER_INBOX, AFTER_LOG)
    _around(Transaction, "commit", before=before, after=after)


def _pass_commit(passed: Pass, of_arrivals: str, of_orders: str, transaction: Transaction) -> None:
    if transaction.arrivals or transaction.orders:
        passed(of_arrivals if transaction.arrivals else of_orders)


def _watch_what_is_on_top(death: Death) -> None:
    """Orders that are decided while the one before is committed; the first waits a moment until there is a second."""
    waiting = Event()  # nobody sets it: it ends a look that found nobody

    def another_comes(
        writer: Writer, members: Sequence[Member], before: Flight | None = None, **_: Any
    ) -> None:
        is_first = before is None and isinstance(members[0][0], Prefetch)
        until = time.monotonic() + (WAITS_FOR_ANOTHER if is_first else 0)
        while death.waits_at(ON_TOP) and not writer.waiting() and time.monotonic() < until:
            waiting.wait(0.001)

    def orders_first(writer: Writer) -> None:
        if death.waits_at(ON_TOP):
            writer._others_turn = (
                False  # arrivals, which wait at a busy node at any time, would land what is on its way
            )

    def begins(group: Group, *_: Any, **__: Any) -> None:
        if isinstance(group._before, Flight) and not group._before.is_over:
            death.passed(ON_TOP)

    _around(Writer, "_do", before=another_comes)
    _around(Writer, "_next_group", before=orders_first)
    _around(Group, "expect", before=begins)


def _watch_the_road(passed: Pass) -> None:
    """Messages of facts, on either wire."""
    under_way: list[bool] = []

    def before(wire: object, messages: Sequence[Any]) -> None:
        if any(not is_control(message.headers) for message in messages):
            passed(BEFORE_SEND)
            under_way.append(True)

    def within(*_: Any, **__: Any) -> None:
        if under_way:
            passed(SENDING)

    def after(*_: Any) -> None:
        if under_way:
            under_way.clear()
            passed(AFTER_SEND)

    for wire in (KafkaWire, LocalWire):
        _around(wire, "send", before=before, after=after)
    # The messages are with Kafka's client, which sends them in a thread of its own, and in the open transaction.
    _around(KafkaProducer, "flush", before=within)
    _around(file, "_trim", before=within)


def _watch_places(passed: Pass) -> None:
    """How far a node's routes were sent, known and not kept yet."""
    _around(Outbox, "save", before=lambda *_: passed(BEFORE_PLACE))


def _watch_checkpoints(passed: Pass) -> None:
    _around(Maker, "_keep", before=lambda *_: passed(BEFORE_CHECKPOINT))
    _around(Maker, "_made", before=lambda *_: passed(AFTER_CHECKPOINT))


def _nothing(*_: Any, **__: Any) -> None:
    """Nothing is to be done here."""


def _around(
    of: Any, name: str, *, before: Callable[..., None] = _nothing, after: Callable[..., None] = _nothing
) -> None:
    """Let something be done before and after a function of the product, with the same arguments."""
    wrapped = getattr(of, name)

    @wraps(wrapped)
    def watched(*arguments: Any, **named: Any) -> Any:
        before(*arguments, **named)
        answer = wrapped(*arguments, **named)
        after(*arguments, **named)
        return answer

    setattr(of, name, watched)
