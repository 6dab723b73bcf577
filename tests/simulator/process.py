"""One process of the network, moved by hand: its writers' turns, relay, reader and look-around."""

import random
import sqlite3
from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import event, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import Pool

from services.nodes import open_node
from services.restoring import Steps, in_steps
from shared.event_log.writer import WriterPool
from shared.node.node import Node
from shared.process.host import Host
from shared.process.reader import Handed
from shared.settings.clock import Clock
from shared.settings.network import NodeSettings
from shared.transport.wire import Wire, WireDown
from shared.work.common.refusals import Refusal
from shared.work.office.restore_report import Report
from tests.simulator.trouble import Crash

_WAITS_FOR = (WireDown, Refusal, SQLAlchemyError)
"""What the threads of a running host wait and try again for; anything else is a mistake of ours."""


class Time:
    """The true time of a run; every clock follows it, each with its own error."""

    def __init__(self, start: datetime) -> None:
        self.start = self.now = start

    def passes(self, seconds: float) -> None:
        """Go on by so many seconds."""
        self.now += timedelta(seconds=seconds)

    def seconds(self) -> float:
        """Seconds since the start; never goes back."""
        return (self.now - self.start).total_seconds()


class WrongClock(Clock):
    """A node's clock: the true time and its error, which may change while the node runs."""

    def __init__(self, time: Time) -> None:
        self._time = time
        self.error = timedelta(0)

    def now(self) -> datetime:
        return self._time.now + self.error


class HandWriterPool(WriterPool):
    """Does the writers' turns when it is told to, one at a time; `at_once` while a step waits for them."""

    linger = 0.0

    def __init__(self) -> None:
        self.waiting: deque[Callable[[], None]] = deque()
        self.at_once = False

    def do(self, turn: Callable[[], None]) -> None:
        """Take a turn on the list."""
        if self.at_once:
            turn()
        else:
            self.waiting.append(turn)

    def turn(self) -> bool:
        """Do the turn that waits longest; false when none waits. Errors: Crash."""
        if not self.waiting:
            return False
        self.waiting.popleft()()
        return True

    def close(self) -> None:
        """There are no threads."""


class HandHost(Host):
    """A host whose threads are played; `ended` is told when it is stopped."""

    def __init__(self, nodes: list[Node], wire: Wire, crew: WriterPool, ended: Callable[[], None]) -> None:
        super().__init__(nodes, wire, crew)
        self._ended = ended

    def start(self) -> None:
        """Start every node. Errors: Crash, SQLAlchemyError; nothing is open then."""
        try:
            self.start_nodes()
        except BaseException:
            self._ended()
            raise

    def stop(self) -> None:
        """End as a process does that has nothing to finish."""
        self._ended()


class Process:
    """Some nodes in one process; `host` is none while it does not run.

    `restoring` is the node that lost its disk: until it has taken back what others hold, `start` goes on
    with that, and the other nodes of the process run beside it, as on one machine. `on_put_back` is told when
    what came back is in the log, `on_restored` when the command is through.
    """

    def __init__(
        self,
        settings: list[NodeSettings],
        clocks: dict[str, WrongClock],
        wire: Callable[[], Wire],
        time: Time,
    ) -> None:
        self.names = [one.name for one in settings]
        self._settings = settings
        self._clocks = clocks
        self._make_wire = wire
        self._time = time
        self.crew = HandWriterPool()
        self.host: Host | None = None
        self.is_cut = False
        self.restoring: str | None = None
        self.on_put_back: Callable[[str], None] = lambda _: None
        self.on_restored: Callable[[str, Report], None] = lambda *_: None
        self._steps: Steps[Report] | None = None
        self._handed: list[Handed] = []

    def start(self) -> bool:
        """Open the nodes, or go on restoring one; false when that failed and nothing runs."""
        if self.restoring is not None:
            self._steps = in_steps(self._open, self.restoring, self._time.seconds)
            self._go_on_restoring()
            return self.host is not None
        try:
            self._open().start()
        except (Crash, SQLAlchemyError):
            return False
        self.crew.at_once = False
        return True

    def _open(self) -> HandHost:
        """Open the nodes; every turn is done at once until the step ends. Errors: Crash, SQLAlchemyError."""
        nodes: list[Node] = []
        self.crew = HandWriterPool()
        self.crew.at_once = True
        try:
            for one in self._settings:
                restoring = one.name == self.restoring
                nodes.append(
                    open_node(one, clock=self._clocks[one.name], crew=self.crew, restoring=restoring)
                )
        except BaseException:
            _let_go(nodes)
            raise
        self.host = host = HandHost(nodes, self._make_wire(), self.crew, self._let_go)
        self.cut(self.is_cut)
        return host

    def _go_on_restoring(self) -> None:
        """Let the command that restores a node get further; once it is through, the usual work begins."""
        assert self._steps is not None
        try:
            next(self._steps)
            self._look_whether_put_back()
        except StopIteration as done:
            self._restored(done.value)
        except (Crash, SQLAlchemyError, Refusal):
            self.die()  # somebody gives the command again
        finally:
            self.crew.at_once = False

    def _look_whether_put_back(self) -> None:
        assert self.host is not None and self.restoring is not None
        begun = self.host.nodes[self.restoring].begun
        if begun is not None and begun.put_back:
            self.on_put_back(self.restoring)

    def _restored(self, report: Report) -> None:
        name, self.restoring, self._steps = self.restoring, None, None
        assert name is not None
        self.on_restored(name, report)
        self.start()

    def die(self) -> None:
        """Lose what is in memory; what was written stays."""
        self._let_go()
        steps, self._steps = self._steps, None
        if steps is not None:
            steps.close()

    def _let_go(self) -> None:
        if self.host is not None:
            _let_go(list(self.host.nodes.values()))
        self.host, self._handed = None, []

    def rebuild(self, name: str) -> None:
        """Work out the projections of a node again, as `huiyin rebuild` does while nothing else runs."""
        settings = next(one for one in self._settings if one.name == name)
        while not self._rebuilt(settings):
            pass  # a person gives the command again; what goes wrong is counted and ends

    def _rebuilt(self, settings: NodeSettings) -> bool:
        crew = HandWriterPool()
        crew.at_once = True
        nodes: list[Node] = []
        try:
            nodes.append(open_node(settings, clock=self._clocks[settings.name], crew=crew))
            nodes[0].log.start()
            nodes[0].rebuild()
        except (Crash, SQLAlchemyError, Refusal):
            return False
        finally:
            _let_go(nodes)
        return True

    def node(self, name: str) -> Node | None:
        """A node, if it runs."""
        return self.host.nodes[name] if self.host else None

    def cut(self, cut: bool) -> None:
        """Cut the link to the wire, or mend it."""
        self.is_cut = cut
        if self.host is not None:
            self.host.wire.cut = cut  # pyright: ignore[reportAttributeAccessIssue]

    def step(self, what: str, chance: random.Random) -> bool:
        """Do one piece of this process's work; false when there was none, or when it died of it."""
        if self.host is None:
            return False
        try:
            return getattr(self, f"_{what}")(self.host)
        except Crash:
            self.die()
            return False
        finally:
            self.crew.at_once = False

    def _turn(self, host: Host) -> bool:
        """One group of one writer."""
        return self.crew.turn()

    def _relay(self, host: Host) -> bool:
        """Send what waits, once."""
        try:
            return host.send_next(self._time.seconds())
        except _WAITS_FOR:
            return False

    def _read(self, host: Host) -> bool:
        """Poll; or, when the last batch was taken by the writers, note that it was."""
        try:
            if not self._handed:
                self._handed = host.receive(0)
                return bool(self._handed)
            if any(not handed.taken.done() for handed in self._handed):
                return self.crew.turn()
            handed, self._handed = self._handed, []
            self._finish_turns()
            host.finish(handed)
        except _WAITS_FOR:
            host.read_again()
            self._handed = []
            return False
        return True

    def _look(self, host: Host) -> bool:
        """See to gaps, lost tails, wiped topics and unanswered requests."""
        self._finish_turns()
        try:
            host.look_around(self._time.seconds())
        except _WAITS_FOR:
            return False
        return True

    def _restore(self, host: Host) -> bool:
        """Let the command look at what has come, and begin the nodes' usual work once it is through."""
        if self._steps is None:
            return False
        self._finish_turns()
        self._go_on_restoring()
        return True

    def _finish_turns(self) -> None:
        """Do every turn that waits, and from now on each at once: the step that follows waits for them."""
        while self.crew.turn():
            pass
        self.crew.at_once = True


def _let_go(nodes: list[Node]) -> None:
    """Close the files of nodes without letting them finish anything, as the system does with those of a dead process.

    What was on its way has a connection with an open transaction, which nobody gives back.
    """
    for node in nodes:
        for connection in _OPEN.pop(make_url(node.settings.database).database or "", []):
            connection.close()
        node.held.close()


_OPEN: dict[str, list[sqlite3.Connection]] = defaultdict(list)
"""Every connection to a file, by its path."""


@event.listens_for(Pool, "connect")
def _opened(connection: Any, _: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        _OPEN[connection.execute("PRAGMA database_list").fetchone()[2]].append(connection)
