"""What the commands of the terminal share: the network's folder, its nodes one by one, and how to answer."""

import json
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from services.opening import open_host
from shared.database.progress import Progress
from shared.node.node import Node
from shared.process.host import Host
from shared.settings.network import node_names

LOOK_EVERY = 0.5
"""Longest time before a signal to stop is noticed. Unit: seconds."""

TELL_EVERY = 5.0
"""Time between two lines about long work, where there is no terminal. Unit: seconds."""

Data = Annotated[Path, typer.Option("--data", envvar="HUIYIN_DATA", help="folder of the network")]
Json = Annotated[bool, typer.Option("--json", help="answer in JSON, for programs")]


def each_node(data: Path, only: str | None = None, *, upgrading: bool = True) -> Iterator[Node]:
    """Each node in turn, opened without its threads. Errors: SettingsMissing, NodeIsRunning.

    Its tables are brought to this release first, unless it is only looked at.
    """
    for name in [only] if only else node_names(data):
        with telling() as progress:
            host = open_host(data, [name], upgrading=upgrading, progress=progress)
        (one,) = host.nodes.values()
        try:
            yield one
        finally:
            one.stop()
            host.wire.close()


def open_telling(data: Path, names: Sequence[str]) -> Host:
    """Nodes of this folder, not started yet, with a word about how far it is when their tables change first."""
    with telling() as progress:
        return open_host(data, names, progress=progress)


def say(as_json: bool, value: Any, text: str) -> None:
    """Answer on the standard output: JSON for programs, text for people."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str) if as_json else text)


def line(text: str) -> None:
    """Tell beside the answer how it goes."""
    typer.echo(text, err=True)


@contextmanager
def telling() -> Iterator[Progress]:
    """How far long work is, beside the answer: a bar on a terminal, plain lines elsewhere, nothing for what is short."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines().tell
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=console, transient=True) as bars:
        tasks = dict[str, TaskID]()

        def step(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=of)
            bars.update(tasks[what], completed=done, total=of)

        yield step


class _Lines:
    """A line when work begins, when it ends, and now and then between."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}

    def tell(self, what: str, done: int, of: int) -> None:
        now = monotonic()
        if what not in self._told or done >= of or now - self._told[what] > TELL_EVERY:
            self._told[what] = now
            line(f"{what}: {done} of {of}")


@contextmanager
def stopping() -> Iterator[Event]:
    """An event that Ctrl-C or a termination signal sets, so that everything ends in order."""
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    yield stop
