"""A real Apache Kafka in one process (KRaft), started, frozen, killed and wiped by tests."""

import base64
import os
import shutil
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tests.parts.java import java
from tests.parts.kafka_jars import kafka_jars

STARTS_WITHIN = 60
"""Longest start. Unit: seconds; 3 s are usual, and after a kill the old session has to end first."""

SESSION = 2
"""How long a killed broker's session lives, and its next start waits. Unit: seconds; Kafka's own 9 only make tests wait."""

SHORT_LIVED = ("-XX:TieredStopAtLevel=1",)
"""Java's options for a broker of some minutes: it compiles little. A start costs 7 s of a core with it instead of 12."""


class KafkaBroker:
    """One broker on a loopback port; `bootstrap` is its address, the same after every restart."""

    def __init__(self, folder: Path, *, options: Sequence[str] = SHORT_LIVED) -> None:
        self.folder = folder
        self._options = options
        self.port, self._controller_port = _free_port(), _free_port()
        self.bootstrap = f"127.0.0.1:{self.port}"
        self._advertised = self.port
        self._settings = folder / "server.properties"
        self._process: subprocess.Popen[bytes] | None = None

    def advertise(self, port: int) -> None:
        """Before the first start: tell clients to come to another loopback port, a link in front."""
        self._advertised, self.bootstrap = port, f"127.0.0.1:{port}"

    def start(self) -> None:
        """Begin with an empty disk."""
        self._format()
        self.restart()

    def restart(self) -> None:
        """Begin with the disk as it was left, and wait until the port answers."""
        log = f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}"
        command = [*_java(*self._options, log), "kafka.Kafka", str(self._settings)]
        with (self.folder / "out.log").open("ab") as out:
            self._process = subprocess.Popen(command, stdout=out, stderr=out)
        self._wait_until_it_answers()

    def freeze(self) -> None:
        """Stop the process as it stands (SIGSTOP)."""
        self._running().send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on (SIGCONT)."""
        self._running().send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it at once (SIGKILL); its disk stays."""
        process = self._running()
        process.kill()
        process.wait()

    def wipe(self) -> None:
        """Kill it if it runs, and begin with an empty disk on the same port."""
        if self._process is not None and self._process.poll() is None:
            self.kill()
        self.start()

    def stop(self) -> None:
        """End it for good."""
        if self._process is not None and self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGCONT)
            self.kill()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("the broker was not started")
        return self._process

    def _format(self) -> None:
        disk = self.folder / "data"
        shutil.rmtree(disk, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "log4j2.properties").write_text(
            "rootLogger.level=warn\nrootLogger.appenderRef.c.ref=C\nappender.c.type=Console\nappender.c.name=C\n"
            "appender.c.layout.type=PatternLayout\nappender.c.layout.pattern=%d %p %m%n\n"
        )
        self._settings.write_text(
            "process.roles=broker,controller\nnode.id=1\n"
            f"controller.quorum.voters=1@127.0.0.1:{self._controller_port}\n"
            f"listeners=PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{self._controller_port}\n"
            f"advertised.listeners=PLAINTEXT://127.0.0.1:{self._advertised}\n"
            "controller.listener.names=CONTROLLER\n"
            f"log.dirs={disk}\nauto.create.topics.enable=false\nnum.partitions=1\n"
            "offsets.topic.replication.factor=1\ntransaction.state.log.replication.factor=1\n"
            "transaction.state.log.min.isr=1\n"
            f"broker.session.timeout.ms={SESSION * 1000}\nbroker.heartbeat.interval.ms={SESSION * 250}\n"
        )
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")
        tool = [*_java(*SHORT_LIVED), "kafka.tools.StorageTool", "format", "-t", cluster]
        subprocess.run([*tool, "-c", str(self._settings)], check=True, capture_output=True)

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + STARTS_WITHIN
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            if self._running().poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Kafka did not start: {(self.folder / 'out.log').read_text()[-2000:]}")
            time.sleep(0.05)  # between two looks at the port, there is nothing to wait on


def _java(*options: str) -> list[str]:
    """How a command of Kafka's begins."""
    return [java(), "-Xmx512m", "-XX:+UseSerialGC", *options, "-cp", f"{kafka_jars()}/*"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
