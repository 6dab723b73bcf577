"""Crash matrix: a process is killed exactly at each point of its work; nothing acknowledged is lost or double.

On servers three nodes, a process each, with PostgreSQL of the newest version and of one that offices still have; on
one machine all of them in one process. Clerks go on giving orders while a
process dies at a point, is started again, and dies at the point once more: the process that recovers from one crash
is the one that dies next. Where a process may die is in tests/parts/crashing.py, how often in tests/parts/sizes.py.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from shared.settings.limits import Flow
from tests.journeys.conftest import MakeNetwork
from tests.journeys.county import BUREAU, COUNTY_NODE, NODE_OF, TOWN, VILLAGE, fresh_county
from tests.journeys.givers import Giver, at_work, new_givers
from tests.journeys.mortal import Mortal
from tests.journeys.network import Network
from tests.journeys.pulling import CLERKS, HOLDERS
from tests.journeys.waiting import until
from tests.parts.crashing import POINTS
from tests.parts.postgres import running_older_postgres
from tests.parts.sizes import CRASHES, OF_THEM_ON_OLDER
from tests.parts.tiny_network import change_network

REFERS_TO = {VILLAGE: TOWN, TOWN: VILLAGE, BUREAU: TOWN}
"""Whom each unit offers its matters to, so that every node sends facts and receives some."""

RECOVERS_WITHIN = 10.0
"""Longest time from a death to the next acknowledged order, the start included. Unit: seconds (battery, item 3)."""

CLERKS_A_UNIT = 2
"""Clerks who work at each unit, so that an order comes while another one is committed."""

PASSINGS = 3
"""A process dies when it passes its point for the first, second, ... time, by turns. Unit: passings."""


NEWEST, OLDER, ALONE = "servers", "servers with an older PostgreSQL", "one machine"
TIMES = {NEWEST: max(CRASHES - OF_THEM_ON_OLDER, 1), OLDER: OF_THEM_ON_OLDER, ALONE: CRASHES}
"""How often each process dies at each point, by what the network stands on. Unit: deaths."""


@dataclass
class Victims:
    """A network whose processes are killed, with the clerks at its doors."""

    network: Network
    givers: list[Giver]
    facts_before: int

    def clerk(self, unit: str) -> Giver:
        """One of a unit's clerks."""
        return next(giver for giver in self.givers if giver.unit == unit)

    def process(self, unit: str) -> Mortal:
        """The process that runs a unit's node."""
        host = self.network.host(NODE_OF[unit])
        assert isinstance(host, Mortal)
        return host

    def one_unit_a_process(self) -> list[str]:
        """A unit of each process."""
        return list({self.process(giver.unit): giver.unit for giver in self.givers}.values())


@pytest.fixture(scope="module", params=TIMES)
def ground(request: pytest.FixtureRequest) -> str:
    """What the network stands on."""
    return request.param


@pytest.fixture(scope="module")
def server(ground: str) -> Iterator[str | None]:
    """A PostgreSQL that is not the one of all tests; none: that one, or none at all."""
    if ground != OLDER:
        yield None
        return
    with running_older_postgres() as address:
        yield address


@pytest.fixture(scope="module")
def victims(ground: str, server: str | None, make_network: MakeNetwork) -> Victims:
    """A real network at work: a process a node on servers, one for all nodes on one machine."""
    setting = "one machine" if ground == ALONE else "servers"
    county = fresh_county(towns=("101",))
    network = make_network(setting, county, server=server, rehearsal=False, host=Mortal)
    change_network(network.data, flow=Flow(group=1))
    network.run_in_one() if ground == ALONE else network.run_alone(*HOLDERS[VILLAGE])
    network.settle()
    givers = [giver for _ in range(CLERKS_A_UNIT) for giver in new_givers(network, CLERKS)]
    for giver in givers:
        giver.refers_to = network.unit(REFERS_TO[giver.unit])
    return Victims(network, givers, len(network.facts(COUNTY_NODE)))


def die_and_recover(process: Mortal, clerk: Giver, point: str, passings: int) -> float:
    """Let a process die at a point, start it again, and wait for its clerk's next answer; how long that took."""
    process.die_at(point, passings)
    process.wait_for_its_death()
    died, answered = time.monotonic(), len(clerk.answers)
    process.start()
    until(lambda: clerk.has_given(answered + 1), "an answer after a death")
    return time.monotonic() - died


def die_often(victims: Victims, unit: str, point: str, times: int) -> list[float]:
    """Let a process die at a point again and again; the times of its recoveries."""
    process, clerk = victims.process(unit), victims.clerk(unit)
    return [die_and_recover(process, clerk, point, 1 + n % PASSINGS) for n in range(times)]


def all_die_often(victims: Victims, point: str, times: int) -> list[float]:
    """Let every process die at a point again and again in the middle of work, side by side."""
    units = victims.one_unit_a_process()
    with at_work(victims.givers, orders=0), ThreadPoolExecutor(len(units)) as side_by_side:
        recoveries = side_by_side.map(lambda unit: die_often(victims, unit, point, times), units)
        return [seconds for often in recoveries for seconds in often]


def assert_held_once(victims: Victims) -> None:
    """Every acknowledged fact is at every holder, and no node knows any fact twice, or one that nobody ordered."""
    known = {node: Counter(victims.network.facts(node)) for node in HOLDERS[VILLAGE]}
    assert {count for facts in known.values() for count in facts.values()} == {1}
    expected = [(fact, holder) for giver in victims.givers for fact, holder in held_of(giver)]
    assert [(fact, holder) for fact, holder in expected if fact not in known[holder]] == []
    assert len(known[COUNTY_NODE]) - victims.facts_before == sum(map(known_above, victims.givers))


def held_of(giver: Giver) -> Iterator[tuple[UUID, str]]:
    """What a clerk was told to be recorded, with each node that is to hold it."""
    for answer in giver.answers:
        holders = HOLDERS[giver.unit] if is_registered(answer) else referral_holders(giver.unit)
        yield from product(map(UUID, answer["facts"]), holders)


def referral_holders(unit: str) -> set[str]:
    """Who is to hold that a unit referred a matter: those who hold all it records, and whoever gets the matter."""
    return {*HOLDERS[unit], NODE_OF[REFERS_TO[unit]]}


def is_registered(answer: dict[str, Any]) -> bool:
    """Whether an order was a registration; the other ones refer what was registered."""
    return "number" in answer


def known_above(giver: Giver) -> int:
    """How many facts the county is to know of a clerk's work: a matter, its referral, and that it was received."""
    return sum(1 if is_registered(answer) else 2 for answer in giver.answers)


@pytest.mark.parametrize("point", POINTS)
def test_processes_that_die_at_any_point_of_their_work_lose_and_double_nothing(
    victims: Victims, point: str, ground: str, tell: Callable[[str], None]
):
    # Given clerks at work
    # When every process dies at the point, and is started again, and dies there again
    recoveries = all_die_often(victims, point, TIMES[ground])
    tell(
        f"crash matrix, {ground}, {point}: {len(recoveries)} crashes, at work after {max(recoveries):.1f} s at most"
    )
    # Then each was soon at work again
    assert max(recoveries) < RECOVERS_WITHIN, recoveries
    # And nothing that was acknowledged is missing or double
    victims.network.settle()
    assert_held_once(victims)


def test_after_all_of_that_every_chain_signature_and_projection_is_right(victims: Victims):
    victims.network.stop()
    assert victims.network.verify()["findings"] == []
