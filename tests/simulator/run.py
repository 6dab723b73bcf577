"""One seed: a county at work while things go wrong, then healed, settled and judged."""

import logging
import random
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

from services import restoring
from services.nodes import open_node
from shared.node import ground
from shared.node.node import Node
from shared.work.office.restore_report import Report
from shared.writer_lease.lease import NodeIsRunning
from tests.simulator import invariants
from tests.simulator.broker import Broker, SimulatedWire, Weather
from tests.simulator.chance import seeded
from tests.simulator.clerks import Clerks
from tests.simulator.county import LAYOUTS, LIAR, Template, folder_in_memory, found
from tests.simulator.disks import Disks, lose_projections
from tests.simulator.evil import Liar
from tests.simulator.handling import IN_HAND
from tests.simulator.ledger import Ledger
from tests.simulator.process import HandWriterPool, Process, Time, WrongClock
from tests.simulator.state import state_hash
from tests.simulator.trouble import Trouble, at_every_write

T = TypeVar("T")
MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""09:00 in Asia/Shanghai."""
STEPS = 400
"""Steps of a run: about 150 orders, and most kinds of fault once."""
WATCH_EVERY = 20
"""Steps between two looks at what must hold at any moment, also while everything is broken."""
CLOCK_ERROR = 2 * 3600.0
"""Largest error of a node's clock. Unit: seconds."""
WILD = (0.0, 0.02, 0.1, 0.4)
"""How bad the wire of a run may be: largest share of messages that is lost, doubled and held up."""
LIES = 0.15
"""How often a liar, where there is one, says something in a step."""
QUIET_ROUNDS = 4
"""Rounds of a quiet minute: an offer, the request for its keys, and the parcel get through."""
MOVES_AT_MOST = 30
"""Most pieces of one kind of work that a process does in a row; one that finds no end must not hold up the rest."""
ROUNDS_TO_SETTLE = 40
"""Rounds of healing after which a network that has not settled never will; most runs need less than twelve."""
ROUND = 3.0
"""Length of a round of healing. Unit: seconds; requests are repeated every five, lost tails after ten."""


SHORT_ROUNDS, LONG_ROUND = 12, 30.0
"""Later rounds are longer (seconds): the end of a route whose reader was down for long is sent again after 320 s."""


@dataclass(frozen=True)
class Result:
    """What a seed did; `faults` counts what went wrong, `orders` how they were answered, `done` which."""

    seed: int
    steps: int
    faults: dict[str, int]
    orders: dict[str, int]
    done: dict[str, int]
    facts: int
    rounds: int
    hash: str
    violations: list[str]

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return asdict(self)


def run(seed: int, template: Template, steps: int = STEPS) -> Result:
    """Play a seed from its first step to its verdict; a network that was founded with a liar has it at work, too."""
    with quiet(), folder_in_memory() as folder, seeded(seed):
        world = World(seed, template, folder)
        # The tables are there; looking for each of them at every start took a tenth of a run.
        with at_every_write(world.trouble), patch.object(ground, "create_node_tables", lambda *_: None):
            return world.play(steps)


def prepare(folder: Path, *, with_liar: bool = False) -> Template:
    """Found the network and let the directory reach every node; what every seed begins with."""
    (folder / "founded").mkdir()
    template, known = found(folder / "founded", with_liar=with_liar), folder / "known"
    known.mkdir()
    with quiet(), seeded(0):
        world = World(0, template, known)
        world.begin()
        world.heal()
        world.end()
    return replace(template, folder=known)


@contextmanager
def quiet() -> Iterator[None]:
    """No log of all that goes wrong on purpose."""
    logging.disable(logging.CRITICAL)
    try:
        with patch.object(restoring, "line", lambda _: None):
            yield
    finally:
        logging.disable(logging.NOTSET)


class World:
    """Everything of one run; whoever draws from `chance` does so in an order that the seed decides."""

    def __init__(self, seed: int, template: Template, folder: Path) -> None:
        self.seed = seed
        self.chance = random.Random(seed)
        self.time = Time(MONDAY)
        self.trouble = Trouble(self.chance)
        self.broker = Broker(self.chance, self.time.seconds)
        self.settings = template.copy(folder)
        self.clocks = {name: WrongClock(self.time) for name in self.settings}
        self.processes = [self._process(names) for names in self.chance.choice(LAYOUTS)]
        self.ledger = Ledger({name: one.folder for name, one in self.settings.items()})
        self.clerks = Clerks(self.ledger, self.chance)
        self.disks = Disks(template.folder, self.settings, self.ledger)
        self.faults: Counter[str] = Counter()
        self.violations: list[str] = []
        liars = [one for name, one in self.settings.items() if name.endswith(f"-{LIAR}")]
        self.ledger.liar = liars[0].name if liars else ""
        self.liar = (
            Liar(liars[0], self.broker, self.ledger, self.chance, lambda: self.time.now) if liars else None
        )

    def play(self, steps: int) -> Result:
        """Work, heal, judge."""
        try:
            self.begin()
            done = self._work(steps)
            rounds = 0
            if not self.violations:  # the first is the one to look at, and what follows from it hides it
                rounds = self._try("healing", self.heal) or 0
                self.violations += invariants.judge(self)
            return self._result(done, rounds)
        finally:
            self.end()

    def _work(self, steps: int) -> int:
        """The steps of the run; returns how many were done before a mistake ended it."""
        for step in range(steps):
            self._try(f"step {step}", self._step)
            if step % WATCH_EVERY == 0:
                self._try(f"step {step}", self._watch)
            if self.violations:
                return step
        return steps

    def _try(self, what: str, deed: Callable[[], T]) -> T | None:
        try:
            return deed()
        except Exception as mistake:
            self.violations.append(f"{what} failed: {told(mistake)}")
            return None

    def end(self) -> None:
        """Let go of everything."""
        for process in self.processes:
            process.die()
        self.ledger.close()

    def nodes(self) -> list[Node]:
        """Every node that runs."""
        return [node for process in self.processes if process.host for node in process.host.nodes.values()]

    def _process(self, names: tuple[str, ...]) -> Process:
        settings = [self.settings[name] for name in names]
        wire = lambda: SimulatedWire(self.broker, self.trouble, self.chance)  # noqa: E731
        process = Process(settings, self.clocks, wire, self.time)
        process.on_put_back, process.on_restored = self._put_back, self._restored
        return process

    def _put_back(self, node: str) -> None:
        self.disks.put_back(node)

    def _restored(self, node: str, report: Report) -> None:
        self._fault("disk restored")
        self.disks.put_back(node)
        self.disks.restored(node, report)
        self.clerks.look_after_restore(node)

    def begin(self) -> None:
        """Every process starts; the seed decides how bad the wire is."""
        self.ledger.look_everywhere()
        for name in self.clocks:
            self._set_clock(name)
        for process in self.processes:
            process.start()
        wild = self.chance.choice(WILD)
        self.broker.weather = Weather(*(self.chance.random() * wild for _ in range(3)))

    def _set_clock(self, name: str) -> None:
        error = self.chance.uniform(-CLOCK_ERROR, CLOCK_ERROR)
        self.clocks[name].error = timedelta(seconds=round(error, 3))

    def _step(self) -> None:
        self.time.passes(self.chance.choice((0.01, 0.1, 1.0)))
        self.broker.arrive()
        if self.liar and self.chance.random() < LIES:
            self.ledger.look_everywhere()
            self.liar.lie()
            self.liar.answer()
        weights, deeds = zip(*_DEEDS, strict=True)
        self.chance.choices(deeds, weights)[0](self)
        self._collect()

    def _watch(self) -> None:
        self.violations += invariants.at_any_moment(self.ledger)

    def _collect(self) -> None:
        down = frozenset(name for process in self.processes if not process.host for name in process.names)
        self.clerks.collect(lost=down)

    def _running(self) -> Process | None:
        up = [process for process in self.processes if process.host]
        return self.chance.choice(up) if up else None

    def _order(self) -> None:
        running = self._at_work()
        busy = {hand.node for hand in self.ledger.hands.values() if hand.stage in IN_HAND}
        at_work = [node for node in running if node.name in busy]
        if running:
            self.clerks.work(
                self.chance.choice(at_work if at_work and self.chance.random() < 0.5 else running)
            )

    def _at_work(self) -> list[Node]:
        """Nodes that people can give orders to: a process that restores one of its nodes has no pages."""
        open_ = [process for process in self.processes if process.restoring is None]
        return [node for process in open_ if process.host for node in process.host.nodes.values()]

    def _turn(self) -> None:
        waiting = [process for process in self.processes if process.crew.waiting and process.host]
        if waiting:
            self.chance.choice(waiting).step("turn", self.chance)

    def _do(self, what: str) -> None:
        if process := self._running():
            process.step(what, self.chance)

    def _quiet_minute(self) -> None:
        """Nobody orders anything for a while, and what is under way gets on: a clerk is slower than a wire."""
        for _ in range(QUIET_ROUNDS):
            self.time.passes(ROUND)
            for process in self.processes:
                self._move(process)

    def _time_passes(self) -> None:
        self.time.passes(self.chance.choice((10, 600, 6 * 3600, 24 * 3600)))

    def _clock_jumps(self) -> None:
        self._fault("clock jumped")
        self._set_clock(self.chance.choice(list(self.clocks)))

    def _trouble_comes(self) -> None:
        self.trouble.comes()

    def _power_cut(self) -> None:
        if process := self._running():
            self._fault("power cut")
            process.die()

    def _starts(self) -> None:
        down = [process for process in self.processes if not process.host]
        if down:
            self.chance.choice(down).start()

    def _link(self) -> None:
        process = self.chance.choice(self.processes)
        self.faults["link cut"] += not process.is_cut
        process.cut(not process.is_cut)

    def _wipe(self) -> None:
        topics = sorted(self.broker.topics)
        self.broker.wipe(self.chance.sample(topics, self.chance.randint(1, len(topics))) if topics else [])

    def _retention(self) -> None:
        if self.broker.topics:
            self.broker.forget_old(self.chance.choice(sorted(self.broker.topics)))

    def _second_start(self) -> None:
        """Somebody starts a node once more beside the one that runs."""
        process = self._running()
        if process is None:
            return
        self._fault("second start")
        name = self.chance.choice(process.names)
        try:
            open_node(self.settings[name], clock=self.clocks[name], crew=HandWriterPool())
        except NodeIsRunning:
            return
        self.violations.append(f"one writer: {name} was started twice")

    def _projections_lost(self) -> None:
        """A node loses what it can work out again."""
        process = self._running()
        if process is None or process.restoring:
            return
        self._fault("projections lost")
        process.die()
        name = self.chance.choice(process.names)
        lose_projections(self.settings[name].folder)
        process.rebuild(name)

    def _backup(self) -> None:
        """Somebody keeps a copy of a node's database."""
        name = self.chance.choice(list(self.settings))
        if not self.ledger.is_lost(name):
            self.disks.back_up(name)

    def _disk_lost(self) -> None:
        """A node loses its disk: it goes on from its backup and from what others hold of it.

        One at a time: what the only two nodes that hold a fact lose together is lost. Not beside a liar, which never
        says what it holds, so that a person would have to go on without it.
        """
        process = self._running()
        if self.liar or process is None or any(one.restoring for one in self.processes):
            return
        self._fault("disk lost")
        process.die()
        self._collect()
        process.restoring = self.chance.choice(process.names)
        self.disks.lose(process.restoring)
        process.start()

    def _restore(self) -> None:
        """Whoever restores a node gives the command, or it gets further."""
        for process in self.processes:
            if process.restoring:
                process.step("restore", self.chance) if process.host else process.start()

    def _fault(self, kind: str) -> None:
        self.faults[kind] += 1

    def heal(self) -> int:
        """Nothing goes wrong any more; returns the rounds that it took to settle."""
        self.trouble.ends()
        self.broker.weather = Weather()
        self.broker.arrive(all_of_it=True)
        for process in self.processes:
            process.cut(False)
            process.start() if not process.host else None
        for round_ in range(ROUNDS_TO_SETTLE):
            self.time.passes(ROUND if round_ < SHORT_ROUNDS else LONG_ROUND)
            if self.liar:
                self.liar.answer()
                if round_ % 4 == 0:
                    self.liar.send_everything_again()
            moved = [self._round(process) for process in self.processes]
            if not any(moved) and self._is_settled():
                return round_
        self.violations.append(f"settles: not after {ROUNDS_TO_SETTLE} rounds: {self._unsettled()}")
        return ROUNDS_TO_SETTLE

    def _is_settled(self) -> bool:
        restoring = any(process.restoring for process in self.processes)
        return not restoring and all(node.is_settled() for node in self.nodes())

    def _round(self, process: Process) -> bool:
        for node in process.host.nodes.values() if process.host and not process.restoring else ():
            self.clerks.send_again(node)
        process.step("look", self.chance)
        moved = self._move(process)
        self._collect()
        return moved

    def _move(self, process: Process) -> bool:
        """Let a process do all that waits; whether it read anything."""
        moved = process.step("restore", self.chance)
        for what in ("turn", "relay", "read"):
            for _ in range(MOVES_AT_MOST):
                if not process.step(what, self.chance):
                    break
                moved = moved or what == "read"
        return moved

    def _unsettled(self) -> list[str]:
        return [
            f"{node.name} (gaps {list(node.positions.gaps())}, waits for {list(map(str, node.positions.waited_for))})"
            for node in self.nodes()
            if not node.is_settled()
        ]

    def _result(self, steps: int, rounds: int) -> Result:
        faults = self.faults + self.trouble.seen + self.broker.seen
        faults += self.liar.tried if self.liar else Counter[str]()
        orders: Counter[str] = Counter()
        done = Counter(asked.wanted.order.DECLARED.name for asked in self.clerks.asked if asked.answers)
        for asked in self.clerks.asked:
            orders["answered" if asked.answers else "refused" if asked.refusals else "no answer"] += 1
        return Result(
            seed=self.seed,
            steps=steps,
            faults=dict(sorted(faults.items())),
            orders=dict(sorted(orders.items())),
            done=dict(sorted(done.items())),
            facts=len(self.ledger.facts),
            rounds=rounds,
            hash=state_hash(self.settings),
            violations=self.violations,
        )


def told(mistake: Exception) -> str:
    """A mistake and where it happened, in one line."""
    place = traceback.extract_tb(mistake.__traceback__)[-1]
    return f"{mistake!r} at {place.filename}:{place.lineno}"


_DEEDS: tuple[tuple[float, Callable[[World], None]], ...] = (
    (45, World._order),
    (18, World._turn),
    (15, lambda world: world._do("relay")),
    (22, lambda world: world._do("read")),
    (4, lambda world: world._do("look")),
    (6, World._quiet_minute),
    (4, World._time_passes),
    (3, World._starts),
    (4, World._trouble_comes),
    (0.5, World._power_cut),
    (1, World._link),
    (0.5, World._wipe),
    (0.3, World._retention),
    (0.5, World._clock_jumps),
    (0.4, World._second_start),
    (0.2, World._projections_lost),
    (0.5, World._backup),
    (0.15, World._disk_lost),
    (3, World._restore),
)
"""What happens next, with how often."""
