"""`huiyin verify` says how far it is, and can be ended."""

import io
import json
import signal
from contextlib import redirect_stderr

import pytest

from services import looking
from services.terminal import telling
from tests.parts.terminal import huiyin
from tests.parts.tiny_fixtures import founded_on_files, tiny_on_files  # noqa: F401
from tests.parts.tiny_network import ALONE, TinyNetwork


@pytest.fixture
def network(tiny_on_files: TinyNetwork) -> TinyNetwork:  # noqa: F811
    """The small county, nobody runs it."""
    return tiny_on_files


@pytest.fixture(autouse=True)
def handlers_as_before():
    """What ends a command here ends the tests again afterwards."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def test_where_there_is_no_terminal_plain_lines_say_how_far_it_is(network: TinyNetwork):
    said = huiyin("verify", "--data", network.data, "--name", ALONE)
    assert said.code == 0, said.err
    assert said.err.splitlines() == [f"check of {ALONE}: 0 of 6", f"check of {ALONE}: 6 of 6"]


class Terminal(io.StringIO):
    """A standard error that is a terminal."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_a_bar_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TERM", "xterm")
    with redirect_stderr(Terminal()) as terminal, telling() as progress:
        progress("check of county", 3, 6)
    assert "check of county" in terminal.getvalue() and "3/6" in terminal.getvalue()


@pytest.mark.parametrize("as_json", [False, True])
def test_whoever_ends_it_is_told_what_was_looked_at(
    as_json: bool, network: TinyNetwork, monkeypatch: pytest.MonkeyPatch
):
    # Given a check of all nodes that somebody ends while the second is looked at
    checked: list[str] = []
    check = looking.verify_node

    def watched(node, progress, witnessed):
        checked.append(node.name)
        if len(checked) == 2:
            signal.raise_signal(signal.SIGINT)
        return check(node, progress, witnessed)

    monkeypatch.setattr(looking, "verify_node", watched)
    said = huiyin("verify", "--data", network.data, *(["--json"] if as_json else []))
    # Then it says which one it had looked at, and that it is not through
    assert said.code == looking.STOPPED and len(checked) == 2
    if as_json:
        answer = json.loads(said.out)
        assert (answer["nodes"], answer["whole"], answer["findings"]) == (1, False, [])
    else:
        assert f"stopped: 1 of {len(network.plan.nodes)} nodes were looked at ({checked[0]})" in said.out
