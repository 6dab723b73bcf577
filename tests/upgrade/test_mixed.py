"""Tiers of two releases at work together: the county first, or the townships first; nothing stops or gets lost."""

import json
import subprocess
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.journeys.orders import moment, petition
from tests.journeys.processes import COMMAND, TODAY, huiyin
from tests.upgrade import county, keeping
from tests.upgrade.comparing import compare_tables, unlisted
from tests.upgrade.county import BUREAU, TOWN, VILLAGE
from tests.upgrade.network import TIERS, Network
from tests.upgrade.old_program import LOCK, old_program, python_for
from tests.upgrade.said import rows_of
from tests.upgrade.stories import OPINION

WEEK, LAST_DAY = 5, date(2026, 3, 13)
"""The rehearsed days, a working week, and its Friday."""

MONDAY = LAST_DAY + timedelta(days=3)
TOMORROW = "tests.upgrade.tomorrow"


@pytest.fixture(scope="module", params=keeping.releases())
def release(request: pytest.FixtureRequest) -> str:
    """An earlier release."""
    return request.param


@pytest.fixture
def network(release: str, tmp_path: Path) -> Iterator[Network]:
    """A network that the program of the earlier release makes; all its tiers have that release."""
    old, data = old_program(release), tmp_path / "network"
    huiyin("init", *county.init_arguments(tmp_path, data), program=old)
    with Network(data, dict.fromkeys(TIERS, old)) as made:
        yield made


def run_by_tier(network: Network) -> list[str]:
    """A process a tier, on one road; their addresses, as a rehearsal wants them."""
    for tier in TIERS:
        network.run_tier(tier)
    network.settle()
    nodes = [next(node for node, of in network.tier_of.items() if of == tier) for tier in TIERS]
    return [network.address(node).split("/n/")[0] for node in nodes]


def rehearse(network: Network, release: str, days: int, urls: list[str]) -> dict:
    """Days of work; the people do what the earlier release's people do."""
    options = [part for url in urls for part in ("--url", url)]
    played = ["--days", days, "--seed", 2, "--until", LAST_DAY, "--json"]
    rehearsal = huiyin("rehearse", "--data", network.data, *played, *options, program=old_program(release))
    return json.loads(rehearsal.stdout)


def dump_by(network: Network, release: str) -> dict[str, list]:
    """Every projection as the program of a release says it."""
    return rows_of(huiyin("status", "--data", network.data, "--dump", program=old_program(release)).stdout)


def test_a_new_county_works_a_week_with_old_townships_and_villages(network: Network, release: str):
    # Given townships and villages with an earlier release, and a county that got today's
    network.change("county", TODAY)
    urls = run_by_tier(network)
    # When a week is rehearsed: reports, referrals, objections, excuses, the county's sheet and figures
    result = rehearse(network, release, WEEK, urls)
    # Then all that was acknowledged is kept, and the county's figures are those of all registers
    assert [row for row in result["rows"] if not row["right"]] == []
    assert result["by_order"]["register-matter"] > 100
    # And all is settled: every holder has all of every route, and nobody has parked anything
    states = [network.state(node) for node in network.tier_of]
    assert {state["parked"] for state in states} == {0} and all(state["holes"] == [] for state in states)
    assert all(
        held == route["last"]
        for state in states
        for route in state["routes"]
        for held in route["held"].values()
    )
    # And both programs say the same of every node, the old one first: where today's has opened a node, its projections
    # have today's shape. Every chain, signature and projection is right, as today's program finds; the old one
    # could not replay the county's log, which may hold versions that it does not know.
    network.stop()
    theirs = dump_by(network, release)
    network.command("upgrade")
    ours = rows_of(network.dump())
    assert unlisted(release, compare_tables(theirs, ours, "mixed/dump")) == []
    assert network.verify()["findings"] == []


def test_what_an_old_county_does_not_know_is_parked_counted_and_taken_in_whole_after_its_upgrade(
    network: Network, release: str
):
    # Given an old county and old villages, at work for a day, with townships that got a later release than today's:
    # it records reports in today's version, and an acceptance in one that nobody else knows
    rehearse(network, release, 1, run_by_tier(network))
    network.settle()
    network.stop()
    network.change("township", TODAY, TOMORROW)
    run_by_tier(network)
    before = {node: network.state(node)["parked"] for node in network.tier_of}
    # When a village refers a matter to its township, which accepts it, gives its opinion, and reports its day
    case = _handled_by_the_township(network)
    # Then all three facts are parked and counted at the county, two at the village, and their numbers are held
    after = {node: network.state(node)["parked"] for node in network.tier_of}
    grew = {node: after[node] - before[node] for node in after if after[node] != before[node]}
    assert grew == {"county": 3, "villages-101": 2}
    # And both still see the matter at the last stage that they know, and everybody else works
    office = network.person(BUREAU, "petition_clerk")
    assert office.ask(f"/api/matters/{case}")["line"]["state"] != "answered"
    assert _register(network, VILLAGE, 14)
    # When the county and the villages get that release, on the same folders
    network.stop()
    for tier in TIERS:
        network.change(tier, TODAY, TOMORROW)
    run_by_tier(network)
    # Then what was parked has been taken in whole, and the county knows of the opinion
    assert {network.state(node)["parked"] for node in network.tier_of} == {0}
    hand = network.person(BUREAU, "petition_clerk").ask(f"/api/matters/{case}")["hands"][-1]
    assert (hand["stage"], hand["outcome"]) == ("opinion_given", OPINION["outcome"])
    # And every projection is what a replay of the logs makes of it
    network.stop()
    dump = network.dump()
    assert network.verify()["findings"] == []
    network.command("rebuild")
    assert network.dump() == dump


def _handled_by_the_township(network: Network) -> str:
    """A matter that a township accepted and gave its opinion on; the case."""
    case = _register(network, VILLAGE, 9)
    village, town = network.person(VILLAGE, "information_officer"), network.person(TOWN, "petition_clerk")
    village.order("refer-matter", at=moment(MONDAY, 10), case=case, to=network.unit(TOWN))
    network.settle()
    hand = town.ask(f"/api/matters/{case}")["hands"][-1]["referral"]
    town.order("accept-referral", at=moment(MONDAY, 11), referral=hand)
    town.order("give-opinion", at=moment(MONDAY, 12), referral=hand, **OPINION)
    report = {"unit": network.unit(TOWN), "day": MONDAY.isoformat(), "kind": "daily", "checked": ["phone"]}
    town.order("file-report", at=moment(MONDAY, 13), **report)
    network.settle()
    return case


def _register(network: Network, unit: str, hour: int) -> str:
    """A matter that came to an office, and arrived everywhere; the case."""
    clerk = network.person(unit, "information_officer")
    body = petition(network.unit(unit), MONDAY)
    case = clerk.order("register-matter", at=moment(MONDAY, hour), **body)["case"]
    network.settle()
    return case


def test_an_old_program_runs_from_its_own_sources(release: str, tmp_path: Path):
    # When the program of an earlier release is asked where its parts lie
    old = old_program(release)
    where = [old.python, "-c", "import services.cli; print(services.cli.__file__)"]
    said = subprocess.run(
        where, env=old.environment(), cwd=old.sources, check=True, capture_output=True, text=True
    )
    # Then they are those of its archive, not today's
    assert Path(said.stdout.strip()).is_relative_to(old.sources)
    assert "--rehearsal" in huiyin("init", "--help", program=old).stdout
    assert (old.sources / LOCK).exists() and COMMAND == "services.cli"


def test_a_program_whose_packages_are_not_todays_has_an_environment_of_its_own(tmp_path: Path):
    # Given a lock that differs from today's: one package of it
    lines = (TODAY.sources / LOCK).read_text().splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("tomli-w=="))
    kept = [lines[first], *_hashes(lines[first + 1 :])]
    (lock := tmp_path / "requirements.txt").write_text("\n".join(kept).rstrip("\\ ") + "\n")
    # When a Python for it is asked for, then it has that package and none of today's others
    python = python_for(lock)
    subprocess.run([python, "-c", "import tomli_w"], check=True)
    assert subprocess.run([python, "-c", "import fastapi"], capture_output=True).returncode == 1
    # And today's lock needs none
    assert python_for(TODAY.sources / LOCK) == TODAY.python


def _hashes(lines: list[str]) -> list[str]:
    following = next(number for number, line in enumerate(lines) if "--hash" not in line)
    return lines[:following]
