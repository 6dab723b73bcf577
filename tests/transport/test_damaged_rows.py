"""A damaged row in the file of the local wire: it is parked as unreadable, and what stands behind it is taken."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from shared.transport.local.wire import LocalWire
from tests.parts.tiny_network import ALONE, VILLAGE_2, WIRE, TinyNetwork
from tests.transport.postman import known_from, letters, reasons
from tests.transport.wire_tools import messages, poll_count, until

TOPIC = "test.township"
DAMAGE = {
    "headers that are no JSON": "headers = '{'",
    "headers that are no object": "headers = '[1, 2]'",
    "a header that is no text": "headers = '{\"number\": 1}'",
    "headers nested without end": "headers = '" + "[" * 100_000 + "'",
    "headers that are no UTF-8": "headers = CAST(x'ff7b7d' AS TEXT)",
    "headers that are data": "headers = x'00ff'",
    "a key that is data": "key = x'ff'",
    "a key that is no UTF-8": "key = CAST(x'ff' AS TEXT)",
}


def damage(path: Path, what: str, where: str) -> None:
    """Change rows of the file behind the wire's back."""
    with closing(sqlite3.connect(path)) as file, file:
        assert file.execute(f"UPDATE messages SET {what} WHERE {where}").rowcount == 1


@pytest.mark.parametrize("what", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_row_is_handed_on_as_unreadable_and_the_road_goes_on(tmp_path: Path, what: str):
    # Given three messages, of which the second was damaged in the file
    with closing(LocalWire(tmp_path / "wire.sqlite")) as wire:
        wire.ensure_topics([TOPIC])
        wire.send(messages(TOPIC, range(3)))
        damage(tmp_path / "wire.sqlite", what, "offset = 1")
        # When somebody reads
        wire.read_from({TOPIC: None})
        came = poll_count(wire, 3)
    # Then all three come, in their order, and the second says that it cannot be read
    assert [arrived.readable for arrived in came] == [True, False, True]
    assert [arrived.place.offset for arrived in came] == [1, 2, 3]
    assert isinstance(came[1].message.value, bytes)


def test_a_node_parks_a_damaged_row_and_takes_what_comes_behind_it(tiny_on_files: TinyNetwork):
    # Given three matters on their way to a township, and a copy of the first that was damaged in the file of the wire
    (village,) = tiny_on_files.open(ALONE)
    for _ in range(3):
        tiny_on_files.register(village, VILLAGE_2)
    sent = letters(village)
    with closing(LocalWire(tiny_on_files.data / WIRE)) as wire:
        wire.ensure_topics([sent[0].topic])
        wire.send([sent[0], *sent])
    damage(tiny_on_files.data / WIRE, "headers = '{'", f"offset = 0 AND topic = '{sent[0].topic}'")
    # When the township's process reads
    with tiny_on_files.host("town-100") as host:
        town = host.nodes["town-100"]
        until(lambda: len(known_from(town, ALONE)) == len(sent))
        # Then the damaged row is parked, and the matters are here
        assert reasons(town) == ["unreadable"]
