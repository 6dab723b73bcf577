"""Pull the plug: processes and brokers die while clerks work; nothing acknowledged is lost or double.

Three nodes, a process each: a village, its township, the county. Every fault comes three times in
the middle of work; nobody does anything but start again what was killed, as the supervisor of a
machine does.
"""

from collections import Counter
from collections.abc import Callable

import pytest

from tests.journeys.conftest import MakeNetwork
from tests.journeys.county import BUREAU, COUNTY_NODE, NODE_OF, TOWN, VILLAGE, fresh_county
from tests.journeys.givers import Giver, at_work, new_givers
from tests.journeys.network import Network
from tests.journeys.waiting import until
from tests.parts.kafka import KafkaBroker

TIMES, ORDERS, BEFORE_THE_FAULT = 3, 12, 4
CLERKS = {VILLAGE: "information_officer", TOWN: "petition_clerk", BUREAU: "petition_clerk"}
HOLDERS = {
    VILLAGE: (NODE_OF[VILLAGE], NODE_OF[TOWN], COUNTY_NODE),
    TOWN: (NODE_OF[TOWN], COUNTY_NODE),
    BUREAU: (COUNTY_NODE,),
}
"""Who is to hold what a unit recorded: its own node and the tiers above."""


@pytest.fixture(scope="module")
def living(setting: str, make_network: MakeNetwork) -> Network:
    """A real network of three nodes, a process each."""
    network = make_network(setting, fresh_county(towns=("101",)), rehearsal=False)
    network.run_alone(*HOLDERS[VILLAGE])
    network.settle()
    return network


def pull(network: Network, fault: Callable[[], None]) -> None:
    """Let clerks work and pull the plug in the middle, three times; then count what is there."""
    givers = new_givers(network, CLERKS)
    before = registered(network)
    for _ in range(TIMES):
        started = [len(giver.answers) + BEFORE_THE_FAULT for giver in givers]
        with at_work(givers, orders=ORDERS):
            until(lambda s=started: all(map(Giver.has_given, givers, s)), "some work")
            fault()
    network.settle()
    assert_held_once(network, givers)
    assert registered(network) - before == Counter({g.unit: TIMES * ORDERS for g in givers})
    network.stop()
    assert network.verify()["findings"] == []
    network.start()


def assert_held_once(network: Network, givers: list[Giver]) -> None:
    """Every acknowledged fact is at every holder, and no node knows any fact twice."""
    known = {node: Counter(network.facts(node)) for node in HOLDERS[VILLAGE]}
    assert {count for facts in known.values() for count in facts.values()} == {1}
    missing = {
        (giver.unit, holder): [fact for fact in giver.facts() if fact not in known[holder]]
        for giver in givers
        for holder in HOLDERS[giver.unit]
    }
    assert {where: facts for where, facts in missing.items() if facts} == {}


def registered(network: Network) -> Counter[str]:
    """How many matters each node's own log has."""
    asked = {unit: network.administrator(NODE_OF[unit]) for unit in CLERKS}
    return Counter({u: person.ask("/statusz", tally="true")["registered"] for u, person in asked.items()})


@pytest.mark.parametrize("unit", CLERKS)
def test_a_process_that_is_killed_at_work_has_lost_nothing_that_was_acknowledged(living: Network, unit: str):
    host = living.host(NODE_OF[unit])

    def kill_and_start() -> None:
        host.kill()
        host.start()

    pull(living, kill_and_start)


@pytest.mark.parametrize("setting", ["servers"], indirect=True)
@pytest.mark.parametrize("how", ["frozen", "killed", "wiped"])
def test_a_broker_that_is_frozen_killed_or_wiped_at_work_costs_nothing_but_time(
    living: Network, kafka: KafkaBroker, how: str
):
    def wires_are(state: str) -> None:
        """Each process has noticed: the fault lasted longer than the wire's own deadline."""
        until(lambda: {living.wire_of(node) for node in HOLDERS[VILLAGE]} == {state}, f"a wire {state}")

    def freeze() -> None:
        kafka.freeze()
        wires_are("down")
        kafka.thaw()
        wires_are("up")

    def kill() -> None:
        kafka.kill()
        wires_are("down")
        kafka.restart()

    pull(living, {"frozen": freeze, "killed": kill, "wiped": kafka.wipe}[how])
