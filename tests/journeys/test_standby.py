"""A stand-by takes over from a process that was killed or frozen; what was acknowledged is there once.

A village's node has two processes, one at work and one waiting: on servers in a folder of its own, as on
another computer. Every fault comes three times in the middle of work. A clerk whose computer does not
answer sends the same form to the one that does.
"""

import shutil
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from shared.work.common.calendar import day_of
from tests.journeys.conftest import MakeNetwork
from tests.journeys.county import COUNTY_NODE, NODE_OF, TOWN, VILLAGE, fresh_county
from tests.journeys.givers import Giver, at_work, new_givers
from tests.journeys.network import Network
from tests.journeys.orders import petition
from tests.journeys.people import Refused
from tests.journeys.processes import Host
from tests.journeys.waiting import until

TIMES, ORDERS, BEFORE_THE_FAULT = 3, 12, 4
NODE = NODE_OF[VILLAGE]
HOLDERS = (NODE, NODE_OF[TOWN], COUNTY_NODE)
TAKEN_OVER = 2
"""Exit code of a process that cannot go on and says why."""
PATIENT_FOR = 3.0
"""How long a clerk waits for an answer before the form is sent to the other computer. Unit: seconds."""


class Pair:
    """A node's process at work and its stand-by; the clerk follows the one at work."""

    def __init__(self, network: Network, giver: Giver, other_folder: Path) -> None:
        self.network, self.giver = network, giver
        self._folders = [other_folder, network.data]
        self.active, self.waiting = network.host(NODE), self._another()

    def _another(self) -> Host:
        """One more process that waits, in the folder that no process of the node uses."""
        folder = self._folders[0]
        self._folders.reverse()
        number = len(list(folder.parent.glob("stand-by-*")))
        log = folder.parent / f"stand-by-{number}.log"
        made = Host("node", "--data", folder, "--name", NODE, "--standby", log=log)
        made.launch()
        until(lambda: made.says("waiting as a stand-by"), "a stand-by")
        return made

    def change_over(self) -> Host:
        """Wait until the stand-by is at work; the process that was before it."""
        self.waiting.wait_until_it_answers()
        before, self.active = self.active, self.waiting
        self.giver.clerk.http.base_url = self.active.url
        self.network.reach({NODE: self.active.url})
        return before

    def refill(self) -> None:
        """Let another process wait in the place of one that has ended."""
        self.waiting = self._another()

    def order_at(self, host: Host) -> None:
        """Register a matter at one of the two. Errors: Refused, httpx's when nobody answers."""
        clerk, unit = self.giver.clerk.elsewhere(host.url), self.network.unit(VILLAGE)
        clerk.order("register-matter", **petition(unit, day_of(datetime.now(UTC))))

    def end(self) -> None:
        """Stop both."""
        self.waiting.end()
        self.active.end()


@pytest.fixture(scope="module")
def village(
    setting: str, make_network: MakeNetwork, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    """A real network of three nodes, a process each, and a stand-by for the village's."""
    network = make_network(setting, fresh_county(towns=("101",)), rehearsal=False)
    network.run_alone(*HOLDERS)
    network.settle()
    (giver,) = new_givers(network, {VILLAGE: "information_officer"})
    giver.clerk.http.timeout = PATIENT_FOR
    elsewhere = network.data
    if setting == "servers":
        elsewhere = tmp_path_factory.mktemp("elsewhere") / "network"
        shutil.copytree(network.data / "nodes" / NODE, elsewhere / "nodes" / NODE)
    pair = Pair(network, giver, elsewhere)
    yield pair
    pair.end()


def assert_held_once(village: Pair) -> None:
    """Every acknowledged fact is with every holder, no fact is known twice, and every chain is right."""
    village.network.settle()
    acknowledged = village.giver.facts()
    for holder in HOLDERS:
        known = Counter(village.network.facts(holder))
        assert set(known.values()) == {1}
        assert [fact for fact in acknowledged if fact not in known] == []
    assert len(set(acknowledged)) == len(acknowledged) == len(village.giver.answers)


def test_a_stand_by_takes_over_from_a_process_that_was_killed(village: Pair):
    for _ in range(TIMES):
        # Given a clerk at work on a node with a stand-by
        enough = len(village.giver.answers) + BEFORE_THE_FAULT
        with at_work([village.giver], orders=ORDERS):
            until(lambda n=enough: village.giver.has_given(n), "some work")
            # When its process is killed, then the stand-by takes over, and the work goes on
            village.active.kill()
            village.change_over()
        village.refill()
    # And nothing that was acknowledged is missing or double
    assert_held_once(village)


@pytest.mark.parametrize("setting", ["servers"], indirect=True)
def test_a_process_that_was_frozen_finds_itself_replaced_and_ends(village: Pair):
    for _ in range(TIMES):
        enough = len(village.giver.answers) + BEFORE_THE_FAULT
        with at_work([village.giver], orders=ORDERS):
            until(lambda n=enough: village.giver.has_given(n), "some work")
            # Given a process that is frozen in the middle of work, and a stand-by that took over
            village.active.freeze()
            frozen = village.change_over()
        # When it wakes, with an order that waits at its door
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(village.order_at, frozen)
            frozen.thaw()
        # Then it does not take it, says why, and ends
        assert isinstance(waiting.exception(), httpx.TransportError | Refused)
        assert frozen.wait_for_its_end() == TAKEN_OVER
        assert frozen.says("another process took over")
        village.refill()
    assert_held_once(village)


@pytest.mark.parametrize("setting", ["one machine"], indirect=True)
def test_on_one_machine_a_process_that_is_frozen_keeps_its_node(village: Pair):
    # Given a process that is frozen, and a stand-by beside it
    village.active.freeze()
    # When it wakes, then the stand-by still waits, and the order is taken by the one that was frozen
    village.active.thaw()
    with at_work([village.giver], orders=1):
        pass
    assert not village.waiting.says("http://")
    assert_held_once(village)
