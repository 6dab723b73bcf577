"""The sample network as `deploy/up` starts it: one address, accounts that work, found again, stopped cleanly."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.journeys.processes import huiyin

TOP = Path(__file__).resolve().parents[2]
ENDS_WITHIN = 60
"""Longest clean stop of 35 nodes on a busy machine. Unit: seconds."""
ACCOUNT = re.compile(r"^ +(/n/\S+/) +(\S+) +(\S+) +(\S.*)$", re.MULTILINE)


def command(data: Path, port: int = 0, *also: str) -> list[str]:
    options = ["--data", str(data), "--port", str(port), "--empty", *also]
    return [sys.executable, "-m", "services.sample", *options]


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(TOP), "PYTHONUNBUFFERED": "1"}


@contextmanager
def sample(data: Path, *also: str) -> Iterator[str]:
    """What a started sample said, until it told how to stop; it is stopped with Ctrl-C afterwards."""
    with subprocess.Popen(
        command(data, 0, *also), env=environment(), stdout=subprocess.PIPE, text=True
    ) as started:
        assert started.stdout
        said = ""
        while "Ctrl-C" not in said and (line := started.stdout.readline()):
            said += line
        try:
            yield said
        finally:
            started.send_signal(signal.SIGINT)
            rest, _ = started.communicate(timeout=ENDS_WITHIN)
    assert started.returncode == 0
    assert "Stopped" in rest


def address(said: str) -> str:
    return re.findall(r"http://127\.0\.0\.1:\d+", said)[0]


def test_given_a_fresh_folder_when_the_sample_starts_twice_then_the_printed_accounts_sign_in_both_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = given_a_browser(tmp_path, monkeypatch)
    printed: list[list[tuple[str, ...]]] = []
    for _ in range(2):
        with sample(tmp_path / "network", "--open") as said:
            printed.append(signed_in(said))
            assert httpx.get(address(said)).status_code == 200
        # And each time a browser was given the address
        assert opened.read_text() == address(said)
    assert printed[0] == printed[1]


def given_a_browser(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A browser that writes down what it is to open; where."""
    browser, opened = folder / "browser", folder / "opened"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" >{opened}\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    return opened


def signed_in(said: str) -> list[tuple[str, ...]]:
    """The printed accounts, each of which signs in."""
    accounts = ACCOUNT.findall(said)
    assert {login for _, login, _, _ in accounts} == {"village", "township", "county", "supervisor"}
    for page, login, password, _ in accounts:
        credentials = {"login": login, "password": password}
        answer = httpx.post(f"{address(said)}{page}api/session", json=credentials, timeout=ENDS_WITHIN)
        assert answer.status_code == 200, answer.text
    return accounts


def test_given_a_first_start_that_was_cut_off_when_the_sample_starts_again_then_its_accounts_are_made(
    tmp_path: Path,
) -> None:
    # Given a network that was made, and no account yet
    huiyin("init", "--data", tmp_path / "network", "--rehearsal")
    # When the sample starts, then the accounts that it prints sign in
    with sample(tmp_path / "network") as said:
        signed_in(said)
        (told,) = re.findall(r"deploy/huiyin (.*)", said)
    # And the command that it told works on its network
    assert "every chain, tree, signature and projection is right" in huiyin(*shlex.split(told)).stdout


def test_given_a_folder_named_by_the_surroundings_when_a_command_is_run_then_it_looks_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUIYIN_DATA", str(tmp_path / "network"))
    assert str(tmp_path / "network") in huiyin("status", expect=2).stderr


def test_given_a_real_network_when_the_sample_is_started_on_it_then_it_refuses(tmp_path: Path) -> None:
    huiyin("init", "--data", tmp_path / "network")
    done = subprocess.run(
        command(tmp_path / "network"), env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"{tmp_path / 'network'} holds a real network; choose another folder with --data"
    ]


def test_given_a_port_that_is_taken_when_the_sample_starts_then_it_says_so_in_one_line(
    tmp_path: Path,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            command(tmp_path / "network", port),
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"127.0.0.1:{port}: Address already in use; choose another with --port"
    ]
