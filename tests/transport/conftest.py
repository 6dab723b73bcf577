"""Roads for the tests of the wires."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path

import pytest

from shared.transport.local_wire import LocalWire
from tests.transport.wire_tools import Road

_numbers = count(1)


class LocalRoad:
    """A file in a folder of the test."""

    def __init__(self, path: Path, closing_time: ExitStack) -> None:
        self.path = path
        self._closing_time = closing_time

    def wire(self) -> LocalWire:
        """A new wire on the file."""
        return self._closing_time.enter_context(closing(LocalWire(self.path)))

    def topic(self) -> str:
        """A topic that no other test uses."""
        return f"test.{next(_numbers)}"

    def wipe(self, topics: Sequence[str]) -> None:
        """Lose the file."""
        self.path.unlink()


@pytest.fixture
def local_road(tmp_path: Path) -> Iterator[Road]:
    """The local wire's medium."""
    with ExitStack() as closing_time:
        yield LocalRoad(tmp_path / "wire.sqlite", closing_time)
