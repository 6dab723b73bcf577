"""A rehearsal that was stopped half way is played to its end by the next one, and nothing is done twice."""

import json
import subprocess
import sys
from pathlib import Path

from tests.journeys.conftest import MakeNetwork
from tests.journeys.county import fresh_county
from tests.journeys.processes import huiyin
from tests.journeys.test_sample import environment


def played(data: Path) -> list[str]:
    return ["--data", str(data), "--days", "4", "--seed", "3", "--until", "2026-11-20"]


def test_given_a_rehearsal_killed_in_its_second_day_when_it_is_played_again_then_every_figure_adds_up(
    make_network: MakeNetwork,
) -> None:
    county = fresh_county()
    network, untouched = make_network("one machine", county), make_network("one machine", county)
    command = [sys.executable, "-m", "services.cli", "rehearse", *played(network.data)]
    with subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, text=True) as player:
        assert player.stderr
        assert any("days: 1 of" in line for line in player.stderr)
        player.kill()
    result = json.loads(huiyin("rehearse", *played(network.data), "--json").stdout)
    assert [row for row in result["rows"] if not row["right"]] == []
    huiyin("rehearse", *played(untouched.data), "--json")
    assert network.dump() == untouched.dump()
    assert network.verify()["findings"] == []
