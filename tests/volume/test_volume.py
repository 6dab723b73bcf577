"""A county's node with very many facts is right, whatever was done with them, and fits a small computer."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.parts.sizes import FACTS

MOST_MEMORY = 500
"""Unit: MB; what a computer of 1 GB has left for a node."""


@pytest.mark.timeout(0)  # no limit: the long size takes hours
def test_given_a_county_with_very_many_facts_when_rebuilt_and_after_a_day_off_then_every_figure_is_right(
    tmp_path: Path, tell: Callable[[str], None]
):
    # Given a county's node that was filled, rebuilt, and off for a day, in a process of its own
    command = [sys.executable, "-m", "tests.volume", "--facts", str(FACTS), "--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    tell(f"volume: {told['facts']} facts of {told['days']} days, peak {told['peak_mb']} MB")
    # Then it has them, every figure is what the villages reported, each time, and it never took much memory
    assert told["facts"] >= FACTS
    assert told["wrong"] == {"filled": [], "rebuilt": [], "caught up": []}
    assert told["peak_mb"] < MOST_MEMORY
