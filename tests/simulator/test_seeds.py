"""Seeds of the simulator: nothing is lost or double, whatever goes wrong; and a seed is a whole history."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing

import pytest

from shared.work.catalogue import ORDERS
from tests.simulator.evil import DEEDS
from tests.simulator.run import STEPS
from tests.simulator.seeds import play_seeds
from tests.simulator.trouble import AT_COMMIT, AT_SEND

SEEDS = int(os.environ.get("HUIYIN_SIMULATOR_SEEDS", "2000"))
MINUTES = float(os.environ.get("HUIYIN_SIMULATOR_MINUTES", "4"))
"""Most seeds of one run of the tests, and how long it may play them: an eighth of what all tests may
take. A seed takes about four seconds of one core.

The long set plays 100,000: `python -m tests.simulator --seed 1 --count 100000`.
"""
ENOUGH = 50
"""Seeds after which every kind of fault has been there; a machine that plays fewer has shown nothing."""
LIARS = 20
"""Seeds with a node that lies. The long set plays 200: `python -m tests.simulator --liar --seed 1 --count 200`."""
BY_HAND = {"admit-node", "rekey-node", "revoke-node", "begin-anew", "merge-township", "raise-quota"}
"""Orders that go with a folder that is carried; `tests/transport/test_nodes_come_and_go.py` gives them."""
ON_THE_ROAD = ("drop", "double", "delay", "wipe", "retention", "link cut")
AT_A_NODE = ("clock jumped", "power cut", "second start", "projections lost", "disk lost", "disk restored")


@pytest.mark.timeout(3600)
def test_given_a_county_where_everything_goes_wrong_when_it_has_healed_then_every_invariant_holds(
    tell: Callable[[str], None],
):
    # Given a county in which, seed by seed, everything goes wrong
    faults: Counter[str] = Counter()
    orders: Counter[str] = Counter()
    done: Counter[str] = Counter()
    violations: list[str] = []
    played, end = 0, time.monotonic() + MINUTES * 60
    with closing(play_seeds(range(1, SEEDS + 1), processes=2)) as results:
        for result in results:
            played += 1
            faults.update(result.faults)
            orders.update(result.orders)
            done.update(result.done)
            violations += [f"seed {result.seed}: {found}" for found in result.violations]
            if time.monotonic() > end:
                break
    tell(f"simulator: {played} seeds of {STEPS} steps, orders {dict(orders)}, faults {dict(faults)}")
    # Then nothing is wrong in the end, and every kind of order and of fault was there
    assert violations == []
    assert played >= min(SEEDS, ENOUGH)
    assert not {*AT_COMMIT, *AT_SEND, *ON_THE_ROAD, *AT_A_NODE} - faults.keys()
    assert not ORDERS.keys() - done.keys() - BY_HAND


@pytest.mark.timeout(1800)
def test_given_a_node_that_lies_when_everything_has_healed_then_nothing_of_it_is_believed(
    tell: Callable[[str], None],
):
    # Given a county in which an admitted node says what is not its to say, while everything else goes wrong as ever
    results = list(play_seeds(range(1, LIARS + 1), processes=2, with_liar=True))
    deeds = sum((Counter(result.faults) for result in results), Counter[str]())
    tell(f"a node that lies: {len(results)} seeds, {dict(deeds)}")
    # Then nothing of it is believed, no key came to it, those above know who it is, and all others work on
    assert [f"seed {result.seed}: {found}" for result in results for found in result.violations] == []
    # And it did everything that such a node could think of
    assert not {kind for kind, _ in DEEDS} - deeds.keys()


def command(*arguments: str, hash_seed: str = "0") -> "subprocess.CompletedProcess[str]":
    """The simulator as people start it."""
    return subprocess.run(
        [sys.executable, "-m", "tests.simulator", *arguments],
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=False,
    )


def lines(done: "subprocess.CompletedProcess[str]") -> Sequence[dict[str, object]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_given_a_seed_when_it_is_played_twice_then_the_state_hash_is_the_same():
    # Given a seed that was played after another one
    before = command("--seed", "11", "--count", "2", "--json", "--processes", "1", hash_seed="1")
    # When it is played alone, in a process that sorts its sets otherwise
    alone = command("--seed", "12", "--json", "--processes", "1", hash_seed="2")
    # Then it is the same history
    assert before.returncode == alone.returncode == 0, before.stderr + alone.stderr
    assert lines(before)[1:] == lines(alone)
    assert lines(before)[0]["hash"] != lines(alone)[0]["hash"]


def test_given_a_bug_when_a_seed_finds_it_then_it_says_what_and_the_exit_code_is_1():
    # Given the product with a bug
    done = command("--seed", "1", "--processes", "1", "--json", "--planted", "silence is shown as zero")
    # Then the seed shows it
    (found,) = lines(done)
    assert done.returncode == 1
    assert str(found["violations"]).count("zero differs from silent") >= 1
    # And people read the same in words
    told = command("--seed", "1", "--processes", "1", "--planted", "silence is shown as zero")
    assert told.returncode == 1
    assert told.stdout.startswith("seed 1: ")
