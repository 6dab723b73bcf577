"""`huiyin parked` on the folder of a node that stands still: list, show, retry, discard."""

import json
from typing import Any

import pytest

from shared.transport.wire import Arrived, Place
from tests.journeys.processes import huiyin
from tests.parts.tiny_fixtures import founded_on_files, tiny_on_files  # noqa: F401
from tests.parts.tiny_network import TinyNetwork
from tests.transport.postman import changed, hand
from tests.transport.test_parked import Village

TOWN = "town-100"


@pytest.fixture
def folder(tiny_on_files: TinyNetwork) -> TinyNetwork:  # noqa: F811
    """A township that parked a message of no sense, and a fact that a handler failed on; nothing runs."""
    village = Village(tiny_on_files)
    hand(village.town, [changed(village.letters[0], id="七", value=b"\xff\xfe")])
    village.town.take([Arrived(village.letters[0], Place("by hand", 1))], failed="out of memory").result()
    tiny_on_files.close()
    return tiny_on_files


def command(folder: TinyNetwork, what: str, *more: object, expect: int = 0) -> Any:
    """The command's answer for programs."""
    done = huiyin("parked", what, "--data", folder.data, *more, "--json", expect=expect)
    return json.loads(done.stdout)


def listed(folder: TinyNetwork) -> dict[str, str]:
    return {row["reason"]: row["id"] for row in command(folder, "list", "--name", TOWN)}


def test_each_parked_message_is_listed_with_what_to_do_and_shown_whole(folder: TinyNetwork):
    # Given two parked messages, when they are listed
    rows = command(folder, "list")
    # Then each says where it is, what it is and what to do
    assert {(row["node"], row["reason"]) for row in rows} == {(TOWN, "unreadable"), (TOWN, "handler-failed")}
    assert all(row["what"] and row["advice"] and row["parked_at"] for row in rows)
    # And one can be seen whole
    strange = listed(folder)["unreadable"]
    shown = command(folder, "show", "--name", TOWN, strange)
    assert (shown["value_hex"], shown["headers"]["ce_id"]) == ("fffe", "七")
    assert "ff fe" in huiyin("parked", "show", "--data", folder.data, "--name", TOWN, strange).stdout


def test_what_can_be_taken_is_taken_and_what_cannot_is_given_up_with_a_reason(folder: TinyNetwork):
    parked = listed(folder)
    # When both are tried again, then one is taken in, and the command says which is not
    assert command(folder, "retry", "--name", TOWN, parked["handler-failed"])["taken"]
    assert not command(folder, "retry", "--name", TOWN, parked["unreadable"], expect=1)["taken"]
    # When the other one is given up
    told = ("--name", TOWN, parked["unreadable"], "--reason", "of a trial")
    assert command(folder, "discard", *told)["discarded_by"].endswith("(command)")
    # Then nothing is parked, and it is known who gave it up and why
    assert listed(folder) == {}
    (row,) = command(folder, "list", "--discarded")
    assert (row["id"], row["why"]) == (parked["unreadable"], "of a trial")
    # And nobody can do it twice
    huiyin("parked", "discard", "--data", folder.data, *told, expect=2)


def test_a_node_that_runs_decides_on_its_pages(folder: TinyNetwork):
    # Given the township's node at work, then what is parked can be seen
    folder.open(TOWN)
    parked = listed(folder)["unreadable"]
    assert command(folder, "show", parked, "--name", TOWN)["reason"] == "unreadable"
    # When a command wants to decide, then it is told so in one line
    done = huiyin("parked", "retry", parked, "--data", folder.data, "--name", TOWN, expect=2)
    assert TOWN in done.stderr and "Traceback" not in done.stderr
