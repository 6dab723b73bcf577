"""Roads for the tests of the wires."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from kafka import KafkaAdminClient

from shared.process import rhythm
from shared.process.host import Host
from shared.transport import window
from shared.transport.kafka.wire import KafkaWire
from shared.transport.local.wire import LocalWire
from tests.parts.tiny_fixtures import (  # noqa: F401
    founded_on_files,
    founded_on_server,
    tiny,
    tiny_on_files,
    tiny_on_server,
)
from tests.parts.tiny_network import TinyNetwork
from tests.transport.wire_tools import PATIENCE, Road, until

if TYPE_CHECKING:
    from tests.parts.kafka import KafkaBroker

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


class KafkaRoad:
    """Topics of a running broker."""

    def __init__(self, bootstrap: str, closing_time: ExitStack) -> None:
        self.bootstrap = bootstrap
        self._closing_time = closing_time

    def wire(self, deadline: float = PATIENCE) -> KafkaWire:
        """A new wire to the broker, which may take its time except where a test is about time."""
        return self._closing_time.enter_context(closing(KafkaWire(self.bootstrap, deadline=deadline)))

    def topic(self) -> str:
        """A topic that no other test uses."""
        return f"test.{next(_numbers)}"

    def wipe(self, topics: Sequence[str]) -> None:
        """Lose the topics."""
        with closing(KafkaAdminClient(bootstrap_servers=self.bootstrap)) as admin:
            admin.delete_topics(topics)
            until(lambda: all(topic["error_code"] for topic in admin.describe_topics(topics)))


@pytest.fixture
def broker(kafka: "KafkaBroker") -> Iterator["KafkaBroker"]:
    """The broker of this test run; running again after the test."""
    yield kafka
    kafka.thaw()


@pytest.fixture
def kafka_road(broker: "KafkaBroker") -> Iterator[KafkaRoad]:
    """Apache Kafka."""
    with ExitStack() as closing_time:
        yield KafkaRoad(broker.bootstrap, closing_time)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look around often, so that what heals by itself heals soon."""
    for name, seconds in (("TICK", 0.1), ("ASK_AGAIN", 0.5), ("LONGEST_PAUSE", 0.5)):
        monkeypatch.setattr(rhythm, name, seconds)
    monkeypatch.setattr(window, "TAIL_LOST", 1.0)


@pytest.fixture
def host(tiny: TinyNetwork) -> Iterator[Host]:  # noqa: F811
    """Every node of the small county at work in one process."""
    with tiny.host() as running:
        yield running
