"""The way of one order and of one arriving fact through the files: `python -m tests.architecture.map`.

Read off a running network: a village registers a matter by its JSON door, and the fact travels to its township. A file is
listed where it is entered first, with the function by which it is entered, below the file that enters it. What runs
before (opening, signing in) and what Python calls to make a class or a value is left out. A file that enters another one
passes the order on; the others only answer a question on the way and need not be read to follow it.
"""

import inspect
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

from services.running import running
from shared.settings.network import node_names
from tests.services.network import VILLAGE, Stage, found_small, petition, until

TOP = Path(__file__).parents[2]
ROOMS = (str(TOP / "shared"), str(TOP / "services"))
_MADE = frozenset(
    {
        "<module>",
        "<lambda>",
        "<genexpr>",
        "<listcomp>",
        "<dictcomp>",
        "<setcomp>",
        "__post_init__",
        "__init__",
    }
)
_BESIDE = (
    "shared/process/",
    "shared/transport/",
    "shared/proof/",
    "shared/node/key_requests",
    "shared/node/sending",
    "shared/node/outgoing",
    "shared/node/ways",
    "shared/event_log/node_keys",
)
"""What the relay, the reader, the watch and the proof do meanwhile is not the order's way."""

ARRIVAL, DURABLE = "shared/transport/inbox.py", "shared/transport/receipts.py"
"""Where a fact of another node comes in, and where it is known that it is kept."""


@dataclass(frozen=True)
class Entered:
    """How a file was entered first: its function, and the file that called it (at the beginning of a thread: the one entered before; empty for the first)."""

    function: str
    by: str


Steps = dict[str, Entered]
"""File to how it was entered first, in that order."""


class Trail:
    """Notes each file of the house where a thread enters it first."""

    def __init__(self) -> None:
        self._steps: Steps | None = None
        self._wanted: Callable[[str], bool] = lambda _: True
        self._begins = self._ends = ""

    @contextmanager
    def noting(self, wanted: Callable[[str], bool], *, begins: str = "", ends: str = "") -> Iterator[Steps]:
        """Note the files that are entered meanwhile, of those that are wanted, between two of them if they are named."""
        steps: Steps = {}
        self._steps, self._wanted, self._begins, self._ends = steps, wanted, begins, ends
        yield steps
        self._steps = None

    def hook(self, frame: FrameType, event: str, argument: Any) -> None:
        """What Python calls at every call, in every thread."""
        steps, code = self._steps, frame.f_code
        if (
            steps is None
            or event != "call"
            or not code.co_filename.startswith(ROOMS)
            or code.co_name in _MADE
        ):
            return
        path = code.co_filename.removeprefix(f"{TOP}/")
        if self._begins and path != self._begins:
            return
        self._begins = ""
        if path not in steps and self._wanted(path):
            steps[path] = Entered(code.co_qualname, _caller(frame, path, steps))
        if path == self._ends:
            self._steps = None


def _caller(frame: FrameType, path: str, steps: Steps) -> str:
    """The listed file on whose behalf a file is entered."""
    above = frame.f_back
    while above is not None:
        caller = above.f_code.co_filename.removeprefix(f"{TOP}/")
        if caller != path and caller in steps:
            return caller
        above = above.f_back
    return next(reversed(steps), "")


def passing_on(steps: Steps) -> int:
    """How many files enter another one."""
    return len({step.by for step in steps.values()} & steps.keys())


def ways() -> tuple[Steps, Steps]:
    """The way of a registration up to its answer, and that of its fact at the township."""
    trail = Trail()
    threading.setprofile(trail.hook)
    sys.setprofile(trail.hook)
    try:
        with TemporaryDirectory() as folder:
            data = found_small(Path(folder) / "network")
            with running(data, node_names(data), port=0) as (host, web):
                stage = Stage(host, f"http://127.0.0.1:{web.port}")
                clerk, unit = stage.person(VILLAGE), str(stage.unit(VILLAGE))
                clerk.done("register-matter", petition(unit=unit))
                stage.settle()
                with trail.noting(lambda path: not path.startswith(_BESIDE)) as order:
                    clerk.done("register-matter", petition(unit=unit))
                with trail.noting(_is_arrival, begins=ARRIVAL, ends=DURABLE) as fact:
                    clerk.done("register-matter", petition(unit=unit))
                    until(lambda: all(node.is_settled() for node in host.nodes.values()))
                return dict(order), dict(fact)
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]  # its stub leaves out that none ends it


def _is_arrival(path: str) -> bool:
    """The door and the proof go on meanwhile."""
    return not path.startswith(
        ("shared/web/", "shared/accounts/", "shared/orders/", "shared/proof/", "services/")
    )


def _said(path: str) -> str:
    """The first line of a file's own words."""
    source = (TOP / path).read_text(encoding="utf-8")
    words = inspect.cleandoc(source.split('"""')[1]) if source.startswith('"""') else ""
    return words.splitlines()[0] if words else ""


def told(title: str, steps: Steps) -> Iterator[str]:
    """A way as lines of text, a file below the one that enters it."""
    yield f"{title}: {len(steps)} files, of which {passing_on(steps)} pass it on"
    below: dict[str, list[str]] = {}
    for path, step in steps.items():
        below.setdefault(step.by, []).append(path)

    def lines(of: str, depth: int) -> Iterator[str]:
        for path in below.get(of, []):
            yield f"{'  ' * depth}{path}  {steps[path].function}\n{'  ' * depth}    {_said(path)}"
            yield from lines(path, depth + 1)

    yield from lines("", 1)


def main() -> None:
    """Print both ways."""
    order, fact = ways()
    print(
        "\n".join(
            [
                *told("One order, from the door to its answer", order),
                "",
                *told("One fact, from the wire until it is kept", fact),
            ]
        )
    )


if __name__ == "__main__":
    main()
