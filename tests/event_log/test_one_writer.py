"""One writer process a node: a second one refuses to start, and takes over when the first has ended."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from psycopg2.errors import LockNotAvailable
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from shared.node.node import Node
from shared.settings.network import read_node
from shared.work.common.order_refusals import Stopped
from shared.work.common.refusals import Refusal
from shared.writer_lease import postgres
from shared.writer_lease.lease import NodeIsRunning
from tests.parts.tiny_network import ALONE, VILLAGE_2, TinyNetwork
from tests.transport.wire_tools import until

OPENS_A_NODE = """
import sys
from pathlib import Path
from shared.writer_lease.lease import NodeIsRunning
from services.nodes import open_node
from shared.settings.network import read_node
try:
    node = open_node(read_node(Path(sys.argv[1]), sys.argv[2]))
except NodeIsRunning as refusal:
    print(refusal)
    sys.exit(3)
print("open", flush=True)
sys.stdin.read()
"""


@contextmanager
def another_process(data: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that opens the village's node and keeps it until it is told to go on."""
    process = subprocess.Popen(
        [sys.executable, "-c", OPENS_A_NODE, str(data), ALONE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def carried_to_another_machine(tiny: TinyNetwork, folder: Path) -> Path:
    """The node's folder with its keys, where no lock of this machine's files reaches it."""
    target = folder / "nodes" / ALONE
    target.mkdir(parents=True)
    for name in ("node.toml", "network.toml", "keys.json", "keyring.sqlite"):
        (target / name).write_bytes((tiny.data / "nodes" / ALONE / name).read_bytes())
    return folder


def test_a_second_process_for_the_same_node_refuses_and_says_why(tiny: TinyNetwork):
    # Given a node that runs here
    tiny.open(ALONE)
    # When another process starts it
    with another_process(tiny.data) as second:
        refusal, code = said(second), second.wait(10)
    # Then it refuses and names the node
    assert ALONE in refusal and "another process" in refusal
    assert code == 3


def test_the_second_may_start_as_soon_as_the_first_was_killed(tiny: TinyNetwork):
    # Given a node that runs in another process
    with another_process(tiny.data) as first:
        assert said(first) == "open"
        with pytest.raises(NodeIsRunning):
            tiny.open(ALONE)
        # When that process is killed
        first.kill()
        first.wait(10)
    # Then the node starts here and takes orders
    (village,) = tiny.open(ALONE)
    assert tiny.register(village, VILLAGE_2)


def test_a_node_that_was_stopped_starts_again_in_the_same_process(tiny: TinyNetwork):
    # Given a node that was opened and stopped twice
    for _ in range(2):
        tiny.open(ALONE)
        tiny.close(ALONE)
    # Then it starts
    (village,) = tiny.open(ALONE)
    assert tiny.register(village, VILLAGE_2)


def test_on_a_server_the_lease_holds_on_every_machine(tiny_on_server: TinyNetwork, tmp_path: Path):
    # Given a node that runs here
    tiny_on_server.open(ALONE)
    # When its folder is started on another machine, then it refuses
    elsewhere = carried_to_another_machine(tiny_on_server, tmp_path / "elsewhere")
    with another_process(elsewhere) as second:
        assert "lease" in said(second)


@pytest.fixture
def lively(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signs of life in quick succession."""
    monkeypatch.setattr(postgres, "RENEW_EVERY", 0.05)


@pytest.fixture
def mute(monkeypatch: pytest.MonkeyPatch) -> None:
    """No sign of life at all, as of a process that is frozen."""
    monkeypatch.setattr(postgres, "RENEW_EVERY", 3_600.0)


@pytest.mark.usefixtures("lively")
def test_every_node_of_a_process_gives_signs_of_life(tiny_on_server: TinyNetwork):
    # Given all nodes of a network in one process
    tiny_on_server.open_all()
    names = [node.name for node in tiny_on_server.plan.nodes]
    # When they had given up hope
    for name in names:
        make_silent(tiny_on_server, name)
    # Then each is heard again
    until(lambda: not any(is_silent(tiny_on_server, name) for name in names))


@pytest.mark.usefixtures("lively")
def test_a_link_that_broke_does_not_cost_the_lease(tiny_on_server: TinyNetwork):
    # Given a node whose sessions at the server were ended
    (village,) = tiny_on_server.open(ALONE)
    before = ask(tiny_on_server, "SELECT epoch FROM writer")
    break_links(tiny_on_server)
    # When an order comes, then it is taken by the same holder
    until(lambda: orders_are_taken(tiny_on_server, village))
    assert ask(tiny_on_server, "SELECT epoch FROM writer") == before
    assert village.lease.stands()


@pytest.mark.usefixtures("mute")
def test_a_writer_that_was_silent_for_too_long_writes_no_more(tiny_on_server: TinyNetwork, tmp_path: Path):
    # Given a node that was not heard, and another machine that took over
    (village,) = tiny_on_server.open(ALONE)
    elsewhere = carried_to_another_machine(tiny_on_server, tmp_path / "elsewhere")
    make_silent(tiny_on_server, ALONE)
    with another_process(elsewhere) as second:
        assert said(second) == "open"
        # When an order comes here, then it is refused, now and for ever
        with pytest.raises(Stopped):
            tiny_on_server.register(village, VILLAGE_2)
        assert village.lease.is_lost() and not village.lease.stands()
    with pytest.raises(Stopped):
        tiny_on_server.register(village, VILLAGE_2)


@pytest.mark.usefixtures("mute")
def test_what_a_silent_writer_has_not_committed_is_ended_by_the_takeover(
    tiny_on_server: TinyNetwork, tmp_path: Path
):
    # Given a writer that fell silent in the middle of a commit, with its lease checked
    (village,) = tiny_on_server.open(ALONE)
    elsewhere = carried_to_another_machine(tiny_on_server, tmp_path / "elsewhere")
    with village.engine.connect() as halfway:
        check(village, halfway)
        make_silent(tiny_on_server, ALONE)
        # When another machine starts the node, then it need not wait
        with another_process(elsewhere) as second:
            assert said(second) == "open"
            # And the commit comes to nothing
            with pytest.raises(OperationalError):
                halfway.commit()


def test_the_lease_cannot_change_hands_while_a_commit_is_under_way(tiny_on_server: TinyNetwork):
    # Given a commit that has checked its lease
    (village,) = tiny_on_server.open(ALONE)
    with village.engine.connect() as halfway:
        check(village, halfway)
        # Then no other session can take the epoch on, and signs of life still pass
        with pytest.raises(LockNotAvailable):
            ask(tiny_on_server, "SET lock_timeout = '200ms'; UPDATE writer SET epoch = epoch + 1 RETURNING 1")
        make_silent(tiny_on_server, ALONE)


def test_a_node_stopped_in_order_leaves_the_lease_at_once(tiny_on_server: TinyNetwork, tmp_path: Path):
    # Given a node that was stopped while this process stays at the server for another one
    tiny_on_server.open(ALONE, "county")
    tiny_on_server.close(ALONE)
    # Then another machine starts it without waiting
    with another_process(carried_to_another_machine(tiny_on_server, tmp_path / "elsewhere")) as second:
        assert said(second) == "open"


def test_a_start_ends_nobody_elses_session(tiny_on_server: TinyNetwork):
    # Given a node that was stopped in order long ago, and somebody at its database who gives no name
    tiny_on_server.open(ALONE)
    tiny_on_server.close(ALONE)
    make_silent(tiny_on_server, ALONE)
    with closing(psycopg2.connect(read_node(tiny_on_server.data, ALONE).database)) as somebody:
        # When the node is started again, then the other session goes on
        tiny_on_server.open(ALONE)
        somebody.cursor().execute("SELECT 1")


def orders_are_taken(tiny: TinyNetwork, node: Node) -> bool:
    try:
        return bool(tiny.register(node, VILLAGE_2))
    except Refusal:
        return False


def make_silent(tiny: TinyNetwork, name: str) -> None:
    """Let the last sign of life of a node's writer lie an hour back."""
    ask(tiny, "UPDATE writer SET renewed_at = now() - interval '1 hour' RETURNING 1", name)


def is_silent(tiny: TinyNetwork, name: str) -> bool:
    return ask(tiny, "SELECT renewed_at < now() - interval '1 minute' FROM writer", name) == [True]


def break_links(tiny: TinyNetwork) -> None:
    """End every other session at the network's database."""
    ask(
        tiny,
        "SELECT pg_terminate_backend(pid, 5000)::int FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )


def ask(tiny: TinyNetwork, query: str, name: str = ALONE) -> list[Any]:
    """The first column of a query in a node's schema, past the node."""
    settings = read_node(tiny.data, name)
    with (
        closing(psycopg2.connect(settings.database)) as connection,
        connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(f'SET search_path TO "{settings.schema}"')
        cursor.execute(query)
        return [row[0] for row in cursor.fetchall()]


def check(node: Node, connection: Connection) -> None:
    """What a commit does before its first change."""
    for statement in node.lease.statements():
        connection.exec_driver_sql(statement)
