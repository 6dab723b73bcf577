"""What only the local wire does: one file for several processes, kept small, renewed when it breaks."""

import os
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from shared.transport.local import file
from shared.transport.local.wire import LocalWire
from shared.transport.wire import WireDown
from tests.services.network import found_small
from tests.transport.wire_tools import messages, numbers, poll_count

TOPIC = "test.township"
SENDER = """
import sys
from pathlib import Path
from shared.transport.local.wire import LocalWire
from tests.transport.wire_tools import messages
wire = LocalWire(Path(sys.argv[1]))
for start in range(int(sys.argv[3]), int(sys.argv[4]), 10):
    wire.send(messages("test.township", range(start, start + 10), sys.argv[2]))
"""
SENDER_ON_A_FULL_DISK = """
import resource, sys
from pathlib import Path
from shared.transport.local.wire import LocalWire
from shared.transport.wire import WireDown
from tests.transport.wire_tools import message
wire = LocalWire(Path(sys.argv[1]))
wire.ensure_topics(["test.township"])
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
try:
    wire.send([message("test.township", 1, value=b"x" * 1_000_000)])
except WireDown:
    print("down")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
wire.send([message("test.township", 2)])
"""


def in_another_process(program: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)], stdout=subprocess.PIPE, text=True
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "roads" / "wire.sqlite"


def test_processes_share_the_file(path: Path):
    # Given a reader here
    wire = LocalWire(path)
    wire.ensure_topics([TOPIC])
    wire.read_from({TOPIC: None})
    # When two other processes send at the same time
    senders = [in_another_process(SENDER, path, name, 0, 200) for name in ("town-100", "town-101")]
    came = poll_count(wire, 400)
    # Then everything comes, in order per sender
    assert [sender.wait(20) for sender in senders] == [0, 0]
    assert numbers(came, "town-100") == numbers(came, "town-101") == list(range(200))
    wire.close()


def test_a_sender_of_the_same_process_wakes_the_reader_at_once(path: Path, monkeypatch: pytest.MonkeyPatch):
    # Given a reader that would look only once an hour
    monkeypatch.setattr("shared.transport.local.wire.LOOK_EVERY", 3600.0)
    sender, reader = LocalWire(path), LocalWire(path)
    sender.ensure_topics([TOPIC])
    reader.read_from({TOPIC: None})
    timer = threading.Timer(0.1, lambda: sender.send(messages(TOPIC, [1])))
    timer.start()
    # When a wire of this process sends while the reader waits
    came = reader.poll(20.0)
    # Then the message comes
    assert numbers(came) == [1]
    sender.close()
    reader.close()


def test_a_topic_keeps_its_last_messages(path: Path):
    # Given a wire that keeps a hundred messages of a topic
    wire = LocalWire(path, keep=100)
    wire.ensure_topics([TOPIC])
    # When a thousand are sent
    for start in range(0, 1_000, 50):
        wire.send(messages(TOPIC, range(start, start + 50)))
    # Then a new reader gets the last hundred, or a tenth more
    wire.read_from({TOPIC: None})
    came = numbers(poll_count(wire, 100) + wire.poll(0.1))
    assert came == list(range(came[0], 1_000))
    assert 100 <= len(came) <= 110
    wire.close()


def test_a_locked_file_is_a_wire_that_is_down(path: Path, monkeypatch: pytest.MonkeyPatch):
    # Given a file that somebody else holds for writing
    monkeypatch.setattr(file, "BUSY_SECONDS", 0.05)
    wire = LocalWire(path)
    wire.ensure_topics([TOPIC])
    wire.read_from({TOPIC: None})
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    # When a message is sent, then the wire is down
    with pytest.raises(WireDown):
        wire.send(messages(TOPIC, [1]))
    # And when the other lets go, the same message arrives once
    other.close()
    wire.send(messages(TOPIC, [1]))
    assert numbers(poll_count(wire, 1) + wire.poll(0)) == [1]
    wire.close()


def test_a_full_disk_is_a_wire_that_is_down_until_there_is_room(path: Path):
    # Given a process that may not make its files larger, which sends and then may again
    process = in_another_process(SENDER_ON_A_FULL_DISK, path)
    output, _ = process.communicate(timeout=30)
    # Then it was told that the wire is down, and only the second message is there
    assert (process.returncode, output) == (0, "down\n")
    wire = LocalWire(path)
    wire.read_from({TOPIC: None})
    assert numbers(poll_count(wire, 1) + wire.poll(0)) == [2]
    wire.close()


@pytest.mark.parametrize("damage", ["no database", "torn pages"])
def test_a_broken_file_is_put_aside_and_a_new_one_begun(path: Path, damage: str):
    # Given a file with messages that was closed and then damaged
    before = LocalWire(path)
    before.ensure_topics([TOPIC])
    before.send(messages(TOPIC, range(500)))
    identity = before.identities()[TOPIC]
    before.close()
    whole = path.read_bytes()
    path.write_bytes(
        b"no database" * 999 if damage == "no database" else whole[:4096] + os.urandom(len(whole) - 4096)
    )
    # When wires use it again
    wire = LocalWire(path)
    with pytest.raises(WireDown):
        wire.ensure_topics([TOPIC])
    wire.ensure_topics([TOPIC])
    # Then a new file carries, with a new identity, and the broken one is kept for a look
    wire.read_from({TOPIC: None})
    wire.send(messages(TOPIC, [7]))
    assert numbers(poll_count(wire, 1)) == [7]
    assert wire.identities()[TOPIC] != identity
    assert path.with_name("wire.sqlite.broken").exists()
    wire.close()


def test_a_topic_that_is_lost_with_the_file_is_made_again_by_who_knows_it(path: Path):
    # Given a wire that knows a topic
    wire = LocalWire(path)
    wire.ensure_topics([TOPIC])
    before = wire.identities()
    # When the file is gone
    path.unlink()
    # Then the topic is there again, with another identity
    assert wire.identities().keys() == before.keys()
    assert wire.identities() != before
    wire.close()


def test_an_idle_reader_costs_next_to_nothing(path: Path):
    # Given a reader of forty topics with nothing to read
    wire = LocalWire(path)
    topics = [f"test.{number}" for number in range(40)]
    wire.ensure_topics(topics)
    wire.read_from(dict.fromkeys(topics))
    wire.poll(0)
    # When it waits for a second
    started = time.process_time()
    wire.poll(1.0)
    # Then it used less than a twentieth of a processor
    assert time.process_time() - started < 0.05
    wire.close()


def test_files_of_a_network_are_made_closed_to_others_whatever_the_system_s_custom(tmp_path: Path):
    # Given a machine on which new files are open to everybody
    custom = os.umask(0)
    try:
        # When a network is made on it, and its wire is used
        data = found_small(tmp_path / "network")
        LocalWire(data / "wire.sqlite").send(messages(TOPIC, range(3)))
    finally:
        os.umask(custom)
    # Then only its owner comes in, and reads what is kept
    folders = [data, *(data / "nodes").iterdir()]
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}
    kept = [*data.rglob("*.sqlite*"), *data.rglob("keys.json"), *data.rglob("network.toml")]
    assert len(kept) > 10
    assert {path.name: oct(path.stat().st_mode & 0o077) for path in kept} == {
        path.name: "0o0" for path in kept
    }


def test_a_wire_file_that_an_earlier_release_left_open_to_others_is_closed(tmp_path: Path):
    path = tmp_path / "wire.sqlite"
    LocalWire(path).ensure_topics([TOPIC])
    path.chmod(0o644)
    LocalWire(path).ensure_topics([TOPIC])
    assert path.stat().st_mode & 0o077 == 0
