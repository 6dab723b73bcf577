"""What the commands of the terminal share: the network's folder, its nodes one by one, and how to answer."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Annotated, Any

import typer

from services.opening import open_host
from shared.node.node import Node
from shared.settings.network import node_names

LOOK_EVERY = 0.5
"""Longest time before a signal to stop is noticed. Unit: seconds."""

Data = Annotated[Path, typer.Option("--data", envvar="HUIYIN_DATA", help="folder of the network")]
Json = Annotated[bool, typer.Option("--json", help="answer in JSON, for programs")]


def each_node(data: Path, only: str | None = None) -> Iterator[Node]:
    """Each node in turn, opened without its threads. Errors: SettingsMissing, NodeIsRunning."""
    for name in [only] if only else node_names(data):
        host = open_host(data, [name])
        (one,) = host.nodes.values()
        try:
            yield one
        finally:
            one.stop()
            host.wire.close()


def say(as_json: bool, value: Any, text: str) -> None:
    """Answer on the standard output: JSON for programs, text for people."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str) if as_json else text)


def line(text: str) -> None:
    """Tell beside the answer how it goes."""
    typer.echo(text, err=True)


@contextmanager
def stopping() -> Iterator[Event]:
    """An event that Ctrl-C or a termination signal sets, so that everything ends in order."""
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    yield stop
