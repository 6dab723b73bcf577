"""One writer process a node: a second one refuses to start, and takes over when the first has ended."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest

from shared import leases
from shared.casework.refusals import Refusal
from shared.event_log.writer import Stopped
from shared.node import Node, NodeIsRunning
from shared.settings import read_node
from tests.parts.tiny_network import ALONE, VILLAGE_2, TinyNetwork
from tests.transport.wire_tools import until

OPENS_A_NODE = """
import sys
from pathlib import Path
from shared.node import Node, NodeIsRunning
from shared.settings import read_node
try:
    node = Node(read_node(Path(sys.argv[1]), sys.argv[2]))
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


def test_many_nodes_of_a_process_need_one_connection_for_their_leases(tiny_on_server: TinyNetwork):
    # Given all nodes of a network in one process
    tiny_on_server.open_all()
    # Then one session of the server holds the leases of all of them
    assert len(holders(tiny_on_server)) == 1
    # And each lease ends with its node
    tiny_on_server.close(ALONE)
    tiny_on_server.open(ALONE)


def test_a_lost_lease_is_taken_again_before_the_next_write(
    tiny_on_server: TinyNetwork, monkeypatch: pytest.MonkeyPatch
):
    # Given a node whose link to the server broke
    monkeypatch.setattr(leases, "LOOK_EVERY", 0.0)
    (village,) = tiny_on_server.open(ALONE)
    break_links(tiny_on_server)
    # When an order comes
    until(lambda: orders_are_taken(tiny_on_server, village))
    # Then the lease stands again
    assert len(holders(tiny_on_server)) == 1


def test_a_node_whose_lease_another_machine_took_writes_no_more(
    tiny_on_server: TinyNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # Given a node whose link broke, and another machine that was quicker
    monkeypatch.setattr(leases, "LOOK_EVERY", 0.0)
    (village,) = tiny_on_server.open(ALONE)
    elsewhere = carried_to_another_machine(tiny_on_server, tmp_path / "elsewhere")
    break_links(tiny_on_server)
    with another_process(elsewhere) as second:
        assert said(second) == "open"
        # When an order comes here, then it is refused
        with pytest.raises(Stopped):
            tiny_on_server.register(village, VILLAGE_2)


def orders_are_taken(tiny: TinyNetwork, node: Node) -> bool:
    try:
        return bool(tiny.register(node, VILLAGE_2))
    except Refusal:
        return False


def holders(tiny: TinyNetwork) -> list[int]:
    """The sessions that hold leases at the network's database."""
    return _ask(
        tiny,
        "SELECT DISTINCT pid FROM pg_locks JOIN pg_database d ON d.oid = database"
        " WHERE locktype = 'advisory' AND datname = current_database()",
    )


def break_links(tiny: TinyNetwork) -> None:
    """End every other session at the network's database."""
    _ask(
        tiny,
        "SELECT pg_terminate_backend(pid, 5000)::int FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )


def _ask(tiny: TinyNetwork, query: str) -> list[int]:
    connection = psycopg2.connect(read_node(tiny.data, ALONE).database)
    try:
        cursor = connection.cursor()
        cursor.execute(query)
        return [row[0] for row in cursor.fetchall()]
    finally:
        connection.close()
